import type { Bar, Quote, TradePrint } from '../../domain/market/index.js';
import type { Price } from '../../domain/values/index.js';
import { collaredPrice } from './collar.js';
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
  const limit = limitOf(order);
  if (limit !== null && !isAtLeastAsGood(order, farSide, limit)) return NOTHING;
  return { kind: 'fill', price: farSide };
}

/**
 * Against a bar of trades. A limit fills when the bar traded through it (strictly), at the open
 * when the open is better. A stop is elected when the bar reached it, and a stop without limit
 * fills at the open when the market opened through it, else at the stop; a buy stop never beyond
 * its collar. A market order fills at
 * the open: only where nobody quotes does it wait for a bar.
 */
export function evaluateBar(order: VenueOrder, bar: Bar): Evaluation {
  if (waitsForStop(order)) return evaluateStopOnBar(order, bar);
  const limit = limitOf(order);
  if (limit === null) return { kind: 'fill', price: bar.open };
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
  const limit = limitOf(order);
  if (limit === null) return { kind: 'fill', price: trade.price };
  return isBetter(order, trade.price, limit) ? { kind: 'fill', price: limit } : NOTHING;
}

/**
 * In an auction at one price: market orders fill, limit orders when the price is at their limit or
 * better, and stops that nothing has reached do not.
 */
export function evaluateAuction(order: VenueOrder, auctionPrice: Price): Evaluation {
  if (waitsForStop(order)) return NOTHING;
  const limit = limitOf(order);
  const isWithin = limit === null || isAtLeastAsGood(order, auctionPrice, limit);
  return isWithin ? { kind: 'fill', price: auctionPrice } : NOTHING;
}

function evaluateStopOnBar(order: VenueOrder, bar: Bar): Evaluation {
  const extreme = order.side === 'buy' ? bar.high : bar.low;
  if (order.stopPrice === null || !reachesStop(order, extreme)) return NOTHING;
  // In which order the bar printed is unknown: after its election a stop-limit waits for the next
  // event.
  if (order.type === 'stop_limit') return ELECTED;
  const price = reachesStop(order, bar.open) ? bar.open : order.stopPrice;
  const limit = limitOf(order);
  const isWithin = limit === null || isAtLeastAsGood(order, price, limit);
  return isWithin ? { kind: 'fill', price } : ELECTED;
}

/**
 * What an order must not be filled beyond: its limit, or, of a buy stop, the collar above its stop.
 * A sell stop is a market order.
 */
function limitOf(order: VenueOrder): Price | null {
  if (order.limitPrice !== null || order.stopPrice === null) return order.limitPrice;
  return order.side === 'buy' ? collaredPrice(order.stopPrice) : null;
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
