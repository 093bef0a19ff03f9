import { describe, expect, it } from 'vitest';
import { applyEvidence } from '../../../activities/order/apply-evidence.js';
import { snapshotEvidence } from '../../../activities/order/evidence.js';
import { placeOrder } from '../../../activities/order/place-order.js';
import { repairActivities, repairAll } from '../../../activities/reconciliation/repair-all.js';
import { wholeUnits } from '../../../domain/values/index.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { inputOf, ORDER_ID, requestOfTest, rowOf, standingOf } from './order-of-test.js';
import { applyAll } from './stream-of-test.js';

const TEN_MINUTES_MS = 10 * 60_000;

async function cursorOf({ world }: TestWorld): Promise<number | undefined> {
  return (await world.reader.streamState.get())?.repairedThroughMs;
}

describe('repairAll: the cursor', () => {
  it('complete → stands at the instant at which the repair began', async () => {
    const test = await openTestWorld();
    test.advanceMarket(60_000);
    const beganAtMs = test.world.marketClock.nowMs();
    test.broker.beforeAnswer = () => test.advanceMarket(5_000);
    await repairAll(test.world);
    expect(await cursorOf(test)).toBe(beganAtMs);
  });

  it('fails half way → stays where it was', async () => {
    const test = await openTestWorld();
    const before = await cursorOf(test);
    test.advanceMarket(60_000);
    test.broker.failing.add('fillActivitiesSince');
    await expect(repairAll(test.world)).rejects.toThrow('did not answer');
    expect(await cursorOf(test)).toBe(before);
  });

  it('frames of the stream → do not move it', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const before = await cursorOf(test);
    test.advanceMarket(60_000);
    await applyAll(test, [test.broker.fill(ORDER_ID, 100, 145)]);
    expect(await standingOf(test)).toBe('filled 100');
    expect(await cursorOf(test)).toBe(before);
  });

  it('executions → read from ten minutes before it, since the lists lag', async () => {
    const test = await openTestWorld();
    const asked: number[] = [];
    test.broker.fillActivitiesSince = async (sinceMs?: number) => {
      asked.push(sinceMs ?? 0);
      return [];
    };
    const before = (await cursorOf(test)) ?? 0;
    await repairAll(test.world);
    expect(asked).toEqual([before - TEN_MINUTES_MS]);
  });
});

async function fiveCanceledUnheard() {
  const test = await openTestWorld();
  const ids = [1, 2, 3, 4, 5].map((number) => idOf(`ord-test-SPY-${number}-entry`));
  for (const clientOrderId of ids) {
    await placeOrder(test.world, inputOf({ clientOrderId, quantity: wholeUnits(1) }));
  }
  test.broker.isMuted = true;
  for (const clientOrderId of ids) test.broker.become(clientOrderId, 'canceled');
  return { test, ids };
}

