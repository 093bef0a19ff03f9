import { notingPosts, openCommitListeners } from '../commit-listeners.js';
import { newAccountRow, openingCashEntry } from '../new-account.js';
import type { Books, BooksTransaction, NewAccount, Recorded } from '../port.js';
import { accountColumns, accountRow } from './account-rows.js';
import { cashEntryColumns } from './cash-rows.js';
import type { Client } from './client.js';
import { openClient, type OpenedClient } from './connection.js';
import { booksReader } from './reader.js';
import { insertOnce } from './statements.js';
import { ACCOUNTS, CASH_ENTRIES } from './tables.js';
import { openWriter } from './writer.js';

const LOCK_WAIT_MS_DEFAULT = 5_000;

/** Books that can be closed. Calls after `close` are refused. */
export interface PrismaBooks extends Books {
  close(): Promise<void>;
}

export interface PrismaBooksOptions {
  /** A database file that `migrate` has prepared. */
  readonly file: string;
  /** Called with each statement that is sent, BEGIN and COMMIT included: for counting. */
  readonly onStatement?: (sql: string) => void;
}

/**
 * Opens the books on a prepared file: one client that writes, used by `transaction` alone, and one
 * read-only client for everybody else, so that no plain call ever joins an open transaction.
 */
export async function openPrismaBooks(options: PrismaBooksOptions): Promise<PrismaBooks> {
  const { file, onStatement } = options;
  const writing = await openClient({ file, readonly: false, onStatement });
  const reading = await openReadingClient(writing, options);
  const writer = openWriter(writing);
  const listeners = openCommitListeners();
  return {
    transaction: async (account, write, waiting = {}) => {
      const lockWaitMsMax = waiting.lockWaitMsMax ?? LOCK_WAIT_MS_DEFAULT;
      let hasPosted = false;
      const noted = (transaction: BooksTransaction) =>
        write(
          notingPosts(transaction, () => {
            hasPosted = true;
          }),
        );
      const result = await writer.transaction(account, noted, lockWaitMsMax);
      listeners.notify(account, hasPosted);
      return result;
    },
    reader: (account) => booksReader(reading, account),
    openAccount: async (account) => {
      const recorded = await writer.run(
        (client) => createAccount(client, account),
        LOCK_WAIT_MS_DEFAULT,
      );
      if (recorded === 'recorded') listeners.notify(account.account, false);
      return recorded;
    },
    accounts: async () => {
      const stored = await reading.models.account.findMany({ orderBy: { account: 'asc' } });
      return stored.map(accountRow);
    },
    onCommit: (listener) => listeners.add(listener),
    close: async () => {
      // The writer last: the last connection folds the log back, and only a writing one can.
      await reading.close();
      await writer.close();
    },
  };
}

async function openReadingClient(
  writing: OpenedClient,
  { file, onStatement }: PrismaBooksOptions,
): Promise<OpenedClient> {
  try {
    return await openClient({ file, readonly: true, onStatement });
  } catch (error) {
    await writing.close();
    throw error;
  }
}

async function createAccount(client: Client, opened: NewAccount): Promise<Recorded> {
  const recorded = await insertOnce(client, ACCOUNTS, accountColumns(newAccountRow(opened)));
  if (recorded === 'repeated') return recorded;
  const entry = cashEntryColumns(opened.account, openingCashEntry(opened));
  return insertOnce(client, CASH_ENTRIES, entry);
}
