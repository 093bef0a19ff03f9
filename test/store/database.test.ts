import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyAudit } from '../../adapters/store/audit.js';
import { BooksUnusable } from '../../adapters/store/errors.js';
import {
  backupDatabase,
  booksStanding,
  type Database,
  openDatabase,
  restoreDatabase,
} from '../../adapters/store/prisma/index.js';
import {
  applyMigrations,
  planMigrations,
  readMigrations,
} from '../../adapters/store/prisma/migrate.js';
import { newFolder } from './open-books.js';
import { ACCOUNT, alertRow, at, auditEntry, newAccount, orderRow } from './rows-fixture.js';

let folder: string;
let file: string;
let backupFolder: string;
let openedDatabases: Database[];

const open = async (): Promise<Database> => {
  const database = await openDatabase({ file, backupFolder, nowAtMs: at(0) });
  openedDatabases.push(database);
  return database;
};
const closeAll = async (): Promise<void> => {
  for (const database of openedDatabases.splice(0)) await database.close();
};
const modeOf = (path: string): number => statSync(path).mode & 0o777;
const refusal = async (attempt: Promise<unknown>): Promise<string> => {
  const error = await attempt.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(BooksUnusable);
  expect(String(error).split('\n')).toHaveLength(1);
  return String(error);
};

beforeEach(() => {
  folder = join(newFolder(), 'data');
  file = join(folder, 'ordinis.db');
  backupFolder = join(folder, 'backups');
  openedDatabases = [];
});
afterEach(async () => {
  await closeAll();
  rmSync(folder, { recursive: true, force: true });
});

describe('openDatabase', () => {
  it('an empty folder → migrated, healthy, files 0600 in a 0700 folder', async () => {
    const database = await open();
    expect(database.opened).toEqual({ migrated: ['0001_books.sql'], backup: null });
    await database.books.openAccount(newAccount());
    expect(modeOf(folder)).toBe(0o700);
    const modes = readdirSync(folder).map((name) => `${name} ${modeOf(join(folder, name))}`);
    expect(modes.filter((line) => !line.endsWith(` ${0o600}`))).toEqual([]);
    const health = await database.health();
    expect(health).toMatchObject({ message: expect.any(String), lastBackupAtMs: null });
    expect(['healthy', 'degraded']).toContain(health.status);
    expect(health.fileBytes).toBeGreaterThan(0);
  });

  it('a second time → nothing to migrate, the rows are there', async () => {
    await (await open()).books.openAccount(newAccount());
    await closeAll();
    const database = await open();
    expect(database.opened).toEqual({ migrated: [], backup: null });
    expect(await database.books.accounts()).toHaveLength(1);
  });

  it('modes that others can read → repaired', async () => {
    await open();
    await closeAll();
    chmodSync(folder, 0o755);
    chmodSync(file, 0o644);
    await open();
    expect([modeOf(folder), modeOf(file)]).toEqual([0o700, 0o600]);
  });

  it('a link in place of the file → refused', async () => {
    await open();
    await closeAll();
    renameSync(file, `${file}.moved`);
    symlinkSync(`${file}.moved`, file);
    expect(await refusal(open())).toContain('expected a plain file');
  });

  const damages: readonly (readonly [string, (path: string) => void])[] = [
    ['text', (path) => writeFileSync(path, 'not a database, but long enough to be read as one')],
    ['pages overwritten', (path) => writeFileSync(path, overwritten(readFileSync(path)))],
    ['its second half cut off', (path) => writeFileSync(path, firstHalf(readFileSync(path)))],
  ];
  it.each(damages)(
    'a file with %s → BooksUnusable, one line that says what to do',
    async (_how, damage) => {
      await (await open()).books.openAccount(newAccount());
      await closeAll();
      damage(file);
      expect(await refusal(open())).toMatch(/expected a sound database in .*; restore a backup$/);
    },
  );

  it('why a read fails: sound, none yet, and what cannot be read', async () => {
    await open();
    await closeAll();
    expect(await booksStanding(file)).toEqual({ kind: 'readable' });
    const empty = join(folder, 'empty.db');
    writeFileSync(empty, '');
    expect(await booksStanding(empty)).toEqual({ kind: 'none' });
    for (const [, damage] of damages) {
      const copy = join(folder, 'copy.db');
      copyFileSync(file, copy);
      damage(copy);
      expect(await booksStanding(copy)).toEqual({
        kind: 'unreadable',
        message: expect.stringMatching(/^expected a sound database in .*; restore a backup$/),
      });
    }
    expect(await booksStanding(folder)).toMatchObject({ kind: 'unreadable' });
  });

  it('another program’s database → BooksUnusable, left as it was', async () => {
    mkdirSync(folder);
    const other = new Sqlite(file);
    other.exec('CREATE TABLE notes (text TEXT)');
    other.close();
    expect(await refusal(open())).toContain('found another database');
  });
});

