import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyAudit } from '../../adapters/store/audit.js';
import { BooksBusy } from '../../adapters/store/errors.js';
import type { Books } from '../../adapters/store/port.js';
import { nextTurn } from '../../adapters/store/serial-queue.js';
import { usd } from '../../domain/values/index.js';
import { startChild } from './child.js';
import { openTestDatabase, type TestDatabase } from './open-books.js';
import { ACCOUNT, alertRow, newAccount } from './rows-fixture.js';

describe('books beside other processes', () => {
  let opened: TestDatabase;
  let books: Books;

  beforeEach(async () => {
    opened = await openTestDatabase();
    ({ books } = opened.database);
    await books.openAccount(newAccount());
  });
  afterEach(() => opened.close());

  it('transaction: the lock held too long → BooksBusy, nothing ran, timers went on', async () => {
    const child = startChild('hold-write-lock', opened.file);
    await child.line();
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    let ran = false;
    const attempt = books.transaction(
      ACCOUNT,
      async () => {
        ran = true;
      },
      { lockWaitMsMax: 1_000 },
    );
    await expect(attempt).rejects.toThrow(BooksBusy);
    clearInterval(timer);
    expect(ran).toBe(false);
    // A driver that waited by itself would have let no timer run at all.
    expect(turns).toBeGreaterThan(0);
    await child.end();
    await books.transaction(ACCOUNT, (tx) => tx.alerts.record(alertRow('1')));
    expect((await books.reader(ACCOUNT).account())?.version).toBe(1);
  });

  it('transaction: the lock is freed while it waits → it commits', async () => {
    const child = startChild('hold-write-lock', opened.file);
    await child.line();
    const waiting = books.transaction(ACCOUNT, (tx) => tx.alerts.record(alertRow('1')), {
      lockWaitMsMax: 15_000,
    });
    const begun = opened.statements.filter((sql) => sql === 'BEGIN').length;
    while (opened.statements.filter((sql) => sql === 'BEGIN').length < begun + 2) {
      await nextTurn(); // Until it has been refused once.
    }
    await child.end();
    expect(await waiting).toBe('recorded');
  });

  it('reader: another process holds the write lock → reads at once', async () => {
    const child = startChild('hold-write-lock', opened.file);
    await child.line();
    expect(await books.reader(ACCOUNT).account()).toMatchObject({ account: ACCOUNT });
    await child.end();
  });

  it('transaction: two processes add at once → no addition is lost', async () => {
    const child = startChild('write-until-ended', opened.file);
    await child.line();
    for (let count = 0; count < 10; count += 1) {
      await books.transaction(ACCOUNT, async (tx) => {
        tx.account.set({ fees: usd(tx.account.get().fees + 1) });
      });
    }
    const ending = child.end();
    const written = Number(await child.line());
    await ending;
    const row = await books.reader(ACCOUNT).account();
    expect(row).toMatchObject({ fees: written + 10, version: written + 10 });
  });

  it('transaction: many in a row → timers have their turn between them', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    for (let count = 0; count < 30; count += 1) await books.transaction(ACCOUNT, async () => {});
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });

  it('readers: many beside a writer → each sees one commit or the next', async () => {
    const reader = books.reader(ACCOUNT);
    let writing = true;
    const read = async (): Promise<number> => {
      let reads = 0;
      let last = -1;
      while (writing) {
        const row = await reader.account();
        expect(row?.fees).toBe(row?.version);
        expect(row?.version).toBeGreaterThanOrEqual(last);
        last = row?.version ?? last;
        reads += 1;
        await nextTurn();
      }
      return reads;
    };
    const readers = Promise.all(Array.from({ length: 4 }, read));
    for (let count = 0; count < 50; count += 1) {
      await books.transaction(ACCOUNT, async (tx) => {
        tx.account.set({ fees: usd(tx.account.get().fees + 1) });
      });
    }
    writing = false;
    expect(Math.min(...(await readers))).toBeGreaterThan(0);
  });

  it('kill -9: inside a transaction → nothing of it, all before it', async () => {
    const child = startChild('die-in-transaction', opened.file);
    expect(await child.line()).toBe('inside');
    await child.kill();
    const reader = books.reader(ACCOUNT);
    expect((await reader.alerts.recent(5)).map((alert) => alert.alertId)).toEqual(['committed']);
    expect(await reader.orders.recent(5)).toEqual([]);
    expect(await verifyAudit(reader, ACCOUNT)).toMatchObject({ kind: 'intact', records: 0 });
    await books.transaction(ACCOUNT, (tx) => tx.alerts.record(alertRow('after')));
    expect((await reader.account())?.version).toBe(2);
  });
});
