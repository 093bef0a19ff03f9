import type { Bar, Quote, TradePrint } from '../../domain/market/index.js';
import type { Price } from '../../domain/values/index.js';
import type { VenueOrder } from './venue-order.js';

/** What a market event does to a working order. */
export type Evaluation =
  | { readonly kind: 'nothing' }
  /** A stop was reached; the order goes on as a market or limit order. */
  | { readonly kind: 'elected' }
  | { readonly kind: 'fill'; readonly price: Price };

const NOTHING: Evaluation = { kind: 'nothing' };
const ELECTED: Evaluation = { kind: 'elected' };

/**
 * Against the best bid and ask: a market order (or an elected stop) fills at the far side, a limit
 * order when the far side is at its limit or better, and then at the far side. An empty side fills
 * nothing. Quotes elect no stop.
 */
export function evaluateQuote(order: VenueOrder, quote: Quote): Evaluation {
  const farSide = order.side === 'buy' ? quote.askPrice : quote.bidPrice;
  if (farSide === null || waitsForStop(order)) return NOTHING;
  if (order.limitPrice !== null && !isAtLeastAsGood(order, farSide, order.limitPrice)) {
    return NOTHING;
  }
  return { kind: 'fill', price: farSide };
}

/**
 * Against a bar of trades. A limit fills when the bar traded through it (strictly), at the open
 * when the open is better. A stop is elected when the bar reached it, and a stop without limit
 * fills at the open when the market opened through it, else at the stop. A market order fills at
 * the open: only where nobody quotes does it wait for a bar.
 */
export function evaluateBar(order: VenueOrder, bar: Bar): Evaluation {
  if (waitsForStop(order)) return evaluateStopOnBar(order, bar);
  if (order.limitPrice === null) return { kind: 'fill', price: bar.open };
  const limit = order.limitPrice;
  const extreme = order.side === 'buy' ? bar.low : bar.high;
  if (!isBetter(order, extreme, limit)) return NOTHING;
  return { kind: 'fill', price: isBetter(order, bar.open, limit) ? bar.open : limit };
}

/**
 * Against one printed trade: it elects stops, and fills limits that it trades through, at the
 * limit.
 */
export function evaluateTrade(order: VenueOrder, trade: TradePrint): Evaluation {
  if (waitsForStop(order)) {
    return reachesStop(order, trade.price) ? ELECTED : NOTHING;
  }
  if (order.limitPrice === null) return { kind: 'fill', price: trade.price };
  const isThrough = isBetter(order, trade.price, order.limitPrice);
  return isThrough ? { kind: 'fill', price: order.limitPrice } : NOTHING;
}

/**
 * In an auction at one price: market orders fill, limit orders when the price is at their limit or
 * better.
 */
export function evaluateAuction(order: VenueOrder, auctionPrice: Price): Evaluation {
  if (order.limitPrice !== null && !isAtLeastAsGood(order, auctionPrice, order.limitPrice)) {
    return NOTHING;
  }
  return { kind: 'fill', price: auctionPrice };
}

function evaluateStopOnBar(order: VenueOrder, bar: Bar): Evaluation {
  const extreme = order.side === 'buy' ? bar.high : bar.low;
  if (order.stopPrice === null || !reachesStop(order, extreme)) return NOTHING;
  // In which order the bar printed is unknown: after its election a stop-limit waits for the next
  // event.
  if (order.type === 'stop_limit') return ELECTED;
  return { kind: 'fill', price: reachesStop(order, bar.open) ? bar.open : order.stopPrice };
}

function waitsForStop(order: VenueOrder): boolean {
  return order.stopPrice !== null && !order.isElected;
}

function reachesStop(order: VenueOrder, traded: Price): boolean {
  if (order.stopPrice === null) return false;
  return order.side === 'buy' ? traded >= order.stopPrice : traded <= order.stopPrice;
}

/** Better for the owner of the order: lower for a buy, higher for a sell. */
function isBetter(order: VenueOrder, offered: Price, limit: Price): boolean {
  return order.side === 'buy' ? offered < limit : offered > limit;
}

function isAtLeastAsGood(order: VenueOrder, offered: Price, limit: Price): boolean {
  return order.side === 'buy' ? offered <= limit : offered >= limit;
}
