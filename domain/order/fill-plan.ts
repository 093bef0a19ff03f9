import {
  addUsd,
  assert,
  averagePriceRounded,
  maxQuantity,
  minQuantity,
  notionalRounded,
  type Price,
  type Quantity,
  quantity,
  subtractQuantity,
  subtractUsd,
  type Usd,
} from '../values/index.js';
import { type FillInterval, intervalQuantity, missingIntervals } from './fill.js';

/** A fill that counts, as the books hold it. */
export interface HeldFill extends FillInterval {
  readonly fillId: string;
  readonly kind: 'execution' | 'inferred' | 'reversal';
}

/** A piece of the cumulative quantity, at a price. */
interface Piece {
  readonly cumulativeBefore: Quantity;
  readonly cumulativeAfter: Quantity;
  readonly price: Price;
}

/** A fill to be booked in place of a reversed one. */
export interface PlannedFill<Fill extends HeldFill> extends FillInterval {
  /**
   * `evidence`: the execution that was told. `moved`: the one of `replaces`, at another place.
   * `inferred`: nothing but totals explains it.
   */
  readonly origin: 'evidence' | 'moved' | 'inferred';
  readonly replaces: Fill;
}

/** What must change in the books of an order: everything reversed first, then everything booked. */
export interface FillPlan<Fill extends HeldFill> {
  readonly reversed: readonly Fill[];
  readonly booked: readonly PlannedFill<Fill>[];
}

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

/** A trade is taken back: its quantity is gone, and what was filled above it moves down. */
export function planBust<Fill extends HeldFill>(
  live: readonly Fill[],
  busted: Fill,
): FillPlan<Fill> {
  const above = live.filter(isAbove(busted));
  return {
    reversed: [busted, ...above],
    booked: above.map((fill) => movedBy(fill, -intervalQuantity(busted))),
  };
}

/**
 * A trade is taken back that was never told, and lies within a fill that was only inferred: so much
 * less was filled, for so much less money.
 */
export function planBustWithin<Fill extends HeldFill>(
  live: readonly Fill[],
  inferred: Fill,
  busted: { readonly quantity: Quantity; readonly price: Price },
): FillPlan<Fill> {
  const { cumulativeBefore } = inferred;
  const end = subtractQuantity(inferred.cumulativeAfter, busted.quantity);
  const left = subtractUsd(inferred.notional, notionalRounded(busted.price, busted.quantity));
  const gaps = end > cumulativeBefore ? [{ cumulativeBefore, cumulativeAfter: end }] : [];
  const above = live.filter(isAbove(inferred));
  const moved = above.map((fill) => movedBy(fill, -busted.quantity));
  return {
    reversed: [inferred, ...above],
    booked: [...inferredAt(gaps, left, inferred), ...moved],
  };
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

/**
 * Only the totals of the broker say that less was filled, or as much at another place. What has the
 * broker's totals already moves down to where nothing is below it. One execution whose loss
 * explains both totals is taken back; otherwise what lies above the new quantity goes, and the rest
 * is inferred so that the broker's money comes true.
 */
export function planLowering<Fill extends HeldFill>(
  live: readonly [Fill, ...Fill[]],
  shown: { readonly cumulative: Quantity; readonly notional: Usd },
): FillPlan<Fill> {
  if (heldIn(live) === shown.cumulative && hasMoneyOf(live, shown)) return planMoveDown(live);
  const lost = live.toReversed().find((fill) => explains(live, fill, shown));
  if (lost !== undefined) return planBust(live, lost);
  const kept = live.filter((fill) => fill.cumulativeAfter <= shown.cumulative);
  const left = subtractUsd(shown.notional, sumOf(kept));
  const gaps = missingIntervals(kept, shown.cumulative);
  // Money that does not fit what would be kept: another execution is gone than the last one.
  const isKeepable = gaps.length > 0 ? left > 0 : isNearlyEqual(left, 0, shown.cumulative);
  if (!isKeepable && kept.length > 0) return planFromTotals(live, shown);
  const cut = live.filter((fill) => !kept.includes(fill));
  const [first] = cut;
  assert(first !== undefined, 'expected the books to hold more than the broker shows');
  return { reversed: cut, booked: inferredAt(gaps, left, first) };
}

function planMoveDown<Fill extends HeldFill>(live: readonly Fill[]): FillPlan<Fill> {
  let end = 0;
  const booked = live.map((fill) => {
    const moved = movedBy(fill, end - fill.cumulativeBefore);
    end = moved.cumulativeAfter;
    return moved;
  });
  return { reversed: live, booked };
}

/** Everything goes; one inferred fill is what the broker's totals say. */
function planFromTotals<Fill extends HeldFill>(
  live: readonly [Fill, ...Fill[]],
  shown: { readonly cumulative: Quantity; readonly notional: Usd },
): FillPlan<Fill> {
  const gaps = missingIntervals([], shown.cumulative);
  return { reversed: live, booked: inferredAt(gaps, shown.notional, live[0]) };
}

function inferredAt<Fill extends HeldFill>(
  gaps: ReturnType<typeof missingIntervals>,
  money: Usd,
  replaces: Fill,
): readonly PlannedFill<Fill>[] {
  const units = gaps.reduce((sum, gap) => sum + gap.cumulativeAfter - gap.cumulativeBefore, 0);
  if (units === 0) return [];
  const price = money > 0 ? averagePriceRounded(money, quantity(units)) : replaces.price;
  return gaps.map((gap) => planned({ ...gap, price }, 'inferred', replaces));
}

function explains(
  live: readonly HeldFill[],
  fill: HeldFill,
  shown: { readonly cumulative: Quantity; readonly notional: Usd },
): boolean {
  if (heldIn(live) - intervalQuantity(fill) !== shown.cumulative) return false;
  const without = subtractUsd(sumOf(live), fill.notional);
  return isNearlyEqual(without, shown.notional, shown.cumulative);
}

function heldIn(live: readonly HeldFill[]): number {
  return live.reduce((sum, one) => sum + intervalQuantity(one), 0);
}

function hasMoneyOf(
  live: readonly HeldFill[],
  shown: { readonly cumulative: Quantity; readonly notional: Usd },
): boolean {
  return isNearlyEqual(sumOf(live), shown.notional, shown.cumulative);
}

const NANOS_PER_UNIT = 1_000_000_000;

/** The broker's average is rounded: a micro-dollar a unit is as near as totals come. */
function isNearlyEqual(left: number, right: number, units: Quantity): boolean {
  return Math.abs(left - right) <= Math.max(1, Math.ceil(units / NANOS_PER_UNIT));
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

function movedBy<Fill extends HeldFill>(fill: Fill, shift: number): PlannedFill<Fill> {
  return {
    cumulativeBefore: quantity(fill.cumulativeBefore + shift),
    cumulativeAfter: quantity(fill.cumulativeAfter + shift),
    price: fill.price,
    notional: fill.notional,
    origin: fill.kind === 'inferred' ? 'inferred' : 'moved',
    replaces: fill,
  };
}

function planned<Fill extends HeldFill>(
  { cumulativeBefore, cumulativeAfter, price }: Piece,
  origin: PlannedFill<Fill>['origin'],
  replaces: Fill,
): PlannedFill<Fill> {
  const notional = notionalRounded(price, subtractQuantity(cumulativeAfter, cumulativeBefore));
  return { cumulativeBefore, cumulativeAfter, price, notional, origin, replaces };
}

function sumOf(fills: readonly HeldFill[]): Usd {
  return addUsd(...fills.map((fill) => fill.notional));
}
