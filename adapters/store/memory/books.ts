import { assert } from '../../../domain/values/index.js';
import { openAccountBuffer } from '../account-buffer.js';
import { openCommitListeners } from '../commit-listeners.js';
import { BooksBusy, CommitUnknown } from '../errors.js';
import { newAccountRow, openingCashEntry } from '../new-account.js';
import type { AccountRow, Books, BooksTransaction } from '../port.js';
import { openSerialQueue } from '../serial-queue.js';
import { type AccountTables, ONLY, openAccountTables, stageTables } from './account-tables.js';
import { booksReader } from './reader.js';
import { booksTransaction } from './transaction.js';

/**
 * What goes wrong with a transaction. `busy`: the lock is not had and nothing runs. `error`: the
 * commit fails and nobody knows that nothing was written. `commit_then_error`: it is written, and
 * nobody knows.
 */
export type MemoryFault = 'busy' | 'error' | 'commit_then_error';

export interface MemoryBooksOptions {
  /** Asked once for each transaction, before it begins; null lets it pass. */
  readonly nextFault?: (account: string) => MemoryFault | null;
}

/**
 * Books that last as long as the process: with the constraints, the order and the isolation of
 * real ones.
 */
export function openMemoryBooks(options: MemoryBooksOptions = {}): Books {
  const accounts = new Map<string, AccountTables>();
  const queue = openSerialQueue();
  const listeners = openCommitListeners();
  return {
    transaction: async (account, write) => {
      const fault = options.nextFault?.(account) ?? null;
      let hasPosted = false;
      const posted = (): void => {
        hasPosted = true;
      };
      const result = await queue.run(() => {
        const tables = accounts.get(account);
        assert(tables !== undefined, `expected the account ${account} to be open, found none`);
        return runTransaction(tables, write, { fault, posted });
      });
      listeners.notify(account, hasPosted);
      return result;
    },
    // An account that is opened later shows its rows to readers that were made before.
    reader: (account) => booksReader(tablesOf(accounts, account)),
    openAccount: async (opened) => {
      const recorded = await queue.run(async () => {
        const tables = tablesOf(accounts, opened.account);
        const { staged, apply } = stageTables(tables);
        const inserted = staged.account.insertOnce(ONLY, newAccountRow(opened));
        if (inserted === 'repeated') return inserted;
        const entry = openingCashEntry(opened);
        staged.cash.put(entry.entryId, entry);
        apply();
        return inserted;
      });
      if (recorded === 'recorded') listeners.notify(opened.account, false);
      return recorded;
    },
    accounts: async () => {
      const rows = [...accounts.values()].flatMap((tables) => tables.account.get(ONLY) ?? []);
      return rows.toSorted((left, right) => (left.account < right.account ? -1 : 1));
    },
    onCommit: (listener) => listeners.add(listener),
  };
}

function tablesOf(accounts: Map<string, AccountTables>, account: string): AccountTables {
  const tables = accounts.get(account) ?? openAccountTables();
  accounts.set(account, tables);
  return tables;
}

async function runTransaction<Result>(
  tables: AccountTables,
  write: (transaction: BooksTransaction) => Promise<Result>,
  { fault, posted }: { readonly fault: MemoryFault | null; readonly posted: () => void },
): Promise<Result> {
  if (fault === 'busy') throw new BooksBusy('expected the write lock of the books, found it taken');
  const stored = tables.account.get(ONLY);
  assert(stored !== undefined, 'expected the account to be open, found none');
  const locked: AccountRow = { ...stored, version: stored.version + 1 };
  const { staged, apply } = stageTables(tables);
  const buffer = openAccountBuffer(locked);
  const result = await write(booksTransaction({ tables: staged, buffer, posted }));
  const flushed = buffer.flush();
  staged.account.put(ONLY, flushed?.account ?? locked);
  for (const row of flushed?.auditRows ?? []) staged.audit.put(String(row.sequence), row);
  if (fault !== 'error') apply();
  if (fault !== null) throw new CommitUnknown('expected an answer to a commit, found none');
  return result;
}
