import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { assert, type EpochMs, epochMs } from '../../domain/values/index.js';
import { BooksUnusable } from './errors.js';
import { prepareDatabaseFile, statOrNull } from './database-files.js';
import { damaged, isDamage, isSqliteFailure } from './sqlite-failure.js';

/**
 * The right to be the one process that trades on a data folder. The kernel takes it back on death.
 */
export interface Lease {
  /** Rises with each process that ever had the lease. */
  readonly bootEpoch: number;
  /**
   * Whether the lock is still held, on the file that still bears the name. Synchronous, and quick.
   */
  isHeld(): boolean;
  release(): void;
}

export interface LeaseHolder {
  readonly pid: number;
  readonly startedAtMs: EpochMs;
}

export type LeaseResult =
  | { readonly kind: 'acquired'; readonly lease: Lease }
  | ({ readonly kind: 'held'; readonly bootEpoch: number } & LeaseHolder);

interface HolderRow {
  readonly bootEpoch: number;
  readonly pid: number;
  readonly startedAtMs: number;
}

/**
 * The databases that this process has open, by file. A second descriptor of one, closed again,
 * would drop the locks of the first: that is how POSIX locks work. And a database that nobody
 * refers to is closed by the garbage collector, its lock with it: here it is referred to.
 */
const openDatabases = new Map<string, Sqlite.Database>();

/** Long enough for the holder of the lock to have written its name, short enough for a start. */
const WAIT_MS = 250;

/**
 * Takes the one-writer lock: a write transaction on a small database that stays open for the life
 * of the process. `held` names the process that has it.
 */
export function acquireLease(path: string, holder: LeaseHolder): LeaseResult {
  const file = resolve(path);
  assert(
    !openDatabases.has(file),
    `expected one lease of ${file} in a process, found a second call`,
  );
  prepareDatabaseFile(file);
  const database = new Sqlite(file, { timeout: WAIT_MS });
  openDatabases.set(file, database);
  const close = (): void => {
    database.close();
    openDatabases.delete(file);
  };
  try {
    const bootEpoch = takeLock(database, holder);
    if (bootEpoch !== null) {
      return { kind: 'acquired', lease: openLease(file, database, { bootEpoch, close }) };
    }
    const found = selectHolder(database);
    close();
    return { kind: 'held', ...found };
  } catch (error) {
    close();
    throw isDamage(error) ? damaged(file, error) : error;
  }
}

/**
 * The process that has the one-writer lock; null: nobody. A look takes nothing, and makes no file:
 * who asks for the lock meanwhile waits for longer than a look takes.
 */
export function leaseHolder(path: string): LeaseHolder | null {
  const file = resolve(path);
  const own = openDatabases.get(file);
  if (own !== undefined) return selectHolder(own);
  if (statOrNull(file) === null) return null;
  const database = new Sqlite(file, { timeout: WAIT_MS, fileMustExist: true });
  try {
    database.exec('BEGIN IMMEDIATE; ROLLBACK');
    return null;
  } catch (error) {
    if (isBusy(error)) return selectHolder(database);
    throw isDamage(error) ? damaged(file, error) : error;
  } finally {
    database.close();
  }
}

function openLease(
  file: string,
  database: Sqlite.Database,
  { bootEpoch, close }: { readonly bootEpoch: number; readonly close: () => void },
): Lease {
  const inode = statSync(file).ino;
  return {
    bootEpoch,
    isHeld: () => {
      const isLocked = database.open && database.inTransaction;
      return isLocked && statSync(file, { throwIfNoEntry: false })?.ino === inode;
    },
    release: close,
  };
}

/** Raises the epoch, writes who holds it, and keeps the lock. Null: somebody else has it. */
function takeLock(database: Sqlite.Database, holder: LeaseHolder): number | null {
  try {
    database.exec('BEGIN IMMEDIATE');
    for (;;) {
      const bootEpoch = writeHolder(database, holder);
      database.exec('COMMIT; BEGIN IMMEDIATE');
      // Between the two another process may have had it, and ended.
      if (selectHolder(database).bootEpoch === bootEpoch) return bootEpoch;
    }
  } catch (error) {
    if (isBusy(error)) return null;
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return isSqliteFailure(error) && error.code.startsWith('SQLITE_BUSY');
}

function writeHolder(database: Sqlite.Database, holder: LeaseHolder): number {
  database.exec(
    'CREATE TABLE IF NOT EXISTS "lease" ("only" INTEGER NOT NULL PRIMARY KEY CHECK ("only" = 1), ' +
      '"boot_epoch" INTEGER NOT NULL, "pid" INTEGER NOT NULL, "started_at_ms" BIGINT NOT NULL)',
  );
  const last = database.prepare<[], number>('SELECT max("boot_epoch") FROM "lease"').pluck().get();
  const bootEpoch = (last ?? 0) + 1;
  database
    .prepare('INSERT OR REPLACE INTO "lease" VALUES (1, ?, ?, ?)')
    .run(bootEpoch, holder.pid, holder.startedAtMs);
  return bootEpoch;
}

function selectHolder(database: Sqlite.Database): LeaseHolder & { readonly bootEpoch: number } {
  const row = database
    .prepare<[], HolderRow>(
      'SELECT "boot_epoch" AS "bootEpoch", "pid", "started_at_ms" AS "startedAtMs" FROM "lease"',
    )
    .get();
  if (row === undefined) throw new BooksUnusable('expected the holder of the lease, found none');
  return { bootEpoch: row.bootEpoch, pid: row.pid, startedAtMs: epochMs(row.startedAtMs) };
}