describe('repairAll: orders', () => {
  it('one of ours that the broker lists no longer → asked for, and its end is booked', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    test.broker.isMuted = true;
    test.broker.become(ORDER_ID, 'canceled');
    expect(await repairAll(test.world)).toMatchObject({ openAtBroker: 0, lookedUp: 1 });
    expect(await standingOf(test)).toBe('canceled 0');
  });

  it('many that it lists no longer → one list tells of all, and no lookup', async () => {
    const { test, ids } = await fiveCanceledUnheard();
    test.broker.failing.add('orderByClientOrderId');
    expect(await repairAll(test.world)).toMatchObject({ openAtBroker: 0, lookedUp: 5 });
    for (const id of ids) expect(await standingOf(test, id)).toBe('canceled 0');
  });

  it('many, one of them missing in that list as well → looked up by itself', async () => {
    const { test, ids } = await fiveCanceledUnheard();
    const { ordersSubmittedSince } = test.broker;
    test.broker.ordersSubmittedSince = async (sinceMs) => {
      const all = await ordersSubmittedSince.call(test.broker, sinceMs);
      return all.filter((order) => order.clientOrderId !== ids[2]);
    };
    await repairAll(test.world);
    for (const id of ids) expect(await standingOf(test, id)).toBe('canceled 0');
  });

  it('many, and an unknown one whose id the list has for something else → parked', async () => {
    const { test } = await fiveCanceledUnheard();
    const unknown = inputOf({
      clientOrderId: idOf('ord-test-SPY-6-entry'),
      quantity: wholeUnits(1),
    });
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, unknown);
    const { clientOrderId } = unknown.intent;
    test.broker.place(requestOfTest({ clientOrderId, quantity: wholeUnits(7) }));
    test.broker.become(clientOrderId, 'canceled');
    await repairAll(test.world);
    expect((await rowOf(test, clientOrderId)).order.parkedReason).not.toBeNull();
  });

  it('one that is open at the broker, with fills → they are booked', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    test.broker.isMuted = true;
    test.broker.fill(ORDER_ID, 40, 145);
    expect(await repairAll(test.world)).toMatchObject({ openAtBroker: 1, external: 0 });
    expect(await standingOf(test)).toBe('partially_filled 40');
  });
});

describe('repairActivities', () => {
  it('the broker is known to have filled more than the books hold → its executions', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.fill(ORDER_ID, 40, 145)]);
    test.broker.fill(ORDER_ID, 60, 145);
    const evidence = snapshotEvidence('poll', test.broker.snapshot(ORDER_ID));
    await test.books.transaction(ACCOUNT, (tx) => applyEvidence(tx, test.world, evidence));
    expect(await standingOf(test)).toBe('partially_filled 40');
    await repairActivities(test.world);
    expect(await standingOf(test)).toBe('filled 100');
  });
});

describe('repairActivities: how far back', () => {
  it.each([
    ['a day', 24 * 3_600_000, 24 * 3_600_000 + TEN_MINUTES_MS],
    ['longer', 24 * 3_600_000 + 1, TEN_MINUTES_MS],
  ])(
    'a guess has stood for %s → read from it on as long as it may be explained',
    async (_name, ageMs, backMs) => {
      const test = await openTestWorld();
      await placeOrder(test.world, inputOf());
      test.broker.isMuted = true;
      test.broker.areActivitiesLagging = true;
      test.broker.fill(ORDER_ID, 40, 145);
      await repairAll(test.world);
      const [guess] = await test.world.reader.fills.inferred();
      test.advanceMarket((guess?.atMs ?? 0) + ageMs - test.world.marketClock.nowMs());
      await repairAll(test.world);
      const asked: number[] = [];
      test.broker.fillActivitiesSince = async (sinceMs?: number) => {
        asked.push(test.world.marketClock.nowMs() - (sinceMs ?? 0));
        return [];
      };
      await repairActivities(test.world);
      expect(asked).toEqual([backMs]);
    },
  );
});

describe('repairAll: open orders that the books hold as the broker shows them', () => {
  /** Transactions while `act` runs; a thousand of them would make a restart slow. */
  async function commitsDuring({ books }: TestWorld, act: () => Promise<unknown>): Promise<number> {
    let commits = 0;
    const unsubscribe = books.onCommit(() => {
      commits += 1;
    });
    await act();
    unsubscribe();
    return commits;
  }

  it('nothing has changed → only the cursor is written', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await repairAll(test.world);
    expect(await commitsDuring(test, () => repairAll(test.world))).toBe(1);
    expect(await standingOf(test)).toBe('accepted 0');
  });

  it('one of them has filled in part → it alone is brought up', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const second = inputOf({ clientOrderId: idOf('ord-test-SPY-2-entry') });
    await placeOrder(test.world, second);
    await repairAll(test.world);
    test.broker.fill(ORDER_ID, 40, 145);
    await repairAll(test.world);
    expect(await standingOf(test)).toBe('partially_filled 40');
    expect(await standingOf(test, second.intent.clientOrderId)).toBe('accepted 0');
  });
});
