import {
  addUsd,
  averagePriceRounded,
  CENT_NANOS,
  price,
  subtractUsd,
  type Usd,
  ZERO_USD,
} from '../values/index.js';
import { intervalQuantity, missingIntervals } from './fill.js';
import {
  type FillPlan,
  type HeldFill,
  inferredAt,
  movedBy,
  planned,
  type PlannedFill,
} from './planned-fill.js';
import {
  areTotalsOf,
  chainsInPlace,
  explainTotals,
  isMoneyOf,
  notionalIn,
  quantityIn,
  type Totals,
} from './totals.js';

/** Trades of an order, by what is known of them. */
export interface Trades<Fill extends HeldFill> {
  /** Held in the books, or guessed there. */
  readonly live: readonly Fill[];
  /** Standing by what frames have told, bust for bust. */
  readonly told: readonly Fill[];
  /** Everything that may stand, held or not. */
  readonly known: readonly Fill[];
}

/**
 * Brings fills to what the broker's totals say. Of the trades that are known, those that frames
 * have told before the others, those stand that together are the totals; where no choice of them
 * is, as many of the oldest stand as fit, and the rest is inferred so that the broker's money comes
 * true.
 */
export function planTotals<Fill extends HeldFill>(
  trades: Trades<Fill>,
  totals: Totals,
): FillPlan<Fill> {
  const { live } = trades;
  const isRight = areTotalsOf(live, totals);
  const isWhole = missingIntervals(live, totals.cumulative).length === 0;
  const guesses = guessesOf(live);
  const trusted = byTrust(trades);
  const explained = guesses.length > 0 ? explain(trusted, totals) : null;
  if (explained !== null) return planStanding(live, explained);
  const relisted = guesses.length > 0 ? planRepriced(live, trusted, totals) : null;
  if (relisted !== null) return relisted;
  if (isRight && isWhole) return { reversed: [], booked: [] };
  const standing = isRight ? live : explain([...trusted, ...guesses], totals);
  if (standing !== null) return planStanding(live, standing);
  const repriced = guesses.length > 0 ? null : planRepriced(live, trusted, totals);
  if (repriced !== null) return repriced;
  let kept = inTime(trades.known.filter((fill) => live.includes(fill)));
  while (kept.length > 0 && !isPartOf(kept, totals)) kept = kept.slice(0, -1);
  return planRest(live, kept, totals);
}

/** Where they were told if that can be, and else in any place. */
function explain<Fill extends HeldFill>(
  known: readonly Fill[],
  totals: Totals,
): readonly Fill[] | null {
  const chains = chainsInPlace(known, totals.cumulative);
  const inPlace = chains.find((chain) => areTotalsOf(chain, totals));
  return inPlace ?? explainTotals(known, totals);
}

/** These stand, all but the one that has got another price. */
function planAround<Fill extends HeldFill>(
  live: readonly Fill[],
  whole: readonly Fill[],
  other: Repriced<Fill>,
): FillPlan<Fill> {
  const standing = whole.filter((fill) => fill !== other.fill);
  const unheld = standing.filter((fill) => !live.includes(fill));
  return {
    reversed: live.filter((fill) => !standing.includes(fill)),
    booked: [...unheld.map((fill) => movedBy(fill, 0)), other.repriced],
  };
}

function isSameInterval(one: HeldFill, other: HeldFill): boolean {
  return (
    one.cumulativeBefore === other.cumulativeBefore && one.cumulativeAfter === other.cumulativeAfter
  );
}

/**
 * Everything is there, for other money: a trade got another price unheard. Of those whose other
 * price would be one in whole cents it is the one that changes least, and the newest of these, of
 * whichever trades lie one above the other; it alone is guessed. Null: none is, or each guess is
 * about a single trade already.
 */
function planRepriced<Fill extends HeldFill>(
  live: readonly Fill[],
  trusted: readonly Fill[],
  totals: Totals,
): FillPlan<Fill> | null {
  const [least] = chainsInPlace(trusted, totals.cumulative)
    .flatMap((whole) => {
      const other = leastRepriced(whole, totals);
      return other === null ? [] : [{ whole, other }];
    })
    .toSorted((left, right) => left.other.change - right.other.change);
  if (least === undefined) return null;
  const isSingle = (guess: Fill): boolean => least.whole.some((one) => isSameInterval(one, guess));
  const guesses = guessesOf(live);
  if (guesses.length > 0 && guesses.every(isSingle)) return null;
  return planAround(live, least.whole, least.other);
}

