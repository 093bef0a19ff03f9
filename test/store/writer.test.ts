import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BooksUnusable, CommitUnknown } from '../../adapters/store/errors.js';
import { openClient } from '../../adapters/store/prisma/connection.js';
import { openWriter, type Writer } from '../../adapters/store/prisma/writer.js';
import { openTestDatabase, type TestDatabase } from './open-books.js';
import { ACCOUNT, alertRow, newAccount } from './rows-fixture.js';

const WAIT_MS = 1_000;

describe('the writer when the database says no', () => {
  let opened: TestDatabase;
  let writer: Writer;
  let failCommit: Error | null;

  beforeEach(async () => {
    failCommit = null;
    opened = await openTestDatabase();
    await opened.database.books.openAccount(newAccount());
    const onStatement = (sql: string): void => {
      if (sql === 'COMMIT' && failCommit !== null) throw failCommit;
    };
    writer = openWriter(await openClient({ file: opened.file, readonly: false, onStatement }));
  });
  afterEach(async () => {
    await writer.close();
    await opened.close();
  });

  const alerts = () => opened.database.books.reader(ACCOUNT).alerts.count();

  it('a disk that is full → BooksUnusable, nothing is left, the next one writes', async () => {
    const limitPages = (pages: string) =>
      writer.run(async ({ models }) => {
        await models.account.updateMany({ data: { version: { increment: 0 } } });
        await models.$queryRawUnsafe(`PRAGMA max_page_count = ${pages}`);
      }, WAIT_MS);
    await limitPages('1');
    const big = { ...alertRow('big'), message: 'x'.repeat(1_000_000) };
    const attempt = writer.transaction(ACCOUNT, (tx) => tx.alerts.record(big), WAIT_MS);
    const error = await attempt.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BooksUnusable);
    expect(String(error)).toMatch(/^BooksUnusable: expected room for the books.*$/);
    expect(await alerts()).toBe(0);
    await limitPages('4294967294');
    await writer.transaction(ACCOUNT, (tx) => tx.alerts.record(alertRow('1')), WAIT_MS);
    expect(await alerts()).toBe(1);
  });

  it('a commit that a constraint refuses → nothing is left, the next one writes', async () => {
    const attempt = writer.run(async ({ models }) => {
      await models.account.updateMany({ data: { version: { increment: 1 } } });
      await models.$executeRaw`PRAGMA defer_foreign_keys = ON`;
      await models.tradingDay.createMany({ data: [tradingDayOfNobody] });
    }, WAIT_MS);
    await expect(attempt).rejects.toThrow('the books refused a row: FOREIGN KEY constraint failed');
    const { books } = opened.database;
    expect((await books.reader(ACCOUNT).account())?.version).toBe(0);
    await writer.transaction(ACCOUNT, async () => undefined, WAIT_MS);
    expect((await books.reader(ACCOUNT).account())?.version).toBe(1);
  });

  it('a commit without an answer → CommitUnknown, and the next one writes', async () => {
    failCommit = new Error('the connection is gone');
    const attempt = writer.transaction(ACCOUNT, (tx) => tx.alerts.record(alertRow('1')), WAIT_MS);
    await expect(attempt).rejects.toThrow(CommitUnknown);
    failCommit = null;
    await writer.transaction(ACCOUNT, (tx) => tx.alerts.record(alertRow('2')), WAIT_MS);
    expect(await alerts()).toBe(1);
  });
});

const tradingDayOfNobody = {
  account: 'nobody',
  date: '2013-10-07',
  startEquityMicros: 0n,
  peakEquityMicros: 0n,
  lastEquityMicros: 0n,
  realizedPnlMicros: 0n,
  tradesClosed: 0,
  losingStreak: 0,
  ordersAdmitted: 0,
  ordersDenied: 0,
  startedAtMs: 0n,
  summarizedAtMs: null,
};
