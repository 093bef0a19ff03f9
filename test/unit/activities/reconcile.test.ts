import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { checkSilence } from '../../../activities/reconciliation/check-silence.js';
import { reconcile } from '../../../activities/reconciliation/reconcile.js';
import { repairAll } from '../../../activities/reconciliation/repair-all.js';
import { usd } from '../../../domain/values/index.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import {
  auditOf,
  booksOf,
  inputOf,
  ORDER_ID,
  outboxOf,
  requestOfTest,
  rowOf,
  standingOf,
  toldOf,
} from './order-of-test.js';
import { applyAll, runStreamOnce } from './stream-of-test.js';

const input = { account: ACCOUNT, trigger: 'test' };

async function holding(): Promise<TestWorld> {
  const test = await openTestWorld();
  await placeOrder(test.world, inputOf());
  await applyAll(test, [test.broker.fill(ORDER_ID, 100, 145)]);
  return test;
}

async function park({ books }: TestWorld, parkedReason: string): Promise<void> {
  await books.transaction(ACCOUNT, async ({ instruments }) => {
    const spy = await instruments.bySymbol('SPY');
    if (spy !== null) await instruments.upsert({ ...spy, parkedReason });
  });
}

async function parkedReason({ world }: TestWorld): Promise<string | null | undefined> {
  return (await world.reader.instruments.bySymbol('SPY'))?.parkedReason;
}

