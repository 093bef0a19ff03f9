import { describe, expect, it } from 'vitest';
import { cancelOrder } from '../../../activities/order/cancel-order.js';
import { enterLegs } from '../../../activities/order/enter-legs.js';
import { placeOrder } from '../../../activities/order/place-order.js';
import { pollOrder, resolveOrder } from '../../../activities/order/resolve-order.js';
import { repairActivities, repairAll } from '../../../activities/reconciliation/repair-all.js';
import { repairShown } from '../../../activities/reconciliation/repair-shown.js';
import { watchProtection } from '../../../activities/safety/watch-protection.js';
import { cancelForHalt } from '../../../activities/safety/cancel-for-halt.js';
import { brokerOrderIdOf } from '../../../domain/order/index.js';
import { assert, price, wholeUnits } from '../../../domain/values/index.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { BRACKET, entered, placed, PROFIT, standings, STOP, told } from './bracket-of-test.js';
import { inputOf, ORDER_ID, outboxOf, reservedOf, rowOf, standingOf } from './order-of-test.js';
import { applyAll, runStreamOnce, until } from './stream-of-test.js';

const EXIT = { side: 'sell', purpose: 'exit', type: 'market', limitPrice: null } as const;

/** A trade of the profit made the stop smaller and is taken back: the broker has it at 90 again. */
async function regrown(): Promise<TestWorld> {
  const test = await entered();
  const gone = test.broker.fill(PROFIT, 40, 150);
  await applyAll(test, told(test));
  await pollOrder(test.world, STOP);
  test.broker.bust(gone);
  test.broker.fill(PROFIT, 10, 150);
  return test;
}

describe('a bracket: its legs are orders of their own', () => {
  it('accepted → the answer’s legs are in the books, held, with drivers of their own', async () => {
    const test = await placed();
    expect(await standings(test)).toEqual(['accepted 0', 'held 0', 'held 0']);
    const stop = await rowOf(test, STOP);
    expect(stop).toMatchObject({ parent: ORDER_ID, correlationId: 'correlation-1' });
    expect(stop.order.intent).toMatchObject({
      strategy: 'moving-average-cross',
      leg: 'stop',
      side: 'sell',
      purpose: 'exit',
      type: 'stop',
      quantity: wholeUnits(100),
      stopPrice: price(140_000_000_000),
    });
    expect((await rowOf(test, PROFIT)).order.intent).toMatchObject({ leg: 'profit' });
    const starts = (await outboxOf(test)).filter((line) => line.startsWith('start_order'));
    expect(starts).toEqual([`start_order ${PROFIT}`, `start_order ${STOP}`]);
  });

  it('only the entry is reserved: legs reserve nothing', async () => {
    const test = await placed();
    expect(await reservedOf(test)).toBe('14520');
    expect((await test.world.reader.reservations.all()).length).toBe(1);
  });

  it('a driver that begins at a leg → sends nothing', async () => {
    const test = await placed();
    const { intent } = (await rowOf(test, STOP)).order;
    const view = await placeOrder(test.world, { ...inputOf(), intent, isResumed: true });
    expect(view).toMatchObject({ state: 'held', clientOrderId: STOP });
    expect(test.broker.calls).toEqual(['submitOrder']);
  });

  it('the profit fills → the stop is canceled, the position flat, one round trip', async () => {
    const test = await entered();
    expect(await standings(test)).toEqual(['filled 100', 'accepted 0', 'held 0']);
    test.broker.fill(PROFIT, 100, 150);
    await applyAll(test, told(test));
    expect(await standings(test)).toEqual(['filled 100', 'filled 100', 'canceled 0']);
    expect(await test.world.reader.positions.active()).toEqual([]);
    const [trade] = await test.world.reader.trades.recent(1);
    expect(trade).toMatchObject({ realizedPnl: 500_000_000, strategy: 'moving-average-cross' });
  });

  it('the profit fills in part → the stop shrinks, and its fill of the rest ends it', async () => {
    const test = await entered();
    test.broker.fill(PROFIT, 40, 150);
    await applyAll(test, told(test));
    await pollOrder(test.world, STOP);
    const stop = await rowOf(test, STOP);
    expect(stop.order).toMatchObject({ orderedQuantity: wholeUnits(60), parkedReason: null });
    test.broker.fill(STOP, 60, 140);
    await applyAll(test, told(test));
    expect(await standings(test)).toEqual(['filled 100', 'canceled 40', 'filled 60']);
    expect(await test.world.reader.positions.active()).toEqual([]);
  });

  it('a trade of the profit is busted → the stop is as large again as at the broker', async () => {
    const test = await regrown();
    await applyAll(test, told(test));
    await pollOrder(test.world, STOP);
    expect((await rowOf(test, STOP)).order.orderedQuantity).toBe(wholeUnits(90));
    test.broker.fill(STOP, 90, 140);
    await applyAll(test, told(test));
    expect(await standings(test)).toEqual(['filled 100', 'canceled 10', 'filled 90']);
    expect((await rowOf(test, STOP)).order.parkedReason).toBeNull();
  });

  it.each(['a frame', 'a list'])(
    '%s tells that it filled more than its size → it grew',
    async (by) => {
      const test = await regrown();
      test.broker.fill(STOP, 70, 140);
      if (by === 'a list') await repairActivities(test.world);
      else await applyAll(test, told(test));
      expect(await standingOf(test, STOP)).toBe('partially_filled 70');
      expect((await rowOf(test, STOP)).order).toMatchObject({
        orderedQuantity: wholeUnits(90),
        parkedReason: null,
      });
    },
  );

  it('the stop fills and nobody has told that it shrank → filled, not overfilled', async () => {
    const test = await entered();
    test.broker.fill(PROFIT, 40, 150);
    test.broker.fill(STOP, 60, 140);
    await applyAll(test, told(test));
    expect(await standings(test)).toEqual(['filled 100', 'canceled 40', 'filled 60']);
  });

  it('canceling one → the broker ends the group, and so do the books', async () => {
    const test = await placed();
    expect((await cancelOrder(test.world, STOP, BY)).outcome).toBe('requested');
    await applyAll(test, told(test));
    expect(await standings(test)).toEqual(['canceled 0', 'canceled 0', 'canceled 0']);
    expect(await reservedOf(test)).toBe('0');
  });
});

