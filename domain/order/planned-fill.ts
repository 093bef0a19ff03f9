import {
  averagePriceRounded,
  type EpochMs,
  notionalRounded,
  type Price,
  type Quantity,
  quantity,
  subtractQuantity,
  type Usd,
} from '../values/index.js';
import type { CumulativeInterval, FillInterval } from './fill.js';
import { quantityIn } from './totals.js';

/** A fill that counts, as the books hold it. */
export interface HeldFill extends FillInterval {
  readonly fillId: string;
  readonly kind: 'execution' | 'inferred' | 'reversal';
  readonly atMs: EpochMs;
}

/** A piece of the cumulative quantity, at a price. */
export interface Piece extends CumulativeInterval {
  readonly price: Price;
}

/** A fill to be booked in place of a reversed one. */
export interface PlannedFill<Fill extends HeldFill> extends FillInterval {
  /**
   * `evidence`: the execution that was told. `moved`: the one of `like`, at another place.
   * `inferred`: nothing but totals explains it.
   */
  readonly origin: 'evidence' | 'moved' | 'inferred';
  /** Whose place it takes, or whose execution it is. Null: nothing was there before. */
  readonly like: Fill | null;
}

/** What must change in the books of an order: everything reversed first, then everything booked. */
export interface FillPlan<Fill extends HeldFill> {
  readonly reversed: readonly Fill[];
  readonly booked: readonly PlannedFill<Fill>[];
}

/** What an order has filled once a plan is carried out. */
export function filledAfter(
  filled: Quantity,
  plan: {
    readonly reversed: readonly CumulativeInterval[];
    readonly booked: readonly CumulativeInterval[];
  },
): number {
  return filled - quantityIn(plan.reversed) + quantityIn(plan.booked);
}

/** Guesses for the gaps that together cost this much; without money, at the price of `like`. */
export function inferredAt<Fill extends HeldFill>(
  gaps: readonly CumulativeInterval[],
  money: Usd,
  like: Fill | null,
): readonly PlannedFill<Fill>[] {
  const units = quantityIn(gaps);
  if (units === 0) return [];
  const price = money > 0 ? averagePriceRounded(money, units) : like?.price;
  return price === undefined ? [] : gaps.map((gap) => planned({ ...gap, price }, 'inferred', like));
}

/** The same fill, higher or lower. */
export function movedBy<Fill extends HeldFill>(fill: Fill, shift: number): PlannedFill<Fill> {
  return {
    cumulativeBefore: quantity(fill.cumulativeBefore + shift),
    cumulativeAfter: quantity(fill.cumulativeAfter + shift),
    price: fill.price,
    notional: fill.notional,
    origin: fill.kind === 'inferred' ? 'inferred' : 'moved',
    like: fill,
  };
}

/** A fill of a piece, as it is to be booked. */
export function planned<Fill extends HeldFill>(
  { cumulativeBefore, cumulativeAfter, price }: Piece,
  origin: PlannedFill<Fill>['origin'],
  like: Fill | null,
): PlannedFill<Fill> {
  const notional = notionalRounded(price, subtractQuantity(cumulativeAfter, cumulativeBefore));
  return { cumulativeBefore, cumulativeAfter, price, notional, origin, like };
}
