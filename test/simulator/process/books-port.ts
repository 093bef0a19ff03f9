import { BooksBusy, CommitUnknown } from '../../../adapters/store/errors.js';
import type { Books, BooksReader } from '../../../adapters/store/port.js';
import type { FaultPlan } from '../faults/fault-plan.js';
import type { Chance } from '../time/chance.js';
import { inRealTime } from '../time/virtual-timers.js';
import { microtasksDone, type VirtualTime } from '../time/virtual-time.js';
import { never, type ProcessLife } from './process-life.js';

export interface BooksAccess {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly faults: FaultPlan;
  readonly life: ProcessLife;
  /** Books in memory answer without waiting for anything; a database does wait. */
  readonly isInMemory: boolean;
  readonly afterCommit: () => Promise<void>;
}

const READ_MS = [0.05, 0.6] as const;
const LOCK_MS = [0.1, 2] as const;
const ANSWER_MS = [0.05, 1.5] as const;
/** As many reads and answers come before anybody else can do anything. */
const AT_ONCE_SHARE = 0.5;

/**
 * The books as one process reaches them: each read and each transaction is an event, so that others
 * come in between, and a process may die before a commit, or after it and before knowing.
 */
export function openBooksPort(books: Books, access: BooksAccess): Books {
  const { time, life } = access;
  return {
    transaction: (account, write, options) => {
      if (!life.isAlive) return never();
      return transact(access, () => books.transaction(account, write, options));
    },
    reader: (account) => openReaderPort(books.reader(account), access),
    openAccount: (account) => transact(access, () => books.openAccount(account)),
    accounts: () => books.accounts(),
    onCommit: (listener) =>
      books.onCommit((account, hasPosted) => {
        if (!life.isAlive) return;
        time.after(0.1, { owner: life, label: '' }, () => listener(account, hasPosted));
      }),
  };
}

function transact<Result>(access: BooksAccess, run: () => Promise<Result>): Promise<Result> {
  const { time, chance, life, faults, afterCommit } = access;
  const owner = life;
  return new Promise((resolve, reject) => {
    const answer = (tell: () => void): void => {
      if (chance.hit(AT_ONCE_SHARE)) tell();
      else time.after(chance.between(...ANSWER_MS), { owner, label: '' }, tell);
    };
    time.after(chance.between(...LOCK_MS), { owner, label: '' }, async () => {
      if (faults.hits('books_busy'))
        return answer(() => reject(new BooksBusy('the lock is taken')));
      if (faults.hits('commit_lost', { weight: 0.5 })) {
        return answer(() => reject(new CommitUnknown('no answer to the commit')));
      }
      try {
        const result = await settledNow(access, run);
        await afterCommit();
        const isLost = faults.hits('commit_then_error', { weight: 0.5 });
        if (isLost) answer(() => reject(new CommitUnknown('no answer to the commit')));
        else answer(() => resolve(result));
      } catch (error) {
        answer(() => reject(error instanceof Error ? error : new Error(String(error))));
      }
    });
  });
}

/** Runs a transaction to its end within this event: it may wait for nothing but its own store. */
async function settledNow<Result>(
  { isInMemory }: BooksAccess,
  run: () => Promise<Result>,
): Promise<Result> {
  if (!isInMemory) return inRealTime.run(true, run);
  let isSettled = false;
  const running = run().finally(() => {
    isSettled = true;
  });
  running.catch(() => undefined);
  await microtasksDone();
  if (!isSettled) throw new Error('expected a transaction to await nothing but the transaction');
  return running;
}

type Repository = Readonly<Record<string, unknown>>;

/** Every read is an event of its own. */
function openReaderPort(reader: BooksReader, access: BooksAccess): BooksReader {
  const ported = new Map<string | symbol, unknown>();
  return new Proxy(reader, {
    get: (target, name) => {
      const known = ported.get(name);
      if (known !== undefined) return known;
      const member: unknown = Reflect.get(target, name);
      const made = isRead(member) ? portRead(member, access) : portRepository(member, access);
      ported.set(name, made);
      return made;
    },
  });
}

function portRepository(member: unknown, access: BooksAccess): unknown {
  if (typeof member !== 'object' || member === null) return member;
  const reads = Object.entries(member as Repository).map(([name, read]) => [
    name,
    isRead(read) ? portRead(read, access) : read,
  ]);
  return Object.fromEntries(reads) as Repository;
}

type Read = (...given: readonly unknown[]) => Promise<unknown>;

function isRead(member: unknown): member is Read {
  return typeof member === 'function';
}

function portRead(read: Read, { time, chance, life, isInMemory }: BooksAccess): Read {
  return (...given) => {
    if (!life.isAlive) return never();
    if (isInMemory && chance.hit(AT_ONCE_SHARE)) return read(...given);
    return new Promise((resolve, reject) => {
      time.after(chance.between(...READ_MS), { owner: life, label: '' }, async () => {
        try {
          const answer = isInMemory ? read(...given) : inRealTime.run(true, () => read(...given));
          resolve(await answer);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  };
}