describe('migrations', () => {
  const [first] = readMigrations('sqlite');
  if (first === undefined) throw new Error('expected a first migration');
  const second = { name: '0002_more.sql', sql: 'CREATE TABLE more (a TEXT)', checksum: 'b' };

  beforeEach(async () => {
    await open();
    await closeAll();
  });

  it('an applied migration that was changed → BooksUnusable', () => {
    const plan = () => planMigrations(file, [{ ...first, checksum: 'other' }]);
    expect(plan).toThrow(BooksUnusable);
    expect(plan).toThrow('expected migration 0001_books.sql as it was applied');
  });

  it('books of a newer version → BooksUnusable', () => {
    applyMigrations(file, [second], at(0));
    expect(() => planMigrations(file, [first])).toThrow('found migration 0002_more.sql of another');
  });

  it('a migration that fails half-way → none of it, and not recorded', () => {
    const broken = { ...second, sql: 'CREATE TABLE more (a TEXT); CREATE TABLE accounts (a TEXT)' };
    expect(() => applyMigrations(file, [broken], at(0))).toThrow('accounts');
    expect(planMigrations(file, [first, second]).pending).toEqual([second]);
    applyMigrations(file, [second], at(0));
    expect(planMigrations(file, [first, second])).toEqual({
      applied: [first.name, second.name],
      pending: [],
    });
  });

  it('a pending migration on books that exist → a backup first', async () => {
    const database = new Sqlite(file);
    database.exec("UPDATE schema_migrations SET name = '0000_before.sql', checksum = 'a'");
    database.close();
    // Books of before, and a step that is still to come: the backup must hold the former.
    const before = { name: '0000_before.sql', sql: '', checksum: 'a' };
    const opening = openDatabase({
      file,
      backupFolder,
      nowAtMs: at(0),
      migrations: [before, second],
    });
    const opened = await opening;
    openedDatabases.push(opened);
    expect(opened.opened.migrated).toEqual([second.name]);
    const copy = new Sqlite(opened.opened.backup?.file ?? '', { readonly: true });
    const names = copy.prepare('SELECT name FROM schema_migrations').pluck().all();
    copy.close();
    expect(names).toEqual(['0000_before.sql']);
  });

  it('a migration that leaves rows against their constraints → refused', async () => {
    const sql =
      "PRAGMA ignore_check_constraints = ON; CREATE TABLE more (a TEXT CHECK (a <> 'no')); " +
      "INSERT INTO more VALUES ('no')";
    const migrations = [first, { ...second, sql }];
    const message = await refusal(openDatabase({ file, backupFolder, nowAtMs: at(0), migrations }));
    expect(message).toContain('CHECK constraint failed in more; restore a backup');
  });
});

