import { recordDeniedWish } from '../../activities/order/deny-wish.js';
import type { ManualOrder } from '../../cli/ports.js';

import type { OrderView } from '../../workflows/contract/order.js';
import { at } from '../store/rows-fixture.js';
import { testShell } from './shell-fixture.js';

export const MARKET_ORDER = ['--symbol', 'SPY', '--side', 'buy', '--qty', '10'];

export function viewOf(order: ManualOrder, change: Partial<OrderView>): OrderView {
  return {
    clientOrderId: order.clientOrderId,
    state: 'accepted',
    version: 2,
    brokerOrderId: 'b1',
    quantity: '10',
    filledQuantity: '0',
    averagePrice: null,
    detail: null,
    needsAttention: false,
    ...change,
  };
}

/** A shell whose run answers every order in one way, and whose denials reach its books. */
export async function shellThatAnswers(change: Partial<OrderView>) {
  const test = await testShell({ running: true });
  test.workers.denyDirectly = async ({ account, denied }) => {
    const clock = { nowMs: () => at(60) };
    const clocks = { marketClock: clock, wallClock: clock };
    await test.books.transaction(account, (transaction) =>
      recordDeniedWish(transaction, clocks, { ...denied, attempt: '1' }),
    );
  };
  const sent: { readonly order: ManualOrder; readonly printed: readonly string[] }[] = [];
  test.client.submitOrder = async (order) => {
    sent.push({ order, printed: [...test.out, ...test.err] });
    return viewOf(order, change);
  };
  return { test, sent };
}
