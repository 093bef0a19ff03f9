import { openAccountBuffer } from '../account-buffer.js';
import { BooksUnusable, CommitUnknown } from '../errors.js';
import type { BooksTransaction } from '../port.js';
import { nextTurn, openSerialQueue } from '../serial-queue.js';
import { lockAccount, storeAccount } from './account-rows.js';
import { appendAudit } from './audit-rows.js';
import type { Client } from './client.js';
import type { OpenedClient } from './connection.js';
import { driverFailureOf, isBusy, isFatal, storeError } from './driver-failure.js';
import { openLockWait } from './lock-wait.js';
import { type Posts, storePosts } from './outbox-rows.js';
import { booksTransaction } from './transaction.js';

/** A callback that takes longer than this has awaited something other than its transaction. */
const TRANSACTION_MS_MAX = 30_000;

/** The one client that writes, and the queue in front of it. */
export interface Writer {
  transaction<Result>(
    account: string,
    write: (transaction: BooksTransaction) => Promise<Result>,
    lockWaitMsMax: number,
  ): Promise<Result>;
  /**
   * Statements of which the first writes, in one transaction: for rows that have no account to
   * lock.
   */
  run<Result>(write: (client: Client) => Promise<Result>, lockWaitMsMax: number): Promise<Result>;
  close(): Promise<void>;
}

type Stage = 'locking' | 'writing' | 'committing';

export function openWriter(opened: OpenedClient): Writer {
  const queue = openSerialQueue(nextTurn);
  let unusable: BooksUnusable | null = null;

  const attempt = async <Result>(
    write: (client: Client, locked: () => void) => Promise<Result>,
  ): Promise<Result> => {
    let stage: Stage = 'locking';
    try {
      const options = { maxWait: TRANSACTION_MS_MAX, timeout: TRANSACTION_MS_MAX };
      return await opened.models.$transaction(async (models) => {
        const client = { models, sql: opened.transactionSql() };
        const result = await write(client, () => {
          stage = 'writing';
        });
        stage = 'committing';
        return result;
      }, options);
    } catch (error) {
      const known = failureOf(error, stage);
      if (known instanceof BooksUnusable && isFatal(driverFailureOf(error))) unusable = known;
      throw known;
    }
  };

  const run = <Result>(
    write: (client: Client, locked: () => void) => Promise<Result>,
    lockWaitMsMax: number,
  ): Promise<Result> => {
    const wait = openLockWait(lockWaitMsMax);
    return queue.run(async () => {
      for (;;) {
        if (unusable !== null) throw unusable;
        wait.check();
        try {
          return await attempt(write);
        } catch (error) {
          // Before the lock was had, nothing was written and the caller's code has not run.
          if (!(error instanceof LockTaken)) throw error;
          await wait.pause(error.cause);
        }
      }
    });
  };

  return {
    run,
    transaction: (account, write, lockWaitMsMax) =>
      run(async (transaction, locked) => {
        const row = await lockAccount(transaction, account);
        locked();
        const buffer = openAccountBuffer(row);
        const posts: Posts = new Map();
        const result = await write(booksTransaction(transaction, buffer, posts));
        await storePosts(transaction, row, posts);
        const flushed = buffer.flush();
        if (flushed !== null) {
          await storeAccount(transaction, flushed.account);
          await appendAudit(transaction, account, flushed.auditRows);
        }
        return result;
      }, lockWaitMsMax),
    close: async () => {
      await queue.idle();
      await opened.close();
    },
  };
}

/** The lock is somebody else's and nothing has happened yet. */
class LockTaken extends Error {}

function failureOf(error: unknown, stage: Stage): unknown {
  const failure = driverFailureOf(error);
  if (stage === 'locking' && isBusy(failure)) return new LockTaken('', { cause: error });
  const known = storeError(error);
  if (stage !== 'committing') return known;
  // A full disk, a taken lock and a constraint refuse the whole commit. Of anything else nobody can
  // say whether the log holds it.
  if (/^SQLITE_(FULL|BUSY|CONSTRAINT)/.test(failure?.code ?? '')) return known;
  return new CommitUnknown('expected an answer to a commit, found none: read again', {
    cause: error,
  });
}
