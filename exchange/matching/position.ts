import {
  absoluteUsd,
  addUsd,
  negateUsd,
  notionalRounded,
  type Price,
  proportionRounded,
  quantity,
  subtractUsd,
  type Usd,
} from '../../domain/values/index.js';
import type { Execution } from './venue-order.js';

/** What the account holds of a symbol. Never flat: a flat position does not exist. */
export interface VenuePosition {
  readonly symbol: string;
  /** Nano-units, negative when short. */
  readonly signedNanos: number;
  /** What the open units cost (or brought, when short). Never negative. */
  readonly costBasis: Usd;
  /** The market date on which it was opened. */
  readonly openedOn: string;
}

/** An execution as far as positions care. */
export type PositionChange = Pick<Execution, 'symbol' | 'side' | 'quantity' | 'price' | 'cash'>;

/**
 * The position after an execution, or null when it is flat. Adding raises the cost by the
 * execution's cash, reducing takes a proportional share of it, and a flip through zero starts anew
 * at the execution's price.
 */
export function positionAfter(
  before: VenuePosition | null,
  change: PositionChange,
  marketDate: string,
): VenuePosition | null {
  const signedChange = change.side === 'buy' ? change.quantity : -change.quantity;
  const held = before?.signedNanos ?? 0;
  const signedNanos = held + signedChange;
  if (signedNanos === 0) return null;
  const spent = absoluteUsd(change.cash);
  if (before === null) {
    return { symbol: change.symbol, signedNanos, costBasis: spent, openedOn: marketDate };
  }
  if (held > 0 === signedChange > 0) {
    return { ...before, signedNanos, costBasis: addUsd(before.costBasis, spent) };
  }
  if (held > 0 === signedNanos > 0) {
    const removed = proportionRounded(before.costBasis, change.quantity, heldQuantity(before));
    return { ...before, signedNanos, costBasis: subtractUsd(before.costBasis, removed) };
  }
  const opened = quantity(Math.abs(signedNanos));
  const costBasis = notionalRounded(change.price, opened);
  return { symbol: change.symbol, signedNanos, costBasis, openedOn: marketDate };
}

/** How much is held, long or short. */
export function heldQuantity(position: VenuePosition): ReturnType<typeof quantity> {
  return quantity(Math.abs(position.signedNanos));
}

/** Market value at a price: negative when short. */
export function marketValue(position: VenuePosition, at: Price): Usd {
  const value = notionalRounded(at, heldQuantity(position));
  return position.signedNanos < 0 ? negateUsd(value) : value;
}