describe('reconcile', () => {
  it('nothing anywhere, or the same everywhere → clean, recorded, one look', async () => {
    const test = await holding();
    expect(await reconcile(test.world, input)).toMatchObject({ outcome: 'clean' });
    const [run] = await test.world.reader.reconciliation.recentRuns(1);
    expect(run).toMatchObject({ outcome: 'clean', localPositions: 1, brokerPositions: 1 });
    expect(test.broker.calls.filter((call) => call === 'positions')).toHaveLength(1);
  });

  it('an answered request → taken off the outbox', async () => {
    const test = await holding();
    expect(await outboxOf(test)).toContain(`reconcile ${ACCOUNT}`);
    await reconcile(test.world, input);
    expect(await outboxOf(test)).not.toContain(`reconcile ${ACCOUNT}`);
  });

  it('an order is in flight → its symbol and cash are left out, the rest is judged', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    test.broker.hold('SPY', 5);
    const result = await reconcile(test.world, input);
    expect(result).toMatchObject({ outcome: 'not_calm', discrepancies: 0 });
    expect(result.message).toContain(ORDER_ID);
    expect(result.message).toContain('cash not comparable');
    expect(await parkedReason(test)).toBeNull();
    expect(test.broker.calls.filter((call) => call === 'positions')).toHaveLength(1);
    test.broker.hold('IBM', 5);
    const found = await reconcile(test.world, input);
    expect(found).toMatchObject({ outcome: 'discrepancies', discrepancies: 1 });
    expect(found.message).toContain('missing_local IBM');
    expect(found.message).toContain(ORDER_ID);
  });

  it('an order is in flight and nothing of it filled → cash is compared all the same', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    test.broker.cashMicros += 1;
    expect((await reconcile(test.world, input)).message).toContain('cash_mismatch');
  });

  it('something moves at each look → not calm', async () => {
    const test = await openTestWorld();
    test.broker.beforeAnswer = async (call) => {
      if (call !== 'positions') return;
      await test.books.transaction(ACCOUNT, async ({ account }) => {
        account.set({ cash: usd(account.get().cash + 1) });
      });
    };
    const { outcome, message } = await reconcile(test.world, input);
    expect(outcome).toBe('not_calm');
    expect(message).toBe('cash not comparable: moved while the broker was read');
  });

  it('fills that nobody told → repaired first, and then there is nothing to find', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    test.broker.fill(ORDER_ID, 100, 145);
    expect((await reconcile(test.world, input)).outcome).toBe('clean');
    expect(await standingOf(test)).toBe('filled 100');
    expect(await toldOf(test)).toEqual(['info trade_executed']);
  });

  it('gone at the second look → clean', async () => {
    const test = await holding();
    test.broker.hold('SPY', 99);
    let looks = 0;
    test.broker.beforeAnswer = (call) => {
      if (call === 'positions') looks += 1;
      if (looks === 3) test.broker.hold('SPY', 100);
    };
    expect((await reconcile(test.world, input)).outcome).toBe('clean');
    expect(await parkedReason(test)).toBeNull();
  });

  it('another number at the second look → not confirmed, and not clean either', async () => {
    const test = await holding();
    let looks = 0;
    test.broker.beforeAnswer = (call) => {
      if (call === 'positions') test.broker.hold('SPY', 90 + (looks += 1));
    };
    const result = await reconcile(test.world, input);
    expect(result).toMatchObject({ outcome: 'not_calm', discrepancies: 0 });
    expect(result.message).toContain('quantity_mismatch SPY: seen once, not confirmed');
  });

  it('a unit too few, twice → recorded and told, the symbol parked, trading goes on', async () => {
    const test = await holding();
    test.broker.hold('SPY', 99);
    const before = await booksOf(test);
    const result = await reconcile(test.world, input);
    expect(result).toMatchObject({ outcome: 'discrepancies', discrepancies: 1 });
    const found = await test.world.reader.reconciliation.discrepanciesOf(result.runId);
    expect(found).toMatchObject([{ kind: 'quantity_mismatch', subject: 'SPY', severity: 'low' }]);
    expect(await parkedReason(test)).toContain(result.runId);
    expect(await toldOf(test)).toContain('warning position_reconciliation');
    expect((await test.world.reader.account())?.haltMode).toBe('none');
    expect(await booksOf(test)).toEqual(before);
  });

  it.each<[string, number, string]>([
    ['missing at the broker', 0, 'missing_broker'],
    ['the other side', -100, 'side_mismatch'],
  ])('%s, twice → critical: halted in the same transaction', async (_name, units, kind) => {
    const test = await holding();
    test.broker.hold('SPY', units);
    const result = await reconcile(test.world, input);
    expect(result.message).toContain(kind);
    const causes = await test.world.reader.halts.openCauses();
    expect(causes).toMatchObject([{ reason: 'reconciliation', mode: 'halted' }]);
    expect(await outboxOf(test)).toContain(`signal_halt ${ACCOUNT}`);
    expect(await toldOf(test)).toContain('critical position_reconciliation');
    const next = inputOf({ clientOrderId: idOf('next') });
    expect((await placeOrder(test.world, next)).detail).toContain('halted');
  });

  it('critical → engaged at once: latch, file and cancel wait for no workflow', async () => {
    const test = await holding();
    await placeOrder(test.world, inputOf({ clientOrderId: idOf('resting') }));
    test.broker.hold('SPY', 0);
    await reconcile(test.world, input);
    expect(test.world.haltLatch.isEngaged()).toBe(true);
    expect(test.world.killFile.causeIds()).toHaveLength(1);
    expect(test.broker.snapshot('resting').status).toBe('canceled');
    expect(test.halts).toEqual([]);
    expect((await test.world.reader.account())?.haltVersion).toBe(1);
  });

  it('exposure that no order explains → critical', async () => {
    const test = await openTestWorld();
    test.broker.hold('IBM', 5);
    expect((await reconcile(test.world, input)).message).toContain('missing_local IBM');
    expect((await test.world.reader.account())?.haltMode).toBe('halted');
  });

  it('parked by a comparison, equal at a later one → free again, with its audit line', async () => {
    const test = await holding();
    test.broker.hold('SPY', 99);
    await reconcile(test.world, input);
    expect(await parkedReason(test)).not.toBeNull();
    test.broker.hold('SPY', 100);
    expect((await reconcile(test.world, input)).outcome).toBe('clean');
    expect(await parkedReason(test)).toBeNull();
    expect(await auditOf(test)).toContain('symbol_unparked');
  });

  it('parked for an order → no comparison lifts it, and none takes its place', async () => {
    const test = await holding();
    await park(test, 'an order is odd');
    test.broker.hold('SPY', 99);
    await reconcile(test.world, input);
    test.broker.hold('SPY', 100);
    await reconcile(test.world, input);
    expect(await parkedReason(test)).toBe('an order is odd');
  });

  it.each([
    ['working', 40, 'partially_filled 40'],
    ['filled', 100, 'filled 100'],
  ])(
    'a muted fill of an order that is %s at the broker → found in one run',
    async (_w, units, is) => {
      const test = await openTestWorld();
      await runStreamOnce(test, async () => {
        await placeOrder(test.world, inputOf());
        test.broker.isMuted = true;
        test.broker.fill(ORDER_ID, units, 145);
        expect((await checkSilence(test.world)).silent).toEqual([ORDER_ID]);
        expect(await standingOf(test)).toBe(is);
      });
      expect(test.broker.calls.filter((call) => call === 'openTradeUpdates')).toHaveLength(1);
      expect((await checkSilence(test.world)).silent).toEqual([]);
    },
  );

  it('a muted end, and a muted bust of an order that is over → found in one run', async () => {
    const test = await holding();
    const other = idOf('ord-test-SPY-2-entry');
    await placeOrder(test.world, inputOf({ clientOrderId: other }));
    test.broker.isMuted = true;
    test.broker.become(other, 'canceled');
    const [fill] = test.broker.updates.filter((update) => update.event === 'fill');
    if (fill !== undefined) test.broker.bust(fill);
    expect((await reconcile(test.world, input)).outcome).toBe('clean');
    expect(await standingOf(test, other)).toBe('canceled 0');
    expect(await standingOf(test)).toBe('filled 0');
  });

  it('a trade of an order that ended long ago is gone → found by its symbol', async () => {
    const test = await holding();
    test.advanceMarket(3_600_000);
    test.broker.isMuted = true;
    const [fill] = test.broker.updates.filter((update) => update.event === 'fill');
    if (fill !== undefined) test.broker.bust(fill);
    expect((await reconcile(test.world, input)).outcome).toBe('clean');
    expect(await standingOf(test)).toBe('filled 0');
    expect((await test.world.reader.account())?.haltMode).toBe('none');
  });

  it('a micro-dollar of cash, twice → found, told, nothing halted', async () => {
    const test = await holding();
    test.broker.cashMicros += 1;
    expect((await reconcile(test.world, input)).message).toContain('cash_mismatch');
    expect(await toldOf(test)).toContain('warning position_reconciliation');
    expect(await parkedReason(test)).toBeNull();
  });

  it('an order that somebody else placed → observed, external, explained', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ clientOrderId: idOf('by-hand') }));
    test.broker.fill('by-hand', 10, 145);
    expect((await reconcile(test.world, input)).outcome).toBe('clean');
    const row = await rowOf(test, 'by-hand');
    expect(row.order.intent.strategy).toBe('external');
    expect(await standingOf(test, 'by-hand')).toBe('partially_filled 10');
    expect(await toldOf(test)).toContain('warning position_reconciliation');
  });

  it('one that was placed hours ago and never told → the difference finds it', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ clientOrderId: idOf('by-hand') }));
    test.advanceMarket(2 * 3_600_000);
    expect((await reconcile(test.world, input)).outcome).toBe('clean');
    expect(await standingOf(test, 'by-hand')).toBe('accepted 0');
  });

  it('one that came and went hours ago, unheard and unlisted → the cash finds it', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ clientOrderId: idOf('by-hand') }));
    test.broker.fill('by-hand', 100, 145);
    test.broker.areActivitiesLagging = true;
    test.advanceMarket(2 * 3_600_000);
    await reconcile(test.world, input);
    expect(await standingOf(test, 'by-hand')).toBe('filled 100');
  });

  it('an order by hand while one of ours is unknown → left alone: it may be ours', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    test.broker.place(requestOfTest({ clientOrderId: idOf('by-hand') }));
    expect(await repairAll(test.world)).toMatchObject({ external: 0, later: 1 });
    expect(await test.world.reader.orders.byClientOrderId('by-hand')).toBeNull();
  });

  it('an order that the books cannot hold → critical, since nothing explains it', async () => {
    const test = await openTestWorld();
    test.broker.place({ ...requestOfTest(), clientOrderId: 'not a safe id' });
    expect((await reconcile(test.world, input)).message).toContain('order_missing_local');
    expect((await test.world.reader.account())?.haltMode).toBe('halted');
  });

  it.each(['account', 'positions', 'openOrders'] as const)(
    '%s cannot be read → a failure, never "flat"',
    async (call) => {
      const test = await holding();
      test.broker.failing.add(call);
      await expect(reconcile(test.world, input)).rejects.toThrow('did not answer');
      expect(await test.world.reader.reconciliation.recentRuns(1)).toEqual([]);
    },
  );

  it('run again on the same facts → the books do not move', async () => {
    const test = await holding();
    test.broker.hold('SPY', 99);
    await reconcile(test.world, input);
    const after = await booksOf(test);
    test.advanceWall(60_000);
    expect((await reconcile(test.world, input)).discrepancies).toBe(1);
    expect(await booksOf(test)).toEqual(after);
  });
});
