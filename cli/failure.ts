/** The command was used wrongly: exit code 2, nothing was started. One line for each fault. */
export class UsageFault extends Error {
  override readonly name = 'UsageFault';
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

/** The command could not do what it was asked to: exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

/** The books are there, and no account in them yet: the first start has not come that far. */
export class NoAccountYet extends CommandFailure {
  constructor() {
    super(['expected an account in the books, found none; run "npm start" first']);
  }
}

/** Exit codes that scripts may rely on. */
export const EXIT = { fine: 0, failure: 1, wrongUse: 2, interrupted: 130 } as const;

/** Who throws something that is no error gets an error that says so. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The first line that says anything: what fits where one line is promised. */
export function firstLineOf(error: unknown): string {
  const lines = messageOf(error).split('\n');
  return lines.find((line) => line.trim() !== '') ?? 'an error without words';
}
