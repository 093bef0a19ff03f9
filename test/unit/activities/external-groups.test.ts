import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { repairAll } from '../../../activities/reconciliation/repair-all.js';
import { repairShown } from '../../../activities/reconciliation/repair-shown.js';
import type { OrderIntent } from '../../../domain/order/index.js';
import { price, wholeUnits } from '../../../domain/values/index.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { inputOf, ORDER_ID, requestOfTest, rowOf, standingOf } from './order-of-test.js';

/** To be sold at 150 or at 140. */
const BRACKET: Partial<OrderIntent> = {
  orderClass: 'bracket',
  takeProfit: price(150_000_000_000),
  stopLoss: { stopPrice: price(140_000_000_000), limitPrice: null },
};

/** 50 of ours are held; somebody else's brackets of 100 have filled while we were down. */
async function back(ids: readonly string[]): Promise<TestWorld> {
  const test = await openTestWorld();
  await placeOrder(test.world, inputOf({ quantity: wholeUnits(50) }));
  test.broker.fill(ORDER_ID, 50, 145);
  await repairAll(test.world);
  test.broker.isMuted = true;
  for (const id of ids) {
    test.broker.place(requestOfTest({ ...BRACKET, clientOrderId: idOf(id) }));
    test.broker.fill(id, 100, 145);
  }
  test.broker.calls.splice(0);
  return test;
}

function legsOf({ broker }: TestWorld, id: string): readonly string[] {
  return broker.order(id).legs.map(({ request }) => request.clientOrderId);
}

/** Each leg: its parent, what it is for, and where it stands. */
async function legsInBooks(
  test: TestWorld,
  id: string,
): Promise<readonly (readonly (string | null)[])[]> {
  return Promise.all(
    legsOf(test, id).map(async (leg) => {
      const { parent, order } = await rowOf(test, leg);
      return [parent, order.intent.purpose, await standingOf(test, leg)];
    }),
  );
}

/** An exit of the 50 that are ours. */
async function exit({ world }: TestWorld): Promise<string> {
  const wish = { side: 'sell', purpose: 'exit', type: 'market', limitPrice: null } as const;
  const clientOrderId = idOf('ord-exit-1');
  const input = inputOf({ ...wish, clientOrderId, quantity: wholeUnits(50) });
  const { state, detail } = await placeOrder(world, input);
  return detail ?? state;
}

describe('a bracket by hand that was placed and has filled while we were down', () => {
  it('→ one group: its exits count once, and ours is admitted', async () => {
    const test = await back(['by-hand']);
    await repairAll(test.world);
    expect(await standingOf(test, 'by-hand')).toBe('filled 100');
    expect(await legsInBooks(test, 'by-hand')).toEqual([
      ['by-hand', 'exit', 'accepted 0'],
      ['by-hand', 'exit', 'held 0'],
    ]);
    expect(await exit(test)).toBe('accepted');
  });

  it('several of them → one list of recent orders finds all', async () => {
    const test = await back(['first', 'second', 'third']);
    await repairAll(test.world);
    for (const id of ['first', 'second', 'third']) {
      expect((await legsInBooks(test, id)).map(([parent]) => parent)).toEqual([id, id]);
    }
    expect(test.broker.calls.filter((call) => call === 'ordersSubmittedSince')).toHaveLength(1);
  });

  it('its entry is not in that list yet → its exits join it when it comes, once', async () => {
    const test = await back(['by-hand']);
    const list = test.broker.ordersSubmittedSince.bind(test.broker);
    test.broker.ordersSubmittedSince = async () => [];
    const [profit = '', stop = ''] = legsOf(test, 'by-hand');
    for (const leg of [profit, stop]) await repairShown(test.world, test.broker.snapshot(leg));
    expect(await legsInBooks(test, 'by-hand')).toEqual([
      [null, 'entry', 'accepted 0'],
      [null, 'entry', 'held 0'],
    ]);
    test.broker.ordersSubmittedSince = list;
    await repairAll(test.world);
    await repairAll(test.world);
    expect(await legsInBooks(test, 'by-hand')).toEqual([
      ['by-hand', 'exit', 'accepted 0'],
      ['by-hand', 'exit', 'held 0'],
    ]);
    const history = await test.world.reader.orders.eventsOf(profit);
    expect(history.filter(({ kind }) => kind === 'leg_joined')).toHaveLength(1);
    expect(await exit(test)).toBe('accepted');
  });
});