const BY = { requestedBy: 'alice', reason: 'changed her mind' };

describe('a group: how its legs are found', () => {
  it('the answer is lost → a lookup finds the entry, and its legs under it', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    expect((await placeOrder(test.world, inputOf(BRACKET))).state).toBe('unknown');
    expect((await resolveOrder(test.world, ORDER_ID)).state).toBe('accepted');
    expect(await standings(test)).toEqual(['accepted 0', 'held 0', 'held 0']);
  });

  it('the stream tells of all three before the answer → each once', async () => {
    const test = await openTestWorld();
    await runStreamOnce(test, async () => {
      await placeOrder(test.world, inputOf(BRACKET));
      await until(async () => (await test.world.reader.orders.legsOf(ORDER_ID)).length === 2);
    });
    expect(await standings(test)).toEqual(['accepted 0', 'held 0', 'held 0']);
    expect(await test.world.reader.orders.recent(9)).toHaveLength(3);
  });

  it('the stream tells of a leg after a lost answer → with its parent, not external', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    await placeOrder(test.world, inputOf(BRACKET));
    await runStreamOnce(test, async () => {
      await until(async () => (await test.world.reader.orders.legsOf(ORDER_ID)).length === 2);
    });
    const rows = await test.world.reader.orders.recent(9);
    expect(rows.map(({ order }) => order.intent.strategy)).not.toContain('external');
  });

  it('frames of a group before any answer → its legs are looked for, not external', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    await placeOrder(test.world, inputOf(BRACKET));
    const frames = told(test);
    await applyAll(test, frames);
    const legs = frames.filter(({ order }) => order.clientOrderId !== ORDER_ID);
    expect(legs.length).toBeGreaterThan(0);
    for (const { eventId } of legs) {
      const kept = await test.world.reader.brokerEvents.byId(eventId ?? '');
      expect(kept?.outcome).toBe('unmatched');
    }
  });

  it('a repair meets the legs before anything else did → entered under their parent', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    await placeOrder(test.world, inputOf(BRACKET));
    test.broker.fill(ORDER_ID, 100, 145);
    await repairAll(test.world);
    await repairAll(test.world);
    expect(await standings(test)).toEqual(['filled 100', 'accepted 0', 'held 0']);
    expect((await rowOf(test, STOP)).parent).toBe(ORDER_ID);
  });

  it('an order of the symbol is unknown → a leg is entered all the same', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    await placeOrder(test.world, inputOf(BRACKET));
    test.broker.submits.push('drop_before');
    const other = inputOf({ clientOrderId: idOf('other'), quantity: wholeUnits(1) });
    await placeOrder(test.world, other);
    expect(await standingOf(test, 'other')).toBe('unknown 0');
    test.broker.fill(ORDER_ID, 100, 145);
    await repairActivities(test.world);
    expect(await standingOf(test)).toBe('filled 100');
    expect(await test.world.reader.orders.legsOf(ORDER_ID)).toEqual([]);
    await repairAll(test.world);
    expect(await standings(test)).toEqual(['filled 100', 'accepted 0', 'held 0']);
  });

  it('taken and then rejected → its legs are ours all the same, and over', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    await placeOrder(test.world, inputOf(BRACKET));
    for (const leg of [PROFIT, STOP]) test.broker.become(leg, 'canceled');
    await applyAll(test, [test.broker.become(ORDER_ID, 'rejected')]);
    expect(await test.world.reader.orders.legsOf(ORDER_ID)).toEqual([]);
    await repairShown(test.world, test.broker.snapshot(PROFIT));
    expect((await rowOf(test, PROFIT)).parent).toBe(ORDER_ID);
    expect(await standings(test)).toEqual(['refused 0', 'canceled 0', 'canceled 0']);
  });

  it('the group is read as it was before it had legs → they wait for the next look', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    await placeOrder(test.world, inputOf(BRACKET));
    for (const leg of [PROFIT, STOP]) test.broker.become(leg, 'canceled');
    await applyAll(test, [test.broker.become(ORDER_ID, 'rejected')]);
    const look = test.broker.orderById.bind(test.broker);
    const stale = { ...test.broker.snapshot(ORDER_ID), status: 'pending_new', legs: [] };
    const leg = test.broker.snapshot(PROFIT);
    for (const read of [stale, null]) {
      test.broker.orderById = () => Promise.resolve(read);
      expect(await repairShown(test.world, leg)).toBe('later');
      expect(await test.world.reader.orders.byClientOrderId(PROFIT)).toBeNull();
    }
    test.broker.orderById = look;
    expect(await repairShown(test.world, leg)).toBe('own');
    expect((await rowOf(test, PROFIT)).parent).toBe(ORDER_ID);
  });

  it('a leg ended with fills that nobody has told → entered once, over when they are', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    await placeOrder(test.world, inputOf(BRACKET));
    test.broker.fill(ORDER_ID, 100, 145);
    await repairActivities(test.world);
    test.broker.fill(PROFIT, 40, 150);
    test.broker.become(PROFIT, 'canceled');
    const parent = await rowOf(test);
    const { brokerOrderId } = test.broker.snapshot(ORDER_ID);
    const shown = await test.broker.orderById(brokerOrderId);
    assert(shown !== null, 'expected the entry at the broker');
    for (let looks = 0; looks < 2; looks += 1) {
      await test.books.transaction(ACCOUNT, (transaction) =>
        enterLegs(transaction, test.world, { parent, shown }),
      );
      expect(await standingOf(test, PROFIT)).toBe('accepted 0');
      expect(brokerOrderIdOf((await rowOf(test, PROFIT)).order)).not.toBeNull();
    }
    await pollOrder(test.world, PROFIT);
    expect(await standingOf(test, PROFIT)).toBe('canceled 40');
  });

  it('somebody else’s bracket → observed as one group, external', async () => {
    const test = await openTestWorld();
    const { intent } = inputOf({ ...BRACKET, clientOrderId: idOf('theirs') });
    test.broker.place(intent);
    await repairAll(test.world);
    expect(await test.world.reader.orders.legsOf('theirs')).toHaveLength(2);
    expect((await rowOf(test, PROFIT)).order.intent).toMatchObject({ strategy: 'external' });
  });
});

