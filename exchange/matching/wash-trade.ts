import type { OrderBook } from './order-book.js';
import { isHeld, type OrderRequest, oppositeSide, type VenueOrder } from './venue-order.js';

/**
 * Which resting orders on the opposite side refuse a new one. `strict`, as Alpaca has it: any
 * market or stop order; any limit when the new order has none; else limits that cross. `crossing`:
 * the same, but a new market or stop order may be sent against resting limits.
 */
export type WashTradeGuard = 'crossing' | 'strict';

export interface WashTrade {
  readonly existingOrderId: string;
  readonly reason: 'market_or_stop' | 'limit';
}

/**
 * The resting order with which a request could trade against itself, or null. Orders with legs, new
 * or resting, are exempt.
 */
export function findWashTrade(
  request: OrderRequest,
  book: OrderBook,
  rules: { readonly guard: WashTradeGuard; readonly replacedId: string | null },
): WashTrade | null {
  if ((request.orderClass ?? 'simple') !== 'simple') return null;
  for (const order of book.openOn(request.symbol, oppositeSide(request.side))) {
    const isExempt = isHeld(order) || order.orderClass !== 'simple';
    if (isExempt || order.id === rules.replacedId) continue;
    const reason = conflict(request, order, rules.guard);
    if (reason !== null) return { existingOrderId: order.id, reason };
  }
  return null;
}

function conflict(
  request: OrderRequest,
  resting: VenueOrder,
  guard: WashTradeGuard,
): WashTrade['reason'] | null {
  // A stop-limit counts as the limit order that it may become, on both sides.
  if (resting.limitPrice === null) return 'market_or_stop';
  if (request.limitPrice === null) return guard === 'strict' ? 'limit' : null;
  const [buyLimit, sellLimit] =
    request.side === 'buy'
      ? [request.limitPrice, resting.limitPrice]
      : [resting.limitPrice, request.limitPrice];
  return buyLimit >= sellLimit ? 'limit' : null;
}