function leastRepriced<Fill extends HeldFill>(
  fills: readonly Fill[],
  totals: Totals,
): Repriced<Fill> | null {
  const [least] = inTime(fills)
    .toReversed()
    .flatMap((fill) => repricedTo(totals, fill, subtractUsd(notionalIn(fills), fill.notional)))
    .toSorted((left, right) => left.change - right.change);
  return least ?? null;
}

interface Repriced<Fill extends HeldFill> {
  readonly fill: Fill;
  readonly repriced: PlannedFill<Fill>;
  /** In nanos of a dollar, for each unit. */
  readonly change: number;
}

function repricedTo<Fill extends HeldFill>(
  totals: Totals,
  fill: Fill,
  others: Usd,
): readonly Repriced<Fill>[] {
  const money = totals.notional === null ? ZERO_USD : subtractUsd(totals.notional, others);
  if (money <= 0) return [];
  const average = averagePriceRounded(money, intervalQuantity(fill));
  const nanos = Math.round(average / CENT_NANOS) * CENT_NANOS;
  if (nanos === 0) return [];
  const repriced = planned({ ...fill, price: price(nanos) }, 'inferred', fill);
  if (!isMoneyOf(addUsd(others, repriced.notional), totals)) return [];
  return [{ fill, repriced, change: Math.abs(nanos - fill.price) }];
}

function guessesOf<Fill extends HeldFill>(live: readonly Fill[]): readonly Fill[] {
  return live.filter((fill) => fill.kind === 'inferred');
}

/** What frames have told is believed before what is held, and that before all that is known. */
function byTrust<Fill extends HeldFill>({ live, told, known }: Trades<Fill>): readonly Fill[] {
  const others = known.filter((fill) => !told.includes(fill));
  const held = others.filter((fill) => live.includes(fill));
  const unheld = others.filter((fill) => !live.includes(fill));
  return [...inTime(told), ...inTime(held), ...inTime(unheld).toReversed()];
}

function inTime<Fill extends HeldFill>(fills: readonly Fill[]): readonly Fill[] {
  return fills.toSorted(
    (left, right) => left.atMs - right.atMs || left.cumulativeBefore - right.cumulativeBefore,
  );
}

/** Whether something is left of the totals that can be inferred beside these. */
function isPartOf(kept: readonly HeldFill[], { cumulative, notional }: Totals): boolean {
  return quantityIn(kept) < cumulative && (notional === null || notionalIn(kept) < notional);
}

/** These stand, one above the other in the order in which they happened. */
function planStanding<Fill extends HeldFill>(
  live: readonly Fill[],
  standing: readonly Fill[],
): FillPlan<Fill> {
  const placed = new Map<Fill, number>();
  let end = 0;
  for (const fill of inTime(standing)) {
    placed.set(fill, end);
    end += intervalQuantity(fill);
  }
  const isInPlace = (fill: Fill): boolean => placed.get(fill) === fill.cumulativeBefore;
  const moved = [...placed].filter(([fill]) => !live.includes(fill) || !isInPlace(fill));
  return {
    reversed: live.filter((fill) => !isInPlace(fill)),
    booked: moved.map(([fill, from]) => movedBy(fill, from - fill.cumulativeBefore)),
  };
}

/** These stand, where they are if the rest fits between them, and the rest is inferred. */
function planRest<Fill extends HeldFill>(
  live: readonly Fill[],
  kept: readonly Fill[],
  { cumulative, notional }: Totals,
): FillPlan<Fill> {
  const units = cumulative - quantityIn(kept);
  const money = notional === null ? ZERO_USD : subtractUsd(notional, notionalIn(kept));
  const gaps = missingIntervals(kept, cumulative);
  const isFitting = quantityIn(gaps) === units;
  if (isFitting) {
    const reversed = live.filter((fill) => !kept.includes(fill));
    return { reversed, booked: inferredAt(gaps, money, reversed[0] ?? null) };
  }
  const { reversed, booked } = planStanding(live, kept);
  const above = { cumulativeBefore: quantityIn(kept), cumulativeAfter: cumulative };
  const guessed = units > 0 ? inferredAt([above], money, reversed[0] ?? null) : [];
  return { reversed, booked: [...booked, ...guessed] };
}
