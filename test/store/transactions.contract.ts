import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyAudit } from '../../adapters/store/audit.js';
import type { Books } from '../../adapters/store/port.js';
import { usd } from '../../domain/values/index.js';
import type { OpenedBooks } from './open-books.js';
import {
  ACCOUNT,
  alertRow,
  auditEntry,
  eventOf,
  fillOf,
  newAccount,
  orderRow,
  positionRow,
} from './rows-fixture.js';

/** What every implementation of the books promises about its transactions. */
export function describeTransactions(name: string, open: () => Promise<OpenedBooks>): void {
  describe(`transactions of ${name}`, () => {
    let opened: OpenedBooks;
    let books: Books;

    beforeEach(async () => {
      opened = await open();
      ({ books } = opened);
    });
    afterEach(() => opened.close());

    it('openAccount: a new account → its row with opening cash and one cash entry', async () => {
      const row = await books.reader(ACCOUNT).account();
      const opening = newAccount();
      expect(row).toMatchObject({
        account: ACCOUNT,
        mode: 'simulated',
        version: 0,
        cash: opening.openingCash,
        openingCash: opening.openingCash,
        haltMode: 'none',
        auditSequence: 0,
      });
      const entries = await books.reader(ACCOUNT).cash.entries();
      expect(entries.map(({ kind, amount }) => ({ kind, amount }))).toEqual([
        { kind: 'opening_balance', amount: opening.openingCash },
      ]);
    });

    it('openAccount: the same account again → repeated, and the first stays', async () => {
      const again = { ...newAccount(), openingCash: usd(1) };
      expect(await books.openAccount(again)).toBe('repeated');
      expect((await books.reader(ACCOUNT).account())?.cash).toBe(newAccount().openingCash);
    });

    it('accounts: two → both, by name, and neither sees the rows of the other', async () => {
      await books.openAccount(newAccount('alpaca-paper'));
      await books.transaction(ACCOUNT, (tx) => tx.positions.upsert(positionRow('SPY')));
      expect((await books.accounts()).map((row) => row.account)).toEqual(['alpaca-paper', ACCOUNT]);
      expect(await books.reader('alpaca-paper').positions.all()).toEqual([]);
      expect(await books.reader(ACCOUNT).positions.all()).toHaveLength(1);
    });

    it('transaction: an account that is not open → refused by name', async () => {
      const attempt = books.transaction('nobody', async () => undefined);
      await expect(attempt).rejects.toThrow('expected the account nobody to be open');
    });

    it('transaction: the totals set → written with the version raised', async () => {
      await books.transaction(ACCOUNT, async (tx) => {
        expect(tx.account.get().version).toBe(1);
        tx.account.set({ cash: usd(5) });
        tx.account.set({ reserved: usd(7), haltMode: 'reduce_only', haltVersion: 1 });
        expect(tx.account.get().cash).toBe(5);
      });
      const row = await books.reader(ACCOUNT).account();
      const expected = {
        version: 1,
        cash: 5,
        reserved: 7,
        haltMode: 'reduce_only',
        haltVersion: 1,
      };
      expect(row).toMatchObject(expected);
    });

    it('transaction: nothing set → the version is raised all the same', async () => {
      await books.transaction(ACCOUNT, async () => undefined);
      expect((await books.reader(ACCOUNT).account())?.version).toBe(1);
    });

    it('transaction: an error after writes → its own error, and nothing is left', async () => {
      const attempt = books.transaction(ACCOUNT, async (tx) => {
        tx.account.set({ cash: usd(1) });
        await tx.orders.create(orderRow('a'));
        await tx.orders.appendEvent(eventOf('a'));
        await tx.positions.upsert(positionRow('SPY'));
        tx.audit(auditEntry('a'));
        throw new RangeError('the strategy is wrong');
      });
      await expect(attempt).rejects.toThrow(new RangeError('the strategy is wrong'));
      const reader = books.reader(ACCOUNT);
      expect(await reader.orders.recent(10)).toEqual([]);
      expect(await reader.orders.eventsOf('a')).toEqual([]);
      expect(await reader.positions.all()).toEqual([]);
      expect(await reader.audit.from(1, 10)).toEqual([]);
      const row = await reader.account();
      expect(row).toMatchObject({ version: 0, cash: newAccount().openingCash, auditSequence: 0 });
    });

    it('transaction: after a rollback → the next one writes', async () => {
      const failing = books.transaction(ACCOUNT, () => Promise.reject(new Error('no')));
      await expect(failing).rejects.toThrow('no');
      await books.transaction(ACCOUNT, (tx) => tx.alerts.record(alertRow('1')));
      expect(await books.reader(ACCOUNT).alerts.count()).toBe(1);
    });

    it('transaction: fifty at once → none lost, each saw the one before', async () => {
      const seen: number[] = [];
      const once = () =>
        books.transaction(ACCOUNT, async (tx) => {
          const { fees } = tx.account.get();
          await tx.alerts.record(alertRow(`alert-${fees}`));
          tx.account.set({ fees: usd(fees + 1) });
          seen.push(fees);
        });
      await Promise.all(Array.from({ length: 50 }, once));
      expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index));
      const row = await books.reader(ACCOUNT).account();
      expect(row).toMatchObject({ fees: 50, version: 50 });
      expect(await books.reader(ACCOUNT).alerts.count()).toBe(50);
    });

    it('transaction: inside another → an assertion, not a wait for ever', async () => {
      const nested = books.transaction(ACCOUNT, () =>
        books.transaction(ACCOUNT, async () => undefined),
      );
      await expect(nested).rejects.toThrow('expected no transaction inside a transaction');
    });

    it('reader: while a transaction is open → sees the books as they were', async () => {
      const reader = books.reader(ACCOUNT);
      await books.transaction(ACCOUNT, async (tx) => {
        await tx.positions.upsert(positionRow('SPY'));
        expect(await tx.positions.all()).toHaveLength(1);
        expect(await reader.positions.all()).toEqual([]);
        expect((await reader.account())?.version).toBe(0);
      });
      expect(await reader.positions.all()).toHaveLength(1);
    });

    it('onCommit: called after a commit with the account, not after a rollback', async () => {
      const told: string[] = [];
      const stop = books.onCommit((account) => told.push(account));
      await books.transaction(ACCOUNT, async () => undefined);
      await books
        .transaction(ACCOUNT, () => Promise.reject(new Error('no')))
        .catch(() => undefined);
      expect(told).toEqual([ACCOUNT]);
      stop();
      await books.transaction(ACCOUNT, async () => undefined);
      expect(told).toEqual([ACCOUNT]);
    });

    it('onCommit: only a transaction that posts to the outbox is said to have posted', async () => {
      const told: boolean[] = [];
      const stop = books.onCommit((_account, hasPosted) => told.push(hasPosted));
      const message = { kind: 'reconcile', target: ACCOUNT, payload: '{}' } as const;
      await books.transaction(ACCOUNT, (tx) => tx.outbox.post(message));
      await books.transaction(ACCOUNT, (tx) => tx.outbox.markDelivered('reconcile', ACCOUNT, 1));
      stop();
      expect(told).toEqual([true, false]);
    });

    it('onCommit: a listener that writes → a transaction of its own', async () => {
      const done = new Promise<void>((resolve, reject) => {
        const stop = books.onCommit((account) => {
          stop();
          books.transaction(account, async () => undefined).then(resolve, reject);
        });
      });
      await books.transaction(ACCOUNT, async () => undefined);
      await done;
      expect((await books.reader(ACCOUNT).account())?.version).toBe(2);
    });

    it('audit: several transactions → one chain, whole', async () => {
      for (const entity of ['a', 'b', 'c']) {
        await books.transaction(ACCOUNT, async (tx) => {
          tx.audit(auditEntry(`${entity}1`));
          tx.audit(auditEntry(`${entity}2`));
        });
      }
      const records = await books.reader(ACCOUNT).audit.from(1, 100);
      expect(records.map((record) => record.sequence)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(records.map((record) => record.entity)).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2']);
      const verdict = await verifyAudit(books.reader(ACCOUNT), ACCOUNT);
      expect(verdict).toEqual({ kind: 'intact', records: 6, head: records[5]?.hash });
    });

    it('a refused row: caught nowhere → the whole transaction is gone', async () => {
      await books.transaction(ACCOUNT, async (tx) => {
        await tx.orders.create(orderRow('a'));
      });
      const attempt = books.transaction(ACCOUNT, async (tx) => {
        await tx.fills.record(fillOf('a', 0, 50));
        await tx.fills.record(fillOf('a', 49, 60));
      });
      await expect(attempt).rejects.toThrow('fills_never_overlap');
      expect(await books.reader(ACCOUNT).fills.count()).toBe(0);
    });
  });
}
