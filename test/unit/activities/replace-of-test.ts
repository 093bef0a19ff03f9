import { placeOrder } from '../../../activities/order/place-order.js';
import { replaceOrder } from '../../../activities/order/replace-order.js';
import type { OrderIntent } from '../../../domain/order/index.js';
import { price } from '../../../domain/values/index.js';
import type { ReplaceRequest } from '../../../workflows/contract/index.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { at } from '../domain/order/order-fixture.js';
import { inputOf, ORDER_ID } from './order-of-test.js';

export const REPLACEMENT = `${ORDER_ID}.r1`;
export const REST = `${ORDER_ID}.r2`;

export function requestOf(change: Partial<ReplaceRequest> = {}): ReplaceRequest {
  return {
    requestedBy: 'alice',
    reason: 'a better price',
    decidedAtMs: at(1),
    quantity: null,
    limitPrice: price(146_000_000_000),
    stopPrice: null,
    timeInForce: null,
    ...change,
  };
}

/** BUY 100 SPY limit 145.20, at work. */
export async function placed(change: Partial<OrderIntent> = {}): Promise<TestWorld> {
  const test = await openTestWorld();
  await placeOrder(test.world, inputOf(change));
  return test;
}

export function replace(test: TestWorld, change: Partial<ReplaceRequest> = {}) {
  return replaceOrder(test.world, ORDER_ID, requestOf(change));
}

export function patches({ broker }: TestWorld): number {
  return broker.calls.filter((call) => call === 'replaceOrder').length;
}

/** How often the broker was asked to cancel. */
export function cancels({ broker }: TestWorld): number {
  return broker.calls.filter((call) => call === 'cancelOrder').length;
}

export const BY = { requestedBy: 'alice', reason: 'changed her mind' };
