import Sqlite from 'better-sqlite3';
import { BooksUnusable } from './errors.js';

export type SqliteFailure = InstanceType<typeof Sqlite.SqliteError>;

export function isSqliteFailure(error: unknown): error is SqliteFailure {
  return error instanceof Sqlite.SqliteError;
}

/** Whether the file itself is wrong: no database, damaged, or on a disk that fails. */
export function isDamage(error: unknown): error is SqliteFailure {
  return isSqliteFailure(error) && /^SQLITE_(NOTADB|CORRUPT|IOERR)/.test(error.code);
}

/** One line for people about a damaged file. */
export function damaged(file: string, error: SqliteFailure): BooksUnusable {
  const message = `expected a sound database in ${file}, found: ${error.message}`;
  return new BooksUnusable(`${message}; restore a backup`, { cause: error });
}
