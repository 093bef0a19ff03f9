import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { applyMigrations, readMigrations } from '../../adapters/store/prisma/migrate.js';
import { columnName } from '../../adapters/store/prisma/sql-text.js';
import { repositoryRoot } from '../support/repository.js';
import { readModels } from './models.js';
import { at } from './rows-fixture.js';

const SQLITE_TYPES = { String: 'TEXT', BigInt: 'BIGINT', Int: 'INTEGER', Boolean: 'BOOLEAN' };

interface ColumnInfo {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly pk: number;
}
interface IndexInfo {
  readonly name: string;
  readonly unique: number;
  readonly partial: number;
  readonly origin: string;
}

function migratedDatabase(): Sqlite.Database {
  const file = join(mkdtempSync(join(tmpdir(), 'ordinis-models-')), 'ordinis.db');
  applyMigrations(file, readMigrations('sqlite'), at(0));
  return new Sqlite(file, { readonly: true });
}

function columnsOf(database: Sqlite.Database, table: string): readonly ColumnInfo[] {
  return database.prepare<[string], ColumnInfo>('SELECT * FROM pragma_table_info(?)').all(table);
}

/** Column lists of the whole indexes of a table: unique ones, or the others. */
function indexesOf(database: Sqlite.Database, table: string, unique: boolean): readonly string[] {
  const lists = database
    .prepare<[string], IndexInfo>('SELECT * FROM pragma_index_list(?)')
    .all(table)
    .filter((index) => index.partial === 0 && index.origin !== 'pk')
    .filter((index) => (index.unique === 1) === unique);
  const names = database.prepare<[string], string>('SELECT name FROM pragma_index_info(?)').pluck();
  return lists.map((index) => names.all(index.name).join(', ')).toSorted();
}

describe('models and migrations', () => {
  const database = migratedDatabase();
  const models = readModels();

  it('tables → those of the models, and the list of applied migrations', () => {
    const tables = database
      .prepare<[], string>(`SELECT name FROM sqlite_master WHERE type = 'table'`)
      .pluck()
      .all();
    const expected = [...models.map((model) => model.table), 'schema_migrations'];
    expect(tables.toSorted()).toEqual(expected.toSorted());
    expect(models).toHaveLength(28);
  });

  it.each(models)('$table: columns, types and keys → those of the model', (model) => {
    const expected = model.fields.map((field) => ({
      name: field.column,
      type: SQLITE_TYPES[field.type],
      notnull: field.optional ? 0 : 1,
    }));
    const columns = columnsOf(database, model.table);
    expect(columns.map(({ name, type, notnull }) => ({ name, type, notnull }))).toEqual(expected);
    const key = columns.filter((column) => column.pk > 0).toSorted((a, b) => a.pk - b.pk);
    expect(key.map((column) => column.name)).toEqual(model.key);
    expect(indexesOf(database, model.table, true)).toEqual(model.uniques.toSorted());
    expect(indexesOf(database, model.table, false)).toEqual(model.indexes.toSorted());
  });

  it.each(models)('$table: every field → mapped to its name with underscores', (model) => {
    expect(model.fields.map((field) => field.column)).toEqual(
      model.fields.map((field) => columnName(field.name)),
    );
  });

  it('64-bit numbers → the unit is in the column name', () => {
    const numbers = models
      .flatMap((model) => model.fields)
      .filter((field) => field.type === 'BigInt');
    const unnamed = numbers.filter((field) => !/_(nanos|micros|ms)$/.test(field.column));
    expect(unnamed).toEqual([]);
    expect(numbers.length).toBeGreaterThan(50);
  });

  it('every table but the accounts → belongs to an account', () => {
    for (const { table } of models.filter((model) => model.table !== 'accounts')) {
      const parents = database
        .prepare<[string], string>('SELECT "table" FROM pragma_foreign_key_list(?)')
        .pluck()
        .all(table);
      expect([table, ...parents]).toContain('accounts');
    }
  });

  it('both databases → the same tables, columns, keys, indexes and views', () => {
    const [sqlite, postgresql] = (['sqlite', 'postgresql'] as const).map((name) =>
      readMigrations(name).map(({ sql }) => neutralText(sql)),
    );
    expect(postgresql).toEqual(sqlite);
  });

  it('the two heads → differ in the name of the database only', () => {
    const head = (name: string): string =>
      readFileSync(join(repositoryRoot, 'prisma', name, 'head.prisma'), 'utf8');
    expect(head('postgresql')).toBe(head('sqlite').replaceAll('sqlite', 'postgresql'));
  });
});

/** Tables and indexes word by word, views by their columns; triggers differ by nature. */
function neutralText(sql: string): readonly string[] {
  const tables = sql.match(/CREATE TABLE [^;]+;/g) ?? [];
  const indexes = sql.match(/CREATE (?:UNIQUE )?INDEX [^;]+;/g) ?? [];
  const views = sql.match(/CREATE VIEW [^;]+;/g) ?? [];
  const columns = views.map((view) => (view.match(/"\w+"(?=,?\n)/g) ?? []).join(' '));
  const neutral = (text: string): string =>
    text.replaceAll('INTEGER NOT NULL PRIMARY KEY', 'SERIAL PRIMARY KEY');
  return [...tables.map(neutral), ...indexes, ...columns];
}
