import type { Side } from '../order/index.js';
import { type Quantity, quantity } from '../values/index.js';

/** Units held: positive long, negative short, in nano-units. */
export type SignedUnits = number;

/** The part of an open order that may still fill. */
export interface OpenOrderRemainder {
  readonly side: Side;
  readonly remaining: Quantity;
}

/**
 * How an order splits, when everything else of its side fills first: the worst case for exposure.
 */
export interface OrderSplit {
  readonly reducing: Quantity;
  readonly opening: Quantity;
}

/**
 * Splits an order into the part that only takes a position away and the part that can open one.
 * Orders of the same side that are already open come first, so two exits never count the same units
 * twice.
 */
export function splitOrder(
  position: SignedUnits,
  openOrders: readonly OpenOrderRemainder[],
  order: OpenOrderRemainder,
): OrderSplit {
  const ahead = openOrders
    .filter((open) => open.side === order.side)
    .reduce((sum, open) => sum + open.remaining, 0);
  const held = order.side === 'sell' ? Math.max(0, position) : Math.max(0, -position);
  const reducible = Math.max(0, held - ahead);
  const reducing = Math.min(order.remaining, reducible);
  return { reducing: quantity(reducing), opening: quantity(order.remaining - reducing) };
}

/**
 * Units that the position may reach on the order's side when it and everything open on that side
 * fills. Null: more than the books can hold.
 */
export function worstCaseUnits(
  position: SignedUnits,
  openOrders: readonly OpenOrderRemainder[],
  order: OpenOrderRemainder,
): Quantity | null {
  const sameSide = openOrders
    .filter((open) => open.side === order.side)
    .reduce((sum, open) => sum + open.remaining, 0);
  const signed = order.side === 'buy' ? position : -position;
  const units = Math.max(0, signed + sameSide + order.remaining);
  return Number.isSafeInteger(units) ? quantity(units) : null;
}

export function signedUnits(side: 'long' | 'short' | 'flat', units: Quantity): SignedUnits {
  return side === 'short' ? -units : units;
}
