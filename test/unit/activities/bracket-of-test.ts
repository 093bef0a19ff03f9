import { placeOrder } from '../../../activities/order/place-order.js';
import type { TradeUpdate } from '../../../adapters/broker/port.js';
import type { OrderIntent } from '../../../domain/order/index.js';
import { price } from '../../../domain/values/index.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { inputOf, ORDER_ID, standingOf } from './order-of-test.js';
import { applyAll } from './stream-of-test.js';

export const PROFIT = 'broker-1-profit';
export const STOP = 'broker-1-stop';

/** BUY 100 SPY limit 145.20, to be sold at 150 or at 140. */
export const BRACKET: Partial<OrderIntent> = {
  orderClass: 'bracket',
  takeProfit: price(150_000_000_000),
  stopLoss: { stopPrice: price(140_000_000_000), limitPrice: null },
};

/** Everything that the broker has told since it was asked the last time. */
export function told(test: TestWorld): readonly TradeUpdate[] {
  const { updates } = test.broker;
  const fresh = updates.slice(heard.get(test) ?? 0);
  heard.set(test, updates.length);
  return fresh;
}

/** How many of the broker's updates a test has taken. */
const heard = new WeakMap<TestWorld, number>();

export async function placed(): Promise<TestWorld> {
  const test = await openTestWorld();
  await placeOrder(test.world, inputOf(BRACKET));
  told(test);
  return test;
}

/** The entry has filled at 145: the take-profit works, the stop is held. */
export async function entered(): Promise<TestWorld> {
  const test = await placed();
  test.broker.fill(ORDER_ID, 100, 145);
  await applyAll(test, told(test));
  return test;
}

/** The states of the entry, its take-profit and its stop, each with what it has filled. */
export async function standings(test: TestWorld): Promise<readonly string[]> {
  return Promise.all([ORDER_ID, PROFIT, STOP].map((id) => standingOf(test, id)));
}
