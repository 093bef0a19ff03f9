import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { pollOrder } from '../../../activities/order/resolve-order.js';
import { repairAll } from '../../../activities/reconciliation/repair-all.js';
import { readFillActivity } from '../../../adapters/broker/alpaca/order-reader.js';
import type { FillActivity } from '../../../adapters/broker/port.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { inputOf, liveOf, ORDER_ID, requestOfTest, standingOf, toldOf } from './order-of-test.js';

const OTHER = 'other';

/** A line of the broker's executions of our order, as its wire would tell it. */
function lineOf({ broker }: TestWorld, { qty, cum }: typeof MORE_THAN_ALL): FillActivity {
  return readFillActivity({
    id: 'activity-odd',
    order_id: broker.snapshot(ORDER_ID).brokerOrderId,
    symbol: 'SPY',
    side: 'buy',
    price: '145',
    qty,
    cum_qty: cum,
    transaction_time: '2013-10-07T13:30:00Z',
  });
}

const MORE_THAN_ALL = { qty: '50', cum: '40' };
const NOTHING = { qty: '0', cum: '40' };

/** Ours has filled 40 and somebody else's 10, and nobody has heard of either. */
async function filledUnheard(): Promise<TestWorld> {
  const test = await openTestWorld();
  await placeOrder(test.world, inputOf());
  test.broker.place(requestOfTest({ clientOrderId: idOf(OTHER) }));
  test.broker.isMuted = true;
  test.broker.fill(ORDER_ID, 40, 145);
  test.broker.fill(OTHER, 10, 145);
  test.advanceMarket(60_000);
  return test;
}

/** From here on the broker lists these executions beside those of `kept` orders. */
function list(test: TestWorld, odd: FillActivity, kept: readonly string[]): void {
  const ids = kept.map((clientOrderId) => test.broker.snapshot(clientOrderId).brokerOrderId);
  const right = test.broker.activities.filter((one) => ids.includes(one.brokerOrderId));
  test.broker.fillActivitiesSince = async () => [...right, odd];
}

describe.each([
  ['of more than the order had filled behind it', MORE_THAN_ALL],
  ['of nothing', NOTHING],
])('one line of the broker’s executions is %s', (_what, line) => {
  it('beside the right one → that counts, the rest is repaired, the cursor moves', async () => {
    const test = await filledUnheard();
    list(test, lineOf(test, line), [ORDER_ID, OTHER]);
    expect((await repairAll(test.world)).later).toBe(0);
    expect(await standingOf(test)).toBe('partially_filled 40');
    expect(await standingOf(test, OTHER)).toBe('partially_filled 10');
    expect((await liveOf(test)).map(({ activityId }) => activityId)).toEqual(['activity-1']);
    const stream = await test.world.reader.streamState.get();
    expect(stream?.repairedThroughMs).toBe(test.world.marketClock.nowMs());
  });

  it('instead of the right one → the totals decide, and a person is told once', async () => {
    const test = await filledUnheard();
    list(test, lineOf(test, line), [OTHER]);
    await repairAll(test.world);
    await pollOrder(test.world, ORDER_ID);
    await repairAll(test.world);
    expect(await standingOf(test)).toBe('partially_filled 40');
    expect((await liveOf(test)).map(({ kind }) => kind)).toEqual(['inferred']);
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
    const told = (await toldOf(test)).filter((one) => one === 'warning position_reconciliation');
    expect(told).toHaveLength(2); // That somebody else placed the other order, and the line.
  });
});

it('a line has the right trade at a place where it cannot be → the totals take it', async () => {
  const test = await filledUnheard();
  list(test, lineOf(test, { qty: '40', cum: '30' }), [OTHER]);
  await repairAll(test.world);
  expect((await liveOf(test)).map(({ kind, activityId }) => [kind, activityId])).toEqual([
    ['execution', 'activity-odd'],
  ]);
  expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
});
