import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openClient } from '../../adapters/store/prisma/connection.js';
import { reusePreparedStatements } from '../../adapters/store/prisma/prepared-statements.js';
import { newFolder } from './open-books.js';
import Sqlite from 'better-sqlite3';

type Client = Awaited<ReturnType<typeof openClient>>;

let client: Client;
let sent: string[];

beforeEach(async () => {
  const file = join(newFolder(), 'statements.db');
  new Sqlite(file).exec('CREATE TABLE "notes" ("id" INTEGER PRIMARY KEY, "text" TEXT)').close();
  sent = [];
  client = await openClient({ file, readonly: false, onStatement: (sql) => sent.push(sql) });
});
afterEach(() => client.close());

const put = (id: number, text: string | null) =>
  client.models.$executeRaw`INSERT INTO "notes" VALUES (${id}, ${text})`;
const textOf = async (id: number): Promise<unknown> =>
  client.models.$queryRaw`SELECT "text" FROM "notes" WHERE "id" = ${id}`;

it('one text, other values each time → each time its own rows', async () => {
  await put(1, 'one');
  await put(2, null);
  await put(3, '3');
  const [one, two, three] = [await textOf(1), await textOf(2), await textOf(3)];
  expect([one, two, three]).toEqual([[{ text: 'one' }], [{ text: null }], [{ text: '3' }]]);
  expect(await textOf(4)).toEqual([]);
  expect(new Set(sent.filter((sql) => sql.includes('SELECT "text"'))).size).toBe(1);
});

it('a statement that a constraint refused → is as good as new', async () => {
  await put(1, 'one');
  await expect(put(1, 'again')).rejects.toThrow('UNIQUE');
  await put(2, 'two');
  expect([await textOf(1), await textOf(2)]).toEqual([[{ text: 'one' }], [{ text: 'two' }]]);
});

it('more texts than are kept → the oldest is prepared again', async () => {
  await put(1, 'one');
  for (let text = 0; text < 600; text += 1) {
    await client.models.$queryRawUnsafe(`SELECT ${text} AS "number"`);
  }
  await put(2, 'two');
  expect([await textOf(1), await textOf(2)]).toEqual([[{ text: 'one' }], [{ text: 'two' }]]);
});

it('an adapter without a connection that is known → refused', () => {
  expect(() => reusePreparedStatements({})).toThrow('in Prisma');
});
