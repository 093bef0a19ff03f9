import {
  type EpochMs,
  maxQuantity,
  minQuantity,
  notionalRounded,
  type Price,
  type Quantity,
  quantity,
  subtractQuantity,
  subtractUsd,
} from '../values/index.js';
import { intervalQuantity, relateIntervals } from './fill.js';
import {
  type FillPlan,
  type HeldFill,
  inferredAt,
  movedBy,
  type Piece,
  planned,
  type PlannedFill,
} from './planned-fill.js';

/**
 * An execution is told for what was only inferred, or for what is gone: it stands instead, and what
 * is left of the inferred pieces stays inferred, at the price that keeps their money.
 */
export function planSupersede<Fill extends HeldFill>(
  met: readonly [Fill, ...Fill[]],
  execution: Piece,
): FillPlan<Fill> {
  const [first] = met;
  const inferred = met.filter((fill) => fill.kind === 'inferred');
  return {
    reversed: met,
    booked: [
      planned(execution, 'evidence', first),
      ...inferred.flatMap((fill) => remainderOf(fill, execution)),
    ],
  };
}

/**
 * A trade is taken back: its quantity is gone, and what had been filled above it until then moves
 * down. What was filled later was told at the lower place already; where that is in the way,
 * something else is gone too, and nothing moves before it is found.
 */
export function planBust<Fill extends HeldFill>(
  live: readonly Fill[],
  busted: Fill,
  atMs: EpochMs,
): FillPlan<Fill> {
  const above = live.filter((fill) => isAbove(busted)(fill) && fill.atMs <= atMs);
  const moved = above.map((fill) => movedBy(fill, -intervalQuantity(busted)));
  const staying = live.filter((fill) => fill !== busted && !above.includes(fill));
  const isFree = moved.every((one) =>
    staying.every((fill) => relateIntervals(fill, one) === 'apart'),
  );
  return isFree
    ? { reversed: [busted, ...above], booked: moved }
    : { reversed: [busted], booked: [] };
}

/** A trade stands at another price or quantity: what was filled above it moves with its end. */
export function planCorrection<Fill extends HeldFill>(
  live: readonly Fill[],
  corrected: Fill,
  to: { readonly quantity: Quantity; readonly price: Price },
): FillPlan<Fill> {
  const shift = to.quantity - intervalQuantity(corrected);
  const above = shift === 0 ? [] : live.filter(isAbove(corrected));
  const cumulativeAfter = quantity(corrected.cumulativeBefore + to.quantity);
  const piece = { ...corrected, cumulativeAfter, price: to.price };
  return {
    reversed: [corrected, ...above],
    booked: [planned(piece, 'evidence', corrected), ...above.map((fill) => movedBy(fill, shift))],
  };
}

/** The pieces of an inferred fill that an execution does not cover. */
function remainderOf<Fill extends HeldFill>(
  fill: Fill,
  execution: Piece,
): readonly PlannedFill<Fill>[] {
  const from = maxQuantity(fill.cumulativeBefore, execution.cumulativeBefore);
  const until = minQuantity(fill.cumulativeAfter, execution.cumulativeAfter);
  const explained = notionalRounded(execution.price, subtractQuantity(until, from));
  const gaps = [
    { cumulativeBefore: fill.cumulativeBefore, cumulativeAfter: from },
    { cumulativeBefore: until, cumulativeAfter: fill.cumulativeAfter },
  ].filter((gap) => gap.cumulativeAfter > gap.cumulativeBefore);
  return inferredAt(gaps, subtractUsd(fill.notional, explained), fill);
}

function isAbove(below: HeldFill): (fill: HeldFill) => boolean {
  return (fill) => fill.cumulativeBefore >= below.cumulativeAfter;
}
