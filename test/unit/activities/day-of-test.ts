import { placeOrder } from '../../../activities/order/place-order.js';
import { pollOrder } from '../../../activities/order/resolve-order.js';
import type { TradeUpdate } from '../../../adapters/broker/port.js';
import { epochMs, usd } from '../../../domain/values/index.js';
import { expect } from 'vitest';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { inputOf, ORDER_ID } from './order-of-test.js';

/** A running system in a session: closed trades count for the day. */
export async function openDay(): Promise<TestWorld> {
  const test = await openTestWorld();
  await test.books.transaction(ACCOUNT, async (transaction) => {
    await transaction.tradingDays.put({
      date: '2013-10-07',
      startEquity: usd(100_000_000_000),
      peakEquity: usd(100_000_000_000),
      lastEquity: usd(100_000_000_000),
      realizedPnl: usd(0),
      tradesClosed: 0,
      losingStreak: 0,
      ordersAdmitted: 0,
      ordersDenied: 0,
      startedAtMs: epochMs(0),
      summarizedAtMs: null,
    });
  });
  test.broker.isMuted = true;
  await placeOrder(test.world, inputOf());
  return test;
}

/** The position changes lead from one to the next, and the last is the position. */
export async function expectWholeStory({ world }: TestWorld): Promise<void> {
  let before = { side: 'flat', quantity: 0, costBasis: 0, realized: 0 };
  for (const change of await world.reader.positions.changesOf('SPY')) {
    expect([change.sideBefore, change.quantityBefore, change.costBasisBefore]).toEqual([
      before.side,
      before.quantity,
      before.costBasis,
    ]);
    before = {
      side: change.sideAfter,
      quantity: change.quantityAfter,
      costBasis: change.costBasisAfter,
      realized: before.realized + change.realized,
    };
  }
  const position = await world.reader.positions.bySymbol('SPY');
  expect(position).toMatchObject({
    side: before.side,
    quantity: before.quantity,
    costBasis: before.costBasis,
    realizedPnl: before.realized,
  });
}

/** A look at the broker whose activities are not there yet: what is missing is inferred. */
export async function infer(test: TestWorld): Promise<void> {
  test.broker.areActivitiesLagging = true;
  await pollOrder(test.world, ORDER_ID);
  test.broker.areActivitiesLagging = false;
}

export async function kindsOf({ world }: TestWorld): Promise<readonly string[]> {
  return (await world.reader.fills.byOrder(ORDER_ID)).map(({ kind }) => kind);
}

type Fills = readonly (readonly [units: number, priceUsd: number])[];

export function fillAll({ broker }: TestWorld, fills: Fills): readonly TradeUpdate[] {
  return fills.map(([units, priceUsd]) => broker.fill(ORDER_ID, units, priceUsd));
}