describe('a group: what it counts for', () => {
  const exit = (units: number) =>
    inputOf({ ...EXIT, clientOrderId: idOf('exit-1'), quantity: wholeUnits(units) });

  it('an entry that waits → an exit of what is held beside it is admitted', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf({ clientOrderId: idOf('first') }));
    await applyAll(test, [
      test.broker.fill('first', 50, 145),
      test.broker.become('first', 'canceled'),
    ]);
    await placeOrder(test.world, inputOf({ ...BRACKET, quantity: wholeUnits(50) }));
    expect((await placeOrder(test.world, exit(50))).state).toBe('accepted');
  });

  it('exits that work → the same units are never closed again', async () => {
    const test = await entered();
    expect((await placeOrder(test.world, exit(1))).detail).toContain('turns_position');
  });

  it('both exits count once → another entry fits beside them', async () => {
    const test = await entered();
    const more = inputOf({ clientOrderId: idOf('more'), quantity: wholeUnits(10) });
    expect((await placeOrder(test.world, more)).state).toBe('accepted');
  });

  it('a halt that keeps protection → the entry’s exits stay, an entry goes', async () => {
    const test = await entered();
    await placeOrder(test.world, inputOf({ clientOrderId: idOf('more') }));
    const { report } = await cancelForHalt(test.world, 'keep-protection');
    expect(report).toMatchObject({ open: 2, raisers: 1, requested: 1 });
    expect(test.broker.snapshot('more').status).toBe('canceled');
    expect(test.broker.snapshot(STOP).status).toBe('held');
    expect(test.broker.snapshot(PROFIT).status).toBe('new');
  });
});

