import {
  addUsd,
  NANOS_PER_UNIT,
  notionalRounded,
  type Price,
  PRICE_DECIMALS,
  type Quantity,
  quantity,
  type Usd,
  usd,
  ZERO_USD,
} from '../values/index.js';
import { type CumulativeInterval, type FillInterval, intervalQuantity } from './fill.js';

/** What the broker says that all standing trades of an order come to. */
export interface Totals {
  readonly cumulative: Quantity;
  /** Null: the broker tells no average. */
  readonly notional: Usd | null;
  /** How far the true money may lie from that: the average is rounded, and so is each trade. */
  readonly tolerance: Usd;
}

/** No broker is known to round an average price to fewer decimals than these. */
const AVERAGE_DECIMALS_MIN = 4;
const NANOS_PER_MICRO = 1_000;
/** Half a micro-dollar for each of some twenty trades. */
const ROUNDING_OF_TRADES = 10;

/** The totals of a cumulative quantity and its average price, as a snapshot has them. */
export function totalsOf(cumulative: Quantity, average: Price | null): Totals {
  if (cumulative === 0) return { cumulative, notional: ZERO_USD, tolerance: ZERO_USD };
  if (average === null) return { cumulative, notional: null, tolerance: ZERO_USD };
  const notional = notionalRounded(average, cumulative);
  const micros = (halfOfLastDecimal(average) / NANOS_PER_MICRO) * (cumulative / NANOS_PER_UNIT);
  return { cumulative, notional, tolerance: usd(Math.ceil(micros) + ROUNDING_OF_TRADES) };
}

/** In nanos of a dollar, for each unit. */
function halfOfLastDecimal(average: Price): number {
  let decimals = PRICE_DECIMALS;
  while (decimals > AVERAGE_DECIMALS_MIN && average % 10 ** (PRICE_DECIMALS - decimals + 1) === 0) {
    decimals -= 1;
  }
  return 10 ** (PRICE_DECIMALS - decimals) / 2;
}

export function quantityIn(fills: readonly CumulativeInterval[]): Quantity {
  return quantity(fills.reduce((sum, fill) => sum + intervalQuantity(fill), 0));
}

export function notionalIn(fills: readonly FillInterval[]): Usd {
  return addUsd(...fills.map((fill) => fill.notional), ZERO_USD);
}

/** Whether money comes to the totals, as near as the rounding of an average allows. */
export function isMoneyOf(money: Usd, { notional, tolerance }: Totals): boolean {
  return notional === null || Math.abs(money - notional) <= tolerance;
}

/** Whether these fills are what the broker's totals say. */
export function areTotalsOf(fills: readonly FillInterval[], totals: Totals): boolean {
  return quantityIn(fills) === totals.cumulative && isMoneyOf(notionalIn(fills), totals);
}

/** Looking longer than this for one choice among many trades is not worth it. */
const CHOICES_MAX = 20_000;

/** More ways than this for trades to lie one above the other are not looked at. */
const CHAINS_MAX = 200;

/**
 * The ways in which trades lie one above the other, each where it was told, up to a quantity: of
 * two in one place the later one came when the other was gone. Those that come first are preferred.
 */
export function chainsInPlace<Fill extends FillInterval>(
  known: readonly Fill[],
  cumulative: Quantity,
): readonly (readonly Fill[])[] {
  const chains: (readonly Fill[])[] = [];
  function grow(chain: readonly Fill[], end: number): void {
    if (end === cumulative) chains.push(chain);
    if (end >= cumulative || chains.length >= CHAINS_MAX) return;
    for (const one of known) {
      if (one.cumulativeBefore === end) grow([...chain, one], one.cumulativeAfter);
    }
  }
  grow([], 0);
  return chains.slice(0, CHAINS_MAX);
}

/**
 * Finds trades that together are the broker's totals, both in quantity and in money. Those that
 * come first are preferred; the others need not stand at all. Null: no choice of them is.
 */
export function explainTotals<Fill extends FillInterval>(
  known: readonly Fill[],
  totals: Totals,
): readonly Fill[] | null {
  const unitsFrom = known.map((_, index) => quantityIn(known.slice(index)));
  let choices = 0;
  const chosen: Fill[] = [];
  function choose(index: number, units: number, money: number): boolean {
    choices += 1;
    if (units === totals.cumulative) return isMoneyOf(usd(money), totals);
    const one = known[index];
    if (one === undefined || choices > CHOICES_MAX) return false;
    if (units + (unitsFrom[index] ?? 0) < totals.cumulative) return false;
    const after = units + intervalQuantity(one);
    if (after <= totals.cumulative) {
      chosen.push(one);
      if (choose(index + 1, after, money + one.notional)) return true;
      chosen.pop();
    }
    return choose(index + 1, units, money);
  }
  return choose(0, 0, 0) ? chosen : null;
}
