import { assert, type Price, type Quantity, quantity, type Usd } from '../values/index.js';

/** The piece (before, after] of one broker order's cumulative filled quantity. */
export interface CumulativeInterval {
  readonly cumulativeBefore: Quantity;
  readonly cumulativeAfter: Quantity;
}

/**
 * Such a piece, and what it cost.
 * Intervals of an order never overlap; execution, activity and event ids are attributes, since
 * polls carry none.
 */
export interface FillInterval extends CumulativeInterval {
  readonly price: Price;
  /** price × quantity, rounded once. Always positive. */
  readonly notional: Usd;
}

/** How two intervals of one order lie to each other. */
export type IntervalRelation = 'apart' | 'inside' | 'overlapping';

export function intervalQuantity(interval: CumulativeInterval): Quantity {
  assert(
    interval.cumulativeAfter > interval.cumulativeBefore,
    'expected a fill interval that grows, ' +
      `found (${interval.cumulativeBefore}, ${interval.cumulativeAfter}]`,
  );
  return quantity(interval.cumulativeAfter - interval.cumulativeBefore);
}

/** Whether `evidence` tells something new beside `held`, repeats it, or contradicts it. */
export function relateIntervals(
  held: CumulativeInterval,
  evidence: CumulativeInterval,
): IntervalRelation {
  if (evidence.cumulativeAfter <= held.cumulativeBefore) return 'apart';
  if (evidence.cumulativeBefore >= held.cumulativeAfter) return 'apart';
  const inside =
    evidence.cumulativeBefore >= held.cumulativeBefore &&
    evidence.cumulativeAfter <= held.cumulativeAfter;
  return inside ? 'inside' : 'overlapping';
}

/**
 * Of executions listed oldest first, those that nothing later lies across: where a trade was taken
 * back, the next one begins lower, and what the list still tells of the first is no longer so.
 */
export function withoutOverlaid<Listed extends CumulativeInterval>(
  listed: readonly Listed[],
): readonly Listed[] {
  const standing = new Set<Listed>();
  for (const one of listed.toReversed()) {
    const isOverlaid = [...standing].some((later) => relateIntervals(later, one) !== 'apart');
    if (!isOverlaid) standing.add(one);
  }
  return listed.filter((one) => standing.has(one));
}

/**
 * The pieces of (0, cumulative] that no held interval covers, in order: the fills that are missing.
 */
export function missingIntervals(
  held: readonly CumulativeInterval[],
  cumulative: Quantity,
): readonly CumulativeInterval[] {
  const sorted = [...held].sort((a, b) => a.cumulativeBefore - b.cumulativeBefore);
  const missing = [];
  let covered = quantity(0);
  for (const interval of sorted) {
    if (interval.cumulativeBefore > covered) {
      missing.push({ cumulativeBefore: covered, cumulativeAfter: interval.cumulativeBefore });
    }
    if (interval.cumulativeAfter > covered) covered = interval.cumulativeAfter;
  }
  if (cumulative > covered)
    missing.push({ cumulativeBefore: covered, cumulativeAfter: cumulative });
  return missing;
}