describe('a group: what its ends mean for the protection of a position', () => {
  /** 50 more than the bracket closes, so that something is held when it has ended. */
  async function withMore(): Promise<TestWorld> {
    const test = await openTestWorld();
    await placeOrder(
      test.world,
      inputOf({ clientOrderId: idOf('more'), quantity: wholeUnits(50) }),
    );
    await applyAll(test, [test.broker.fill('more', 50, 145)]);
    await placeOrder(test.world, inputOf(BRACKET));
    test.broker.fill(ORDER_ID, 100, 145);
    await applyAll(test, told(test));
    test.advanceMarket(60_000);
    return test;
  }
  const [profit, stop] = ['broker-2-profit', 'broker-2-stop'] as const;

  it('one exit fills → the other one is not lost', async () => {
    const test = await withMore();
    test.broker.fill(profit, 100, 150);
    await applyAll(test, told(test));
    expect(await watchProtection(test.world)).toEqual([]);
  });

  it('one is canceled by us → the group went with it, and nothing is lost', async () => {
    const test = await withMore();
    await cancelOrder(test.world, profit, BY);
    await applyAll(test, told(test));
    expect(await standingOf(test, stop)).toBe('canceled 0');
    expect(await watchProtection(test.world)).toEqual([]);
  });

  it('the broker ends it → the stop of what is held is lost', async () => {
    const test = await withMore();
    test.broker.become(profit, 'expired');
    test.broker.become(stop, 'expired');
    await applyAll(test, told(test));
    const lost = await watchProtection(test.world);
    expect(lost.map(({ kind }) => kind)).toEqual(['stop', 'take_profit']);
  });
});

describe('an oco of what is held', () => {
  it('placed → its stop is a leg; one fills, the other ends', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf({ clientOrderId: idOf('first') }));
    await applyAll(test, [test.broker.fill('first', 100, 145)]);
    const { stopLoss } = BRACKET;
    const takeProfit = price(150_000_000_000);
    const view = await placeOrder(
      test.world,
      inputOf({
        orderClass: 'oco',
        side: 'sell',
        purpose: 'exit',
        limitPrice: takeProfit,
        takeProfit,
        stopLoss: stopLoss ?? null,
      }),
    );
    expect(view).toMatchObject({ state: 'accepted', detail: null });
    expect(await reservedOf(test)).toBe('0');
    const [leg] = await test.world.reader.orders.legsOf(ORDER_ID);
    expect(leg?.order).toMatchObject({ intent: { leg: 'stop' }, progress: { state: 'held' } });
    told(test);
    test.broker.fill('broker-2-stop', 100, 140);
    await applyAll(test, told(test));
    expect(await standingOf(test, ORDER_ID)).toBe('canceled 0');
    expect(await standingOf(test, 'broker-2-stop')).toBe('filled 100');
  });
});
