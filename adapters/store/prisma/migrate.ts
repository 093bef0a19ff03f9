import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { type EpochMs, formatInstant } from '../../../domain/values/index.js';
import { BooksUnusable } from '../errors.js';
import { damaged, isDamage } from '../sqlite-failure.js';

/** One committed step from an empty database to the tables of today. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  /**
   * SHA-256 of the text. What was applied may never change: a later change is a later migration.
   */
  readonly checksum: string;
}

/** What a database has, and what it still needs. */
export interface MigrationPlan {
  readonly applied: readonly string[];
  readonly pending: readonly Migration[];
}

interface AppliedRow {
  readonly name: string;
  readonly checksum: string;
}

const FILE_NAME = /^\d{4}_[a-z0-9_]+\.sql$/;
const LOCK_WAIT_MS = 5_000;

/** The committed migrations of a database, in order. */
export function readMigrations(database: 'sqlite' | 'postgresql'): readonly Migration[] {
  const folder = new URL(`../../../prisma/migrations/${database}/`, import.meta.url);
  const names = readdirSync(folder).filter((name) => FILE_NAME.test(name));
  return names.sort().map((name) => {
    const sql = readFileSync(new URL(name, folder), 'utf8');
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

/**
 * Compares a database with the committed migrations. Books of a newer version, books whose applied
 * migrations were changed since, and files that are not ours are `BooksUnusable`.
 */
export function planMigrations(file: string, migrations: readonly Migration[]): MigrationPlan {
  return withDatabase(file, (database) => {
    const applied = appliedRows(database, file);
    applied.forEach((row, index) => checkApplied(row, migrations[index]));
    return {
      applied: applied.map((row) => row.name),
      pending: migrations.slice(applied.length),
    };
  });
}

/** Applies pending migrations, each in a transaction with its entry in `schema_migrations`. */
export function applyMigrations(
  file: string,
  pending: readonly Migration[],
  nowAtMs: EpochMs,
): void {
  withDatabase(file, (database) => {
    database.exec(
      'CREATE TABLE IF NOT EXISTS "schema_migrations" ' +
        '("name" TEXT NOT NULL PRIMARY KEY, "checksum" TEXT NOT NULL, "applied_at" TEXT NOT NULL)',
    );
    const record = database.prepare('INSERT INTO "schema_migrations" VALUES (?, ?, ?)');
    for (const { name, sql, checksum } of pending) {
      const apply = database.transaction(() => {
        database.exec(sql);
        record.run(name, checksum, formatInstant(nowAtMs));
      });
      apply.immediate();
    }
  });
}

function appliedRows(database: Sqlite.Database, file: string): readonly AppliedRow[] {
  const tables = database
    .prepare<[], string>(`SELECT "name" FROM "sqlite_master" WHERE "type" = 'table'`)
    .pluck()
    .all();
  if (tables.length === 0) return [];
  if (!tables.includes('schema_migrations')) {
    throw new BooksUnusable(
      `expected the books of Ordinis in ${file}, found another database; name another folder`,
    );
  }
  return database
    .prepare<[], AppliedRow>('SELECT "name", "checksum" FROM "schema_migrations" ORDER BY "name"')
    .all();
}

function checkApplied(applied: AppliedRow, committed: Migration | undefined): void {
  if (committed === undefined || committed.name > applied.name) {
    throw new BooksUnusable(
      `expected books of this version, found migration ${applied.name} of another: ` +
        'start the version that made them, or restore a backup',
    );
  }
  if (committed.name !== applied.name || committed.checksum !== applied.checksum) {
    throw new BooksUnusable(
      `expected migration ${committed.name} as it was applied, found it changed: ` +
        'restore the file and put the change into a new migration',
    );
  }
}

function withDatabase<Result>(file: string, use: (database: Sqlite.Database) => Result): Result {
  const database = new Sqlite(file, { timeout: LOCK_WAIT_MS });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    return use(database);
  } catch (error) {
    throw isDamage(error) ? damaged(file, error) : error;
  } finally {
    database.close();
  }
}
