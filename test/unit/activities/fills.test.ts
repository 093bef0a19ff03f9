import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  activityEvidence,
  snapshotEvidence,
  streamEvidence,
} from '../../../activities/order/evidence.js';
import { applyEvidence } from '../../../activities/order/apply-evidence.js';
import { placeOrder } from '../../../activities/order/place-order.js';
import { repairOrder } from '../../../activities/order/repair-order.js';
import { pollOrder } from '../../../activities/order/resolve-order.js';
import { repairAll } from '../../../activities/reconciliation/repair-all.js';
import type { BrokerOrder, FillActivity, TradeUpdate } from '../../../adapters/broker/port.js';
import { assert, formatPrice, wholeUnits } from '../../../domain/values/index.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { booksOf, inputOf, ORDER_ID, rowOf, standingOf } from './order-of-test.js';
import { applyAll } from './stream-of-test.js';

/** One thing that the broker tells about an order, in one of its three voices. */
type Telling =
  | { readonly by: 'stream'; readonly update: TradeUpdate }
  | { readonly by: 'activity'; readonly activity: FillActivity }
  | { readonly by: 'poll'; readonly shown: BrokerOrder };

async function hear(test: TestWorld, telling: Telling): Promise<void> {
  const { world } = test;
  if (telling.by === 'stream') {
    await applyAll(test, [telling.update]);
    return;
  }
  const evidence =
    telling.by === 'poll'
      ? snapshotEvidence('poll', telling.shown)
      : activityEvidence(telling.activity, ORDER_ID, world.marketClock.nowMs());
  await world.books.transaction(ACCOUNT, (transaction) =>
    applyEvidence(transaction, world, evidence),
  );
}

async function pricesOf({ world }: TestWorld): Promise<readonly string[]> {
  const fills = await world.reader.fills.byOrder(ORDER_ID);
  return fills.map(({ kind, price }) => `${kind} ${formatPrice(price)}`);
}

/** The life of an order at the broker, and everything that is ever told about it. */
async function live(
  test: TestWorld,
  fills: readonly (readonly [units: number, priceUsd: number])[],
  isCanceled: boolean,
): Promise<readonly Telling[]> {
  const { broker } = test;
  broker.isMuted = true;
  await placeOrder(test.world, inputOf());
  const polls: BrokerOrder[] = [broker.snapshot(ORDER_ID)];
  for (const [units, priceUsd] of fills) {
    broker.fill(ORDER_ID, units, priceUsd);
    polls.push(broker.snapshot(ORDER_ID));
  }
  if (isCanceled) {
    broker.become(ORDER_ID, 'canceled');
    polls.push(broker.snapshot(ORDER_ID));
  }
  return [
    ...broker.updates.map((update) => ({ by: 'stream' as const, update })),
    ...broker.activities.map((activity) => ({ by: 'activity' as const, activity })),
    ...polls.map((shown) => ({ by: 'poll' as const, shown })),
  ];
}

const someFills = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 14_400, max: 14_520 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((all) => all.map(([units, cents]) => [units, cents / 100] as const));

