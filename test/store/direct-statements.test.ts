import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Sql } from '../../adapters/store/prisma/client.js';
import { openClient, type OpenedClient } from '../../adapters/store/prisma/connection.js';
import { conditionText } from '../../adapters/store/prisma/sql-text.js';
import { newFolder } from './open-books.js';

let opened: OpenedClient;

beforeEach(async () => {
  const file = join(newFolder(), 'direct.db');
  new Sqlite(file).exec('CREATE TABLE "notes" ("id" INTEGER PRIMARY KEY, "text" TEXT)').close();
  opened = await openClient({ file, readonly: false });
});
afterEach(() => opened.close());

const put = (sql: Sql, id: number) =>
  sql.execute('INSERT INTO "notes" VALUES (?, ?)', [id, `note ${id}`]);
const count = async (): Promise<unknown> =>
  (await opened.sql.query('SELECT count(*) FROM "notes"', []))[0]?.[0];

it('a transaction that Prisma commits → what went past Prisma is committed with it', async () => {
  await opened.models.$transaction(async (models) => {
    await put(opened.transactionSql(), 1);
    await models.$executeRaw`INSERT INTO "notes" VALUES (2, 'two')`;
  });
  expect(await count()).toBe(2);
});

it('a transaction that Prisma rolls back → nothing of either is left', async () => {
  const attempt = opened.models.$transaction(async () => {
    await put(opened.transactionSql(), 1);
    throw new Error('changed its mind');
  });
  await expect(attempt).rejects.toThrow('changed its mind');
  expect(await count()).toBe(0);
});

it('a statement after the end of its transaction → refused, and not written', async () => {
  const late = await opened.models.$transaction(async () => opened.transactionSql());
  await expect(put(late, 1)).rejects.toThrow('expected the transaction to be open');
  await opened.models.$transaction(async () => {
    await expect(put(late, 2)).rejects.toThrow('expected the transaction to be open');
  });
  expect(await count()).toBe(0);
});

it('no transaction is open → none to speak in', () => {
  expect(() => opened.transactionSql()).toThrow('expected an open transaction');
});

it.each([
  [{ account: 'a', closedAtMs: null }, '"account" = ? AND "closed_at_ms" IS NULL', ['a']],
  [{ state: ['new', 'old'], id: 7n }, '"state" IN (?, ?) AND "id" = ?', ['new', 'old', 7n]],
  [{ state: [] }, '"state" IN ()', []],
])('condition %o → its SQL', (condition, text, values) => {
  expect(conditionText<Record<string, unknown>>(condition)).toEqual({ text, values });
});
