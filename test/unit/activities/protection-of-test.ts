import { placeOrder } from '../../../activities/order/place-order.js';
import type { OrderIntent } from '../../../domain/order/index.js';
import { assert, price } from '../../../domain/values/index.js';
import type { OrderInput } from '../../../workflows/contract/index.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { inputOf, ORDER_ID, standingOf, toldOf } from './order-of-test.js';
import { applyAll } from './stream-of-test.js';

export const STOP_ID = idOf('ord-test-SPY-2-stop');
export const afterTheClose = { account: ACCOUNT, trigger: 'after the close' };

export function stopOf(change: Partial<OrderIntent> = {}): OrderInput {
  return inputOf({
    clientOrderId: STOP_ID,
    side: 'sell',
    purpose: 'exit',
    leg: 'stop',
    type: 'stop',
    limitPrice: null,
    stopPrice: price(140_000_000_000),
    ...change,
  });
}

/** 100 SPY with a stop below them. */
export async function protectedPosition(
  protection: 'alert' | 're-arm' = 'alert',
): Promise<TestWorld> {
  const test = await openTestWorld({ protection });
  await placeOrder(test.world, inputOf());
  await applyAll(test, [test.broker.fill(ORDER_ID, 100, 145)]);
  await placeOrder(test.world, stopOf());
  assert((await standingOf(test, STOP_ID)) === 'accepted 0', 'expected the stop at work');
  test.advanceMarket(60_000);
  return test;
}

export async function setMode(
  test: TestWorld,
  haltMode: 'none' | 'reduce_only' | 'halted',
): Promise<void> {
  await test.books.transaction(ACCOUNT, async ({ account }) => account.set({ haltMode }));
}

/** How often a person was told that protection was lost. */
export async function lossesTold(test: TestWorld): Promise<number> {
  return (await toldOf(test)).filter((one) => one === 'critical risk_breach').length;
}

/** The orders that were asked for and have no driver yet. */
export async function started({ world }: TestWorld): Promise<readonly OrderInput[]> {
  const rows = await world.reader.outbox.undelivered(100);
  const starts = rows.filter(({ kind }) => kind === 'start_order');
  return starts.map(({ payload }) => JSON.parse(payload) as OrderInput);
}

/** The orders that were asked for to put protection back, the first of all first. */
export async function putBack(test: TestWorld): Promise<readonly OrderInput[]> {
  return (await started(test)).filter(({ intent }) => intent.reason.endsWith('put back'));
}
