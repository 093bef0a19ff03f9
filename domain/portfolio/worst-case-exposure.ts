import type { Side } from '../order/index.js';
import type { Position } from '../position/index.js';
import { type Price, type Quantity, quantity, type Usd, usd } from '../values/index.js';

/**
 * An order that may still fill: working, in flight or unknown; of a replacement both legs. It
 * counts as filled at its limit price, or at the reference price that its worst case was judged
 * with.
 */
export interface PossibleFill {
  readonly symbol: string;
  readonly side: Side;
  readonly remaining: Quantity;
  readonly price: Price;
}

/**
 * How far one symbol's position can go when the orders of one side fill and those of the other do
 * not.
 */
export interface SymbolExposure {
  readonly symbol: string;
  readonly longQuantityMax: Quantity;
  readonly shortQuantityMax: Quantity;
  /**
   * Of the extreme quantity, at the highest of the mark and the prices of the orders that lead
   * there; rounded up.
   */
  readonly longValueMax: Usd;
  readonly shortValueMax: Usd;
}

/** Exposure at worst case. Every value is rounded against us. */
export interface WorstCaseExposure {
  readonly symbols: readonly SymbolExposure[];
  /** Sum over the symbols of the larger of their two extremes. */
  readonly gross: Usd;
  /** The most long (or least short) the account can become, all buys filled and no sell. */
  readonly netMax: Usd;
  /** The most short (or least long), all sells filled and no buy. Negative when short. */
  readonly netMin: Usd;
}

export type ExposureResult =
  | { readonly ok: true; readonly exposure: WorstCaseExposure }
  | {
      readonly ok: false;
      /** `unpriced`: held without a mark. `out_of_range`: more than our values can hold. */
      readonly fault: 'unpriced' | 'out_of_range';
      readonly symbols: readonly string[];
    };

/**
 * A symbol's two extremes as signed nano-units and micro-dollars, beyond the safe range if need be.
 */
interface Extremes {
  readonly symbol: string;
  readonly highest: bigint;
  readonly lowest: bigint;
  readonly highestValue: bigint;
  readonly lowestValue: bigint;
}

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const PRODUCT_UNITS_PER_MICRO = 1_000_000_000_000n;

/** Gross, net and per-symbol exposure if everything that may fill fills in the worst order. */
export function worstCaseExposure(
  positions: readonly Pick<Position, 'symbol' | 'side' | 'quantity'>[],
  possibleFills: readonly PossibleFill[],
  marks: ReadonlyMap<string, Price>,
): ExposureResult {
  const held = new Map(positions.map((position) => [position.symbol, signed(position)]));
  const symbols = [
    ...new Set([...held.keys(), ...possibleFills.map((fill) => fill.symbol)]),
  ].sort();
  const unpriced = symbols.filter(
    (symbol) => (held.get(symbol) ?? 0n) !== 0n && !marks.has(symbol),
  );
  if (unpriced.length > 0) return { ok: false, fault: 'unpriced', symbols: unpriced };
  const extremes = symbols.map((symbol) =>
    extremesOf({
      symbol,
      held: held.get(symbol) ?? 0n,
      fills: possibleFills.filter((fill) => fill.symbol === symbol),
      mark: BigInt(marks.get(symbol) ?? 0),
    }),
  );
  const unsafe = extremes.filter((extreme) => !isSafe(extreme)).map(({ symbol }) => symbol);
  const totals = totalsOf(extremes);
  if (unsafe.length > 0 || Object.values(totals).some((total) => magnitude(total) > SAFE_MAX)) {
    return { ok: false, fault: 'out_of_range', symbols: unsafe.length > 0 ? unsafe : symbols };
  }
  const exposure: WorstCaseExposure = {
    symbols: extremes.map(toSymbolExposure),
    gross: usd(Number(totals.gross)),
    netMax: usd(Number(totals.netMax)),
    netMin: usd(Number(totals.netMin)),
  };
  return { ok: true, exposure };
}

function signed(position: Pick<Position, 'side' | 'quantity'>): bigint {
  return position.side === 'short' ? -BigInt(position.quantity) : BigInt(position.quantity);
}

function extremesOf(at: {
  readonly symbol: string;
  readonly held: bigint;
  readonly fills: readonly PossibleFill[];
  readonly mark: bigint;
}): Extremes {
  const buys = at.fills.filter((fill) => fill.side === 'buy');
  const sells = at.fills.filter((fill) => fill.side === 'sell');
  const highest = at.held + remainingOf(buys);
  const lowest = at.held - remainingOf(sells);
  return {
    symbol: at.symbol,
    highest,
    lowest,
    highestValue: valueAgainstUs(highest, highestPrice(at.mark, buys)),
    lowestValue: valueAgainstUs(lowest, highestPrice(at.mark, sells)),
  };
}

function remainingOf(fills: readonly PossibleFill[]): bigint {
  return fills.reduce((sum, fill) => sum + BigInt(fill.remaining), 0n);
}

function highestPrice(mark: bigint, fills: readonly PossibleFill[]): bigint {
  return fills.reduce((max, fill) => (BigInt(fill.price) > max ? BigInt(fill.price) : max), mark);
}

/** Quantity × price in micro-dollars, away from zero. */
function valueAgainstUs(nanos: bigint, unitPrice: bigint): bigint {
  const value =
    (magnitude(nanos) * unitPrice + PRODUCT_UNITS_PER_MICRO - 1n) / PRODUCT_UNITS_PER_MICRO;
  return nanos < 0n ? -value : value;
}

function totalsOf(extremes: readonly Extremes[]): {
  readonly gross: bigint;
  readonly netMax: bigint;
  readonly netMin: bigint;
} {
  const sum = (value: (extreme: Extremes) => bigint): bigint =>
    extremes.reduce((total, extreme) => total + value(extreme), 0n);
  return {
    gross: sum(({ highestValue, lowestValue }) => {
      const [high, low] = [magnitude(highestValue), magnitude(lowestValue)];
      return high > low ? high : low;
    }),
    netMax: sum(({ highestValue }) => highestValue),
    netMin: sum(({ lowestValue }) => lowestValue),
  };
}

function isSafe(extreme: Extremes): boolean {
  const { highest, lowest, highestValue, lowestValue } = extreme;
  return [highest, lowest, highestValue, lowestValue].every(
    (value) => magnitude(value) <= SAFE_MAX,
  );
}

function toSymbolExposure(extreme: Extremes): SymbolExposure {
  return {
    symbol: extreme.symbol,
    longQuantityMax: quantity(Number(positivePart(extreme.highest))),
    shortQuantityMax: quantity(Number(positivePart(-extreme.lowest))),
    longValueMax: usd(Number(positivePart(extreme.highestValue))),
    shortValueMax: usd(Number(positivePart(-extreme.lowestValue))),
  };
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function positivePart(value: bigint): bigint {
  return value > 0n ? value : 0n;
}
