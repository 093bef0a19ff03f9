import type { OrderIntent } from '../order/index.js';
import { CENT_NANOS, formatPrice, NANOS_PER_UNIT, type Price } from '../values/index.js';
import { isOnTick } from './price-tick.js';
import type { Denial } from './validate-intent.js';

/** How far an exit lies at least from what it is measured from. */
const APART_NANOS_MIN = CENT_NANOS;

/**
 * Decides whether an order's class and its exits fit together, as Alpaca documents it for bracket,
 * oco and oto orders. `quotedPrice` is what exits of a market entry are measured from; where it is
 * unknown, they are measured from one another only.
 */
export function groupFault(intent: OrderIntent, quotedPrice: Price | null): Denial | null {
  const shape = shapeFault(intent) ?? surroundingsFault(intent);
  if (shape !== null) return { code: 'invalid_order_class', message: shape };
  const price = tickFault(intent) ?? distanceFault(intent, quotedPrice);
  return price === null ? null : { code: 'invalid_exit_price', message: price };
}

function shapeFault(intent: OrderIntent): string | null {
  const { orderClass, takeProfit, stopLoss, type, limitPrice } = intent;
  const exits = [takeProfit, stopLoss].filter((exit) => exit !== null).length;
  switch (orderClass) {
    case 'simple':
      return exits === 0 ? null : 'exits need an order class: bracket, oco or oto';
    case 'bracket':
      if (exits !== 2) return 'a bracket takes a take-profit and a stop-loss';
      return type === 'market' || type === 'limit'
        ? needsPurpose(intent, 'entry')
        : `the entry of a bracket is a market or limit order, found ${type}`;
    case 'oto':
      if (exits !== 1) return 'an oto takes either a take-profit or a stop-loss';
      return needsPurpose(intent, 'entry');
    case 'oco':
      if (exits !== 2) return 'an oco takes a take-profit and a stop-loss';
      if (type !== 'limit' || limitPrice !== takeProfit) {
        return 'an oco is a limit order at its take-profit';
      }
      return needsPurpose(intent, 'exit');
  }
}

function needsPurpose(
  { orderClass, purpose }: OrderIntent,
  wanted: OrderIntent['purpose'],
): string | null {
  return purpose === wanted ? null : `an ${orderClass} order is an ${wanted}, found an ${purpose}`;
}

function surroundingsFault(intent: OrderIntent): string | null {
  const { orderClass, timeInForce, extendedHours, quantity } = intent;
  if (orderClass === 'simple') return null;
  if (timeInForce !== 'day' && timeInForce !== 'gtc') {
    return `a group takes day or gtc, found ${timeInForce}`;
  }
  if (extendedHours) return 'a group trades in regular hours only';
  return quantity % NANOS_PER_UNIT === 0 ? null : 'a group takes whole units only';
}

function tickFault({ takeProfit, stopLoss }: OrderIntent): string | null {
  const exits = [takeProfit, stopLoss?.stopPrice ?? null, stopLoss?.limitPrice ?? null];
  const fine = exits.find((price) => price !== null && !isOnTick(price)) ?? null;
  return fine === null ? null : `the exit price ${formatPrice(fine)} is finer than the tick`;
}

/** Exits lie a cent or more on their own sides of the entry, and of one another. */
function distanceFault(intent: OrderIntent, quotedPrice: Price | null): string | null {
  const { orderClass, takeProfit } = intent;
  const stop = intent.stopLoss?.stopPrice ?? null;
  const isLong = (orderClass === 'oco') === (intent.side === 'sell');
  const isBeyond = (upper: Price, lower: Price): boolean =>
    isLong ? upper - lower >= APART_NANOS_MIN : lower - upper >= APART_NANOS_MIN;
  const sides = isLong ? ['above', 'below'] : ['below', 'above'];
  if (takeProfit !== null && stop !== null && !isBeyond(takeProfit, stop)) {
    return `the take-profit lies a cent or more ${sides[0]} the stop-loss`;
  }
  const base = orderClass === 'oco' ? null : (intent.limitPrice ?? intent.stopPrice ?? quotedPrice);
  if (base === null) return null;
  if (takeProfit !== null && !isBeyond(takeProfit, base)) {
    return `the take-profit lies a cent or more ${sides[0]} the entry at ${formatPrice(base)}`;
  }
  if (stop === null || isBeyond(base, stop)) return null;
  return `the stop-loss lies a cent or more ${sides[1]} the entry at ${formatPrice(base)}`;
}