describe('fills told by stream, polls and activities', () => {
  it('in any order, any of them twice or never → after a poll the same books', async () => {
    await fc.assert(
      fc.asyncProperty(
        someFills,
        fc.boolean(),
        fc.array(fc.nat(), { maxLength: 30 }),
        async (fills, isCanceled, picks) => {
          const test = await openTestWorld();
          const tellings = await live(test, fills, isCanceled);
          for (const pick of picks) {
            const telling = tellings[pick % tellings.length];
            if (telling !== undefined) await hear(test, telling);
          }
          await pollOrder(test.world, ORDER_ID);
          const straight = await openTestWorld();
          for (const telling of await live(straight, fills, isCanceled)) {
            if (telling.by === 'stream') await hear(straight, telling);
          }
          expect(await booksOf(test)).toEqual(await booksOf(straight));
          const account = await test.world.reader.account();
          expect(account?.cash).toBe(test.broker.cashMicros);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('everything at once, shuffled → nothing is parked and nothing counts twice', async () => {
    await fc.assert(
      fc.asyncProperty(someFills, fc.boolean(), fc.infiniteStream(fc.nat()), async (...drawn) => {
        const [fills, isCanceled, dice] = drawn;
        const test = await openTestWorld();
        const tellings = await live(test, fills, isCanceled);
        const shuffled = [...tellings, ...tellings]
          .map((telling) => ({ telling, key: dice.next().value ?? 0 }))
          .toSorted((left, right) => left.key - right.key);
        for (const { telling } of shuffled) await hear(test, telling);
        // An end that was told before its fills waits for a look at the broker.
        await pollOrder(test.world, ORDER_ID);
        const units = fills.reduce((sum, [each]) => sum + each, 0);
        expect(await standingOf(test)).toBe(
          `${isCanceled ? 'canceled' : 'partially_filled'} ${units}`,
        );
        expect((await rowOf(test)).order.parkedReason).toBeNull();
        expect(await test.world.reader.fills.count()).toBe(fills.length);
      }),
      { numRuns: 30 },
    );
  });
});

describe('fills that are missing', () => {
  it('the stream is silent → a poll fetches the executions themselves', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    test.broker.fill(ORDER_ID, 40, 145);
    test.broker.fill(ORDER_ID, 60, 145.1);
    expect((await pollOrder(test.world, ORDER_ID)).state).toBe('filled');
    const fills = await test.world.reader.fills.byOrder(ORDER_ID);
    expect(fills.map(({ kind, activityId }) => [kind, activityId])).toEqual([
      ['execution', 'activity-1'],
      ['execution', 'activity-2'],
    ]);
  });

  it('executions of another order beside them → each order gets its own', async () => {
    const test = await openTestWorld();
    const other = idOf('ord-test-SPY-2-entry');
    await placeOrder(test.world, inputOf({ clientOrderId: other }));
    await placeOrder(test.world, inputOf({ quantity: wholeUnits(50) }));
    test.broker.fill(ORDER_ID, 50, 145);
    test.broker.fill(other, 30, 144);
    expect(await pollOrder(test.world, ORDER_ID)).toMatchObject({
      state: 'filled',
      averagePrice: '145',
    });
    expect(await standingOf(test, other)).toBe('accepted 0');
  });

  it('one read shows less than was told → asked again, and nothing is taken back', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.fill(ORDER_ID, 60, 145)]);
    const stale = { ...test.broker.snapshot(ORDER_ID), filledQuantity: wholeUnits(40) };
    test.broker.orderByClientOrderId = async () => stale;
    await pollOrder(test.world, ORDER_ID);
    expect(await standingOf(test)).toBe('partially_filled 60');
  });

  it('the commit of a fill is not known to have happened → nobody is told', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    test.broker.isMuted = true;
    test.broker.become(ORDER_ID, 'canceled');
    const told: string[] = [];
    test.world.notices.subscribe(({ state }) => told.push(state));
    test.faults.push('error');
    await expect(pollOrder(test.world, ORDER_ID)).rejects.toThrow('a commit');
    expect(told).toEqual([]);
    await pollOrder(test.world, ORDER_ID);
    expect(told).toEqual(['canceled']);
  });

  it('the activities lag, too → one inferred fill, at the price of the average', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.fill(ORDER_ID, 40, 145)]);
    test.broker.areActivitiesLagging = true;
    test.broker.fill(ORDER_ID, 30, 145.1);
    test.broker.fill(ORDER_ID, 30, 145.2);
    expect(await pollOrder(test.world, ORDER_ID)).toMatchObject({
      state: 'filled',
      averagePrice: '145.09',
    });
    const fills = await test.world.reader.fills.byOrder(ORDER_ID);
    expect(fills.map(({ kind, price }) => [kind, price])).toEqual([
      ['execution', 145_000_000_000],
      ['inferred', 145_150_000_000],
    ]);
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
  });

  it('totals of before a gap → they tell no price for it; the next look does', async () => {
    const test = await openTestWorld();
    const { broker } = test;
    await placeOrder(test.world, inputOf());
    await applyAll(test, [broker.fill(ORDER_ID, 20, 145)]);
    const stale = broker.snapshot(ORDER_ID);
    broker.areActivitiesLagging = true;
    broker.fill(ORDER_ID, 20, 144.9);
    await applyAll(test, [broker.fill(ORDER_ID, 20, 145.2)]);
    const look = broker.orderById.bind(broker);
    broker.orderById = () => Promise.resolve(stale);
    await repairOrder(test.world, stale);
    expect(await pricesOf(test)).toEqual(['execution 145', 'execution 145.2']);
    broker.orderById = look;
    await repairOrder(test.world, broker.snapshot(ORDER_ID));
    expect(await pricesOf(test)).toEqual(['execution 145', 'execution 145.2', 'inferred 144.9']);
    expect((await test.world.reader.account())?.cash).toBe(broker.cashMicros);
  });

  it('canceled with fills that nobody told → they are booked before the end', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    test.broker.fill(ORDER_ID, 40, 145);
    const canceled = test.broker.become(ORDER_ID, 'canceled');
    const { toRepair } = await applyAll(test, [canceled]);
    expect(await standingOf(test)).toBe('accepted 0');
    expect(toRepair).toEqual([canceled]);
    await pollOrder(test.world, ORDER_ID);
    expect(await standingOf(test)).toBe('canceled 40');
  });

  it('a fill after the cancel → booked, and the order stays canceled', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.become(ORDER_ID, 'canceled')]);
    await applyAll(test, [test.broker.fill(ORDER_ID, 40, 145)]);
    expect(await standingOf(test)).toBe('canceled 40');
    expect(await test.world.reader.positions.bySymbol('SPY')).toMatchObject({ side: 'long' });
  });

  it('two statuses of one instant → the later telling counts, an older one not', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const accepted = test.broker.snapshot(ORDER_ID);
    await hear(test, { by: 'poll', shown: { ...accepted, status: 'pending_cancel' } });
    expect(await standingOf(test)).toBe('pending_cancel 0');
    const older = { ...accepted, status: 'canceled', updatedAt: '2013-10-07T13:29:59.9Z' };
    await hear(test, { by: 'poll', shown: older });
    expect(await standingOf(test)).toBe('pending_cancel 0');
    await hear(test, { by: 'poll', shown: { ...accepted, status: 'canceled' } });
    expect(await standingOf(test)).toBe('canceled 0');
  });

  it('a gap below a later fill of an ended order → found by the next repair', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const [first, second, third] = [10, 20, 30].map((n) => test.broker.fill(ORDER_ID, n, 145));
    const canceled = test.broker.become(ORDER_ID, 'canceled');
    if (first === undefined || second === undefined || third === undefined) return;
    await applyAll(test, [first]);
    await applyAll(test, [
      { ...canceled, order: { ...canceled.order, filledQuantity: first.order.filledQuantity } },
    ]);
    expect(await standingOf(test)).toBe('canceled 10');
    await applyAll(test, [third]);
    await repairAll(test.world);
    expect(await standingOf(test)).toBe('canceled 60');
  });

  it('an order of ours that only the broker remembers → external, its fills count', async () => {
    const test = await openTestWorld();
    const forgotten = idOf('ord-forgotten-SPY-1-entry');
    test.broker.place({ ...inputOf().intent, clientOrderId: forgotten });
    test.broker.fill(forgotten, 40, 145);
    await repairAll(test.world);
    const row = await rowOf(test, forgotten);
    expect(row.order.intent.strategy).toBe('external');
    expect(await standingOf(test, forgotten)).toBe('partially_filled 40');
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
  });
});

describe('one trade, told with nine digits of its instant and with six, rounded', () => {
  it('by a frame and by a list → executed at one instant', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const update = test.broker.fill(ORDER_ID, 40, 145);
    const [activity] = test.broker.activities;
    assert(activity !== undefined, 'expected an activity of the fill');
    const nowAtMs = test.world.marketClock.nowMs();
    const frame = streamEvidence({ ...update, at: '2026-10-05T14:30:00.1239997Z' }, nowAtMs);
    const line = { ...activity, at: '2026-10-05T14:30:00.124Z' };
    const listed = activityEvidence(line, ORDER_ID, nowAtMs);
    expect(frame.execution?.atMs).toBe(listed.execution?.atMs);
  });
});
