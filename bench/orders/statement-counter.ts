/** Counts what is sent to the database of the books. */
export interface StatementCounter {
  /** To be called with the text of each statement. */
  readonly note: (sql: string) => void;
  /** Counts from here on; the returned function tells what there was until it is called. */
  begin(): () => StatementCount;
  /** Resolves when nothing was sent for a moment: the outbox has delivered what was posted. */
  untilQuiet(): Promise<void>;
}

/** Shorter than the second after which an idle outbox looks again. */
const QUIET_MS = 250;

export interface StatementCount {
  /** BEGIN and COMMIT included. */
  readonly statements: number;
  /** Transactions that wrote: each commit is one sync of the books' log. */
  readonly commits: number;
}

export function openStatementCounter(): StatementCounter {
  let statements = 0;
  let commits = 0;
  let sentAtMs = performance.now();
  return {
    note: (sql) => {
      sentAtMs = performance.now();
      statements += 1;
      if (sql === 'COMMIT') commits += 1;
    },
    begin: () => {
      const before = { statements, commits };
      return () => ({
        statements: statements - before.statements,
        commits: commits - before.commits,
      });
    },
    untilQuiet: async () => {
      for (;;) {
        const leftMs = sentAtMs + QUIET_MS - performance.now();
        if (leftMs <= 0) return;
        await new Promise((resolve) => setTimeout(resolve, leftMs));
      }
    },
  };
}
