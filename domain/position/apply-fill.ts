import type { Side } from '../order/index.js';
import {
  addQuantity,
  addUsd,
  assert,
  type EpochMs,
  epochMs,
  minQuantity,
  notionalRounded,
  type Price,
  proportionRounded,
  type Quantity,
  subtractQuantity,
  subtractUsd,
  type Usd,
  ZERO_QUANTITY,
  ZERO_USD,
} from '../values/index.js';
import type { Position } from './position.js';

/** A fill as far as positions care. */
export interface PositionFill {
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: Quantity;
  readonly price: Price;
  /** The cash of the fill, rounded once, always as `notionalRounded(price, quantity)`. */
  readonly notional: Usd;
  readonly atMs: EpochMs;
}

/** A position after a fill, and how the fill split into closing what was there and opening more. */
export interface PositionChange {
  readonly position: Position;
  /** Gained or lost by the part that closed, before fees. */
  readonly realized: Usd;
  readonly closedQuantity: Quantity;
  readonly openedQuantity: Quantity;
  /** The two parts of the fill's notional; they add up to it exactly. */
  readonly closedNotional: Usd;
  readonly openedNotional: Usd;
}

/**
 * The position after a fill, by weighted average cost. Adding raises the cost by the fill's cash.
 * Reducing keeps the average: a proportional share of the cost leaves, rounded half away from zero,
 * and the last unit takes what is left. A flip closes everything and opens the rest at the fill
 * price. To the micro-dollar, at every prefix of fills: cash = realised - signed cost basis.
 */
export function applyFill(position: Position, fill: PositionFill): PositionChange {
  assert(fill.quantity > 0, `expected a fill of something, found ${fill.quantity}`);
  assert(fill.symbol === position.symbol, `expected ${position.symbol}, found ${fill.symbol}`);
  const opening = fill.side === 'buy' ? 'long' : 'short';
  const isAdding = position.side === 'flat' || position.side === opening;
  const closedQuantity = isAdding ? ZERO_QUANTITY : minQuantity(fill.quantity, position.quantity);
  const openedQuantity = subtractQuantity(fill.quantity, closedQuantity);
  const openedNotional =
    closedQuantity === 0 ? fill.notional : notionalRounded(fill.price, openedQuantity);
  const split = {
    closedQuantity,
    openedQuantity,
    closedNotional: subtractUsd(fill.notional, openedNotional),
    openedNotional,
  };
  const updatedAtMs = epochMs(Math.max(position.updatedAtMs, fill.atMs));
  if (isAdding) {
    return {
      position: { ...add(position, fill, opening), updatedAtMs },
      realized: ZERO_USD,
      ...split,
    };
  }
  const { remaining, realized } = reduce(position, closedQuantity, split.closedNotional);
  const isFlip = openedQuantity > 0;
  const after = isFlip
    ? add(remaining, { ...fill, quantity: openedQuantity, notional: openedNotional }, opening)
    : remaining;
  return { position: { ...after, updatedAtMs }, realized, ...split };
}

function add(position: Position, fill: PositionFill, side: 'long' | 'short'): Position {
  return {
    ...position,
    side,
    quantity: addQuantity(position.quantity, fill.quantity),
    costBasis: addUsd(position.costBasis, fill.notional),
    enteredAtMs: position.enteredAtMs ?? fill.atMs,
  };
}

function reduce(
  position: Position,
  closed: Quantity,
  proceeds: Usd,
): { readonly remaining: Position; readonly realized: Usd } {
  const cost = proportionRounded(position.costBasis, closed, position.quantity);
  const realized =
    position.side === 'long' ? subtractUsd(proceeds, cost) : subtractUsd(cost, proceeds);
  const quantity = subtractQuantity(position.quantity, closed);
  const isFlat = quantity === 0;
  const remaining: Position = {
    ...position,
    side: isFlat ? 'flat' : position.side,
    quantity,
    costBasis: subtractUsd(position.costBasis, cost),
    realizedPnl: addUsd(position.realizedPnl, realized),
    enteredAtMs: isFlat ? null : position.enteredAtMs,
  };
  return { remaining, realized };
}