describe('backup and restore', () => {
  it('backup, more writes, restore → the books of the backup, the replaced ones kept', async () => {
    const database = await open();
    const { books } = database;
    await books.openAccount(newAccount());
    await books.transaction(ACCOUNT, async (tx) => {
      await tx.orders.create(orderRow('before'));
      tx.audit(auditEntry('before'));
    });
    const report = await database.backup(at(100));
    expect(report.file).toBe(join(backupFolder, 'ordinis_backup_20131007_133140.db'));
    expect([modeOf(backupFolder), modeOf(report.file)]).toEqual([0o700, 0o600]);
    expect(readdirSync(backupFolder)).toEqual(['ordinis_backup_20131007_133140.db']);
    expect((await database.health()).lastBackupAtMs).toBe(at(100));
    await books.transaction(ACCOUNT, (tx) => tx.orders.create(orderRow('after')));
    await closeAll();

    const restored = { file, backupFile: report.file, nowAtMs: at(200) };
    const { replaced } = await restoreDatabase(restored);
    const reader = (await open()).books.reader(ACCOUNT);
    expect(await reader.orders.byClientOrderId('before')).toEqual(orderRow('before'));
    expect(await reader.orders.byClientOrderId('after')).toBeNull();
    expect(await verifyAudit(reader, ACCOUNT)).toMatchObject({ kind: 'intact', records: 1 });
    expect(modeOf(file)).toBe(0o600);
    const kept = new Sqlite(replaced ?? '', { readonly: true });
    expect(kept.prepare('SELECT count(*) FROM orders').pluck().get()).toBe(2);
    kept.close();
  });

  it('backup: while others write → a whole copy of one instant', async () => {
    const database = await open();
    await database.books.openAccount(newAccount());
    let copying = true;
    const backingUp = database.backup(at(1)).finally(() => {
      copying = false;
    });
    let written = 0;
    while (copying) {
      await database.books.transaction(ACCOUNT, (tx) => tx.alerts.record(alertRow(`${written}`)));
      written += 1;
    }
    const copy = new Sqlite((await backingUp).file, { readonly: true });
    const count = copy.prepare('SELECT count(*) FROM alerts').pluck().get();
    const version = copy.prepare('SELECT version FROM accounts').pluck().get();
    copy.close();
    expect(written).toBeGreaterThan(0);
    expect(count).toBe(version);
  });

  it('backup: the same second again → replaced by the newer one, no scraps', async () => {
    const database = await open();
    await database.backup(at(1));
    await database.backup(at(1));
    expect(readdirSync(backupFolder)).toHaveLength(1);
  });

  it('restore: a damaged backup → refused, and the books stay', async () => {
    const database = await open();
    await database.books.openAccount(newAccount());
    const { file: backupFile } = await database.backup(at(1));
    await closeAll();
    writeFileSync(backupFile, overwritten(readFileSync(backupFile)));
    const message = await refusal(restoreDatabase({ file, backupFile, nowAtMs: at(2) }));
    expect(message).toContain('expected a sound backup');
    expect(await (await open()).books.accounts()).toHaveLength(1);
  });

  it.each([
    { name: 'another program’s database', sql: 'CREATE TABLE "accounts" ("a")' },
    { name: 'an empty database', sql: 'PRAGMA user_version = 1' },
  ])('restore and backup: $name → refused, and the books stay', async ({ sql }) => {
    const database = await open();
    await database.books.openAccount(newAccount());
    await closeAll();
    const foreign = join(folder, 'foreign.db');
    const made = new Sqlite(foreign);
    made.exec(sql);
    made.close();
    const restored = await refusal(restoreDatabase({ file, backupFile: foreign, nowAtMs: at(2) }));
    expect(restored).toContain(`expected a sound backup at ${foreign}, found: no books of Ordinis`);
    const backup = { file: foreign, folder: backupFolder, nowAtMs: at(3) };
    const backedUp = await refusal(backupDatabase(backup));
    expect(backedUp).toContain(`expected a backup of ${foreign}, found: no books of Ordinis`);
    expect(readdirSync(backupFolder)).toEqual([]);
    expect(await (await open()).books.accounts()).toHaveLength(1);
  });

  it('restore: no such backup → refused by name', async () => {
    const backupFile = join(folder, 'none.db');
    const message = await refusal(restoreDatabase({ file, backupFile, nowAtMs: at(2) }));
    expect(message).toContain(`expected a backup at ${backupFile}, found nothing`);
    expect(existsSync(file)).toBe(false);
  });

  it('restore: into an empty folder → the books are there', async () => {
    const database = await open();
    await database.books.openAccount(newAccount());
    const { file: backupFile } = await database.backup(at(1));
    await closeAll();
    const carried = join(newFolder(), 'carried.db');
    copyFileSync(backupFile, carried);
    rmSync(folder, { recursive: true });
    const restored = await restoreDatabase({ file, backupFile: carried, nowAtMs: at(2) });
    expect(restored).toEqual({ replaced: null });
    expect(await (await open()).books.accounts()).toHaveLength(1);
  });
});

describe('append-only tables', () => {
  const tables = [
    'fills',
    'order_events',
    'position_changes',
    'cash_entries',
    'audit_records',
    'broker_events',
  ];

  it.each(tables)('%s: update and delete by hand → refused by the database', async (table) => {
    await open();
    await closeAll();
    const database = new Sqlite(file);
    database.pragma('foreign_keys = OFF');
    const columns = database.pragma(`table_info(${table})`) as readonly { readonly name: string }[];
    const marks = columns.map(({ name }) => (name === 'kind' ? "'inferred'" : '1'));
    const values = table === 'fills' ? fillValues(columns.map(({ name }) => name)) : marks;
    database.exec(`INSERT INTO ${table} VALUES (${values.join(', ')})`);
    expect(() => database.exec(`UPDATE ${table} SET account = 'x'`)).toThrow('append_only');
    expect(() => database.exec(`DELETE FROM ${table}`)).toThrow('append_only');
    expect(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(1);
    database.close();
  });
});

function fillValues(names: readonly string[]): readonly string[] {
  const special: Readonly<Record<string, string>> = {
    kind: "'inferred'",
    cumulative_before_nanos: '0',
    reverses_fill_id: 'NULL',
  };
  return names.map((name) => special[name] ?? '1');
}

function overwritten(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes);
  // The first page stays, so that only a check can notice.
  damaged.fill(0x5a, 4_096 * 2, 4_096 * 6);
  return damaged;
}

function firstHalf(bytes: Buffer): Buffer {
  return bytes.subarray(0, Math.floor(bytes.length / 8_192) * 4_096);
}
