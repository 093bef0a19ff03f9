import { existsSync, readdirSync } from 'node:fs';
import type { EpochMs } from '../../../domain/values/index.js';
import { BooksBusy, BooksUnusable } from '../errors.js';
import { backupDatabase, type BackupReport } from './backup.js';
import { backupInstant } from './backup-names.js';
import { openPrismaBooks, type PrismaBooks } from './books.js';
import { prepareDatabaseFile, statOrNull } from '../database-files.js';
import { checkFile } from './database-task.js';
import { storeError } from './driver-failure.js';
import { damaged, isSqliteFailure } from '../sqlite-failure.js';
import { applyMigrations, type Migration, planMigrations, readMigrations } from './migrate.js';

export interface DatabaseOptions {
  readonly file: string;
  readonly backupFolder: string;
  /** Names the backup that is made before a migration. */
  readonly nowAtMs: EpochMs;
  /** The steps from an empty database to today's; the committed ones unless given. */
  readonly migrations?: readonly Migration[];
  /** Called with each statement that is sent: for counting. */
  readonly onStatement?: (sql: string) => void;
}

/** How the database does. `down`: nothing can be read, and nothing new may be risked. */
export interface DatabaseHealth {
  readonly status: 'healthy' | 'degraded' | 'down';
  readonly message: string;
  readonly fileBytes: number;
  readonly logBytes: number;
  /** How long one read took. */
  readonly readMs: number;
  readonly lastBackupAtMs: EpochMs | null;
}

/** The database of this process: opened, checked and migrated once, closed once. */
export interface Database {
  readonly books: PrismaBooks;
  /** What opening a sound file did: applied migrations, and the backup made before them. */
  readonly opened: { readonly migrated: readonly string[]; readonly backup: BackupReport | null };
  backup(nowAtMs: EpochMs): Promise<BackupReport>;
  health(): Promise<DatabaseHealth>;
  close(): Promise<void>;
}

/** A read that takes longer than this is worth a warning. */
const READ_MS_WARNING = 50;
/** A log that has grown beyond this was not folded back for long: some reader stands in its way. */
const LOG_BYTES_WARNING = 64 * 1024 * 1024;

/**
 * Opens the books' database: file modes, a check, a backup where a migration is pending, the
 * migrations and another check after them, then the clients with their pragmas read back. Whatever
 * is wrong is `BooksUnusable` with one line that says what to do, and nothing stays open.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { file, backupFolder } = options;
  if (prepareDatabaseFile(file) === 'existing') await requireSound(file);
  const opened = await migrate(options, options.migrations ?? readMigrations('sqlite'));
  const books = await openPrismaBooks(options);
  return {
    books,
    opened,
    backup: (nowAtMs) => backupDatabase({ file, folder: backupFolder, nowAtMs }),
    health: () => healthOf(books, options),
    close: () => books.close(),
  };
}

/** What stands in a file: books of today's version, none yet, or why they cannot be read. */
export type BooksStanding =
  | { readonly kind: 'readable' }
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly message: string };

/** Asked once a read has failed: the driver's own words name neither the file nor what to do. */
export async function booksStanding(file: string): Promise<BooksStanding> {
  try {
    const { applied, pending } = planMigrations(file, readMigrations('sqlite'));
    if (applied.length === 0) return { kind: 'none' };
    await requireSound(file);
    if (pending.length === 0) return { kind: 'readable' };
    const message = `expected books of this version in ${file}, found older ones; run "npm start"`;
    return { kind: 'unreadable', message };
  } catch (error) {
    if (error instanceof BooksUnusable) return { kind: 'unreadable', message: error.message };
    if (!isSqliteFailure(error)) throw error;
    return { kind: 'unreadable', message: damaged(file, error).message };
  }
}

async function requireSound(file: string): Promise<void> {
  const answer = await checkFile(file);
  if (answer.ok) return;
  throw new BooksUnusable(
    `expected a sound database in ${file}, found: ${answer.message}; restore a backup`,
  );
}

async function migrate(
  options: DatabaseOptions,
  migrations: readonly Migration[],
): Promise<Database['opened']> {
  const { file, backupFolder: folder, nowAtMs } = options;
  const { applied, pending } = planMigrations(file, migrations);
  if (pending.length === 0) return { migrated: [], backup: null };
  const backup = applied.length === 0 ? null : await backupDatabase({ file, folder, nowAtMs });
  applyMigrations(file, pending, nowAtMs);
  if (applied.length > 0) await requireSound(file);
  return { migrated: pending.map(({ name }) => name), backup };
}

async function healthOf(books: PrismaBooks, options: DatabaseOptions): Promise<DatabaseHealth> {
  const sizes = {
    fileBytes: statOrNull(options.file)?.size ?? 0,
    logBytes: statOrNull(`${options.file}-wal`)?.size ?? 0,
    lastBackupAtMs: lastBackup(options.backupFolder),
  };
  const startedAtMs = performance.now();
  const fault = await readFault(books);
  const readMs = performance.now() - startedAtMs;
  if (fault !== null || !existsSync(options.file)) {
    const message = fault ?? `expected the database at ${options.file}, found nothing`;
    return { status: 'down', message, readMs, ...sizes };
  }
  if (readMs > READ_MS_WARNING || sizes.logBytes > LOG_BYTES_WARNING) {
    const message = `a read took ${Math.round(readMs)} ms, the log holds ${sizes.logBytes} bytes`;
    return { status: 'degraded', message, readMs, ...sizes };
  }
  return { status: 'healthy', message: 'reads in time', readMs, ...sizes };
}

async function readFault(books: PrismaBooks): Promise<string | null> {
  try {
    await books.accounts();
    return null;
  } catch (error) {
    const known = storeError(error);
    if (known instanceof BooksUnusable || known instanceof BooksBusy) return known.message;
    throw error;
  }
}

function lastBackup(folder: string): EpochMs | null {
  if (!existsSync(folder)) return null;
  const instants = readdirSync(folder).flatMap((name) => backupInstant(name) ?? []);
  return instants.reduce<EpochMs | null>(
    (latest, instant) => (latest === null || instant > latest ? instant : latest),
    null,
  );
}
