import type { Price } from '../../domain/values/index.js';
import { isHeld, type OrderRequest, oppositeSide, type VenueOrder } from './venue-order.js';

/** Which rule of a complex order a request breaks. */
export type GroupRule =
  | 'bracket_needs_both_exits'
  | 'oto_needs_one_exit'
  | 'oco_needs_both_exits'
  | 'simple_has_no_exits'
  | 'entry_only'
  | 'exit_only'
  | 'time_in_force'
  | 'extended_hours'
  | 'type'
  | 'whole_units_only'
  | 'take_profit_price'
  | 'stop_loss_price';

const CENT = 10_000_000;

/**
 * The legs that a request asks for: both exits of a bracket, the one exit of an oto, the stop of an
 * oco, whose own order is the take-profit. None for a simple order.
 */
export function legRequests(request: OrderRequest): readonly OrderRequest[] {
  const { orderClass = 'simple', takeProfit = null, stopLoss = null } = request;
  if (orderClass === 'simple') return [];
  const { symbol, quantity, timeInForce } = request;
  const common = {
    clientOrderId: null,
    symbol,
    side: orderClass === 'oco' ? request.side : oppositeSide(request.side),
    timeInForce,
    quantity,
    extendedHours: false,
    orderClass,
  };
  const profit: OrderRequest[] =
    takeProfit === null || orderClass === 'oco'
      ? []
      : [{ ...common, type: 'limit', limitPrice: takeProfit, stopPrice: null }];
  if (stopLoss === null) return profit;
  const { stopPrice, limitPrice } = stopLoss;
  const type = limitPrice === null ? 'stop' : 'stop_limit';
  return [...profit, { ...common, type, limitPrice, stopPrice }];
}

/**
 * The rule that a request's class, or its lack of one, breaks; null when it is well made.
 * `basePrice` is what the exits are measured from: the entry's limit or the market.
 */
export function brokenGroupRule(
  request: OrderRequest,
  facts: { readonly isClosing: boolean; readonly basePrice: Price | null },
): GroupRule | null {
  const { orderClass = 'simple' } = request;
  const shape = brokenShape(request);
  if (shape !== null || orderClass === 'simple') return shape;
  if (orderClass === 'oco' && !facts.isClosing) return 'exit_only';
  if (orderClass !== 'oco' && facts.isClosing) return 'entry_only';
  if (request.timeInForce !== 'day' && request.timeInForce !== 'gtc') return 'time_in_force';
  if (request.extendedHours) return 'extended_hours';
  if (request.quantity % 1_000_000_000 !== 0 || (request.notional ?? null) !== null) {
    return 'whole_units_only';
  }
  return brokenPrices(request, facts.basePrice);
}

function brokenShape(request: OrderRequest): GroupRule | null {
  const { orderClass = 'simple', takeProfit = null, stopLoss = null, type } = request;
  const exits = [takeProfit, stopLoss].filter((exit) => exit !== null).length;
  switch (orderClass) {
    case 'simple':
      return exits === 0 ? null : 'simple_has_no_exits';
    case 'bracket':
      if (exits !== 2) return 'bracket_needs_both_exits';
      return type === 'market' || type === 'limit' ? null : 'type';
    case 'oto':
      return exits === 1 ? null : 'oto_needs_one_exit';
    case 'oco':
      if (exits !== 2) return 'oco_needs_both_exits';
      return type === 'limit' ? null : 'type';
  }
}

/** Exits lie a cent or more on their sides of the base price, and of one another. */
function brokenPrices(request: OrderRequest, marketPrice: Price | null): GroupRule | null {
  const { orderClass, takeProfit = null, stopLoss = null } = request;
  const isLong = orderClass === 'oco' ? request.side === 'sell' : request.side === 'buy';
  const stop = stopLoss?.stopPrice ?? null;
  const isAbove = (upper: Price, lower: Price) => upper - lower >= CENT;
  if (takeProfit !== null && stop !== null) {
    if (isLong ? !isAbove(takeProfit, stop) : !isAbove(stop, takeProfit))
      return 'take_profit_price';
  }
  const base = orderClass === 'oco' ? null : (request.limitPrice ?? marketPrice);
  if (base === null) return null;
  if (takeProfit !== null && (isLong ? !isAbove(takeProfit, base) : !isAbove(base, takeProfit))) {
    return 'take_profit_price';
  }
  if (stop !== null && (isLong ? !isAbove(base, stop) : !isAbove(stop, base))) {
    return 'stop_loss_price';
  }
  return null;
}

/**
 * In which order a bar printed is unknown. Of two exits that it reached, the stop is taken: the
 * worse of the two for their owner.
 */
export function stopsOfGroupsFirst(orders: readonly VenueOrder[]): readonly VenueOrder[] {
  const stops = orders.filter(isHeld);
  return stops.length === 0 ? orders : [...stops, ...orders.filter((order) => !isHeld(order))];
}
