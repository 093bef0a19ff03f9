import type { Books, Row } from './books.js';
import { cashOf, shareOf, smaller } from './exact.js';
import { standingFills } from './standing-fills.js';

/** What the account holds of a symbol after a fill, by average cost. Quantity is signed. */
export interface Holding {
  readonly signedNanos: bigint;
  /** What the open units cost, or brought in when short. */
  readonly costMicros: bigint;
  readonly realizedMicros: bigint;
}

export const NOTHING_HELD: Holding = { signedNanos: 0n, costMicros: 0n, realizedMicros: 0n };

/** A round trip as the checker follows it. */
export interface RoundTrip {
  readonly symbol: string;
  readonly strategy: string;
  readonly side: 'long' | 'short';
  entryNanos: bigint;
  entryMicros: bigint;
  exitNanos: bigint;
  exitMicros: bigint;
  realizedMicros: bigint;
  slippageMicros: bigint;
  readonly entryFills: string[];
  readonly exitFills: string[];
  isClosed: boolean;
}

/** The state of one symbol after each of its fills. */
export interface SymbolStory {
  readonly holdings: readonly { readonly fillId: string; readonly holding: Holding }[];
  readonly trips: readonly RoundTrip[];
}

interface Split {
  readonly closedNanos: bigint;
  readonly openedNanos: bigint;
  readonly closedMicros: bigint;
  readonly openedMicros: bigint;
}

/**
 * Follows the fills of one symbol in the order in which the books took them. After something was
 * taken back, what is held is what the fills that stand make of nothing.
 */
export function followSymbol(books: Books, symbol: string): SymbolStory {
  const rows = books.fills.filter((fill) => fill.symbol === symbol);
  const firstGone = rows.findIndex((fill) => fill.reverses_fill_id !== null);
  if (firstGone < 0) return followFills(books, rows);
  const { holdings } = followFills(books, rows.slice(0, firstGone));
  const later = rows.slice(firstGone).map((fill, index) => {
    const standing = standingFills(rows.slice(0, firstGone + index + 1));
    const holding = followFills(books, standing).holdings.at(-1)?.holding ?? NOTHING_HELD;
    return { fillId: fill.fill_id, holding };
  });
  const { trips } = followFills(books, standingFills(rows));
  return { holdings: [...holdings, ...later], trips };
}

function followFills(books: Books, fills: readonly Row<'fills'>[]): SymbolStory {
  const prices = new Map(
    books.orders.map(({ client_order_id: id, decision_price_nanos: price }) => [id, price]),
  );
  const holdings: { readonly fillId: string; readonly holding: Holding }[] = [];
  const trips: RoundTrip[] = [];
  let holding = NOTHING_HELD;
  for (const fill of fills) {
    const split = splitOf(holding, fill);
    const after = holdingAfter(holding, fill, split);
    const decided = prices.get(fill.client_order_id) ?? null;
    const slippage = decided === null ? 0n : slippageOf(fill, decided);
    const realized = after.realizedMicros - holding.realizedMicros;
    tell(trips, { fill, split, slippage, realized, isFlat: after.signedNanos === 0n });
    holdings.push({ fillId: fill.fill_id, holding: after });
    holding = after;
  }
  return { holdings, trips };
}

export function unitsOf(fill: Row<'fills'>): bigint {
  return fill.cumulative_after_nanos - fill.cumulative_before_nanos;
}

function directionOf(fill: Row<'fills'>): bigint {
  return fill.side === 'buy' ? 1n : -1n;
}

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

/** The part that closes what was held, and the part that opens; their cash is the fill's. */
function splitOf(before: Holding, fill: Row<'fills'>): Split {
  const units = unitsOf(fill);
  const isAgainst = before.signedNanos * directionOf(fill) < 0n;
  const closedNanos = isAgainst ? smaller(units, magnitude(before.signedNanos)) : 0n;
  const openedNanos = units - closedNanos;
  const whole = cashOf(fill.price_nanos, units);
  const openedMicros = closedNanos === 0n ? whole : cashOf(fill.price_nanos, openedNanos);
  return { closedNanos, openedNanos, closedMicros: whole - openedMicros, openedMicros };
}

function holdingAfter(before: Holding, fill: Row<'fills'>, split: Split): Holding {
  const held = magnitude(before.signedNanos);
  const cost = held === 0n ? 0n : shareOf(before.costMicros, split.closedNanos, held);
  const gained = before.signedNanos > 0n ? split.closedMicros - cost : cost - split.closedMicros;
  return {
    signedNanos: before.signedNanos + directionOf(fill) * unitsOf(fill),
    costMicros: before.costMicros - cost + split.openedMicros,
    realizedMicros: before.realizedMicros + (split.closedNanos === 0n ? 0n : gained),
  };
}

/** How much worse than the price it was decided at. */
function slippageOf(fill: Row<'fills'>, decided: bigint): bigint {
  const units = unitsOf(fill);
  const worse = cashOf(fill.price_nanos, units) - cashOf(decided, units);
  return fill.side === 'buy' ? worse : -worse;
}

interface Told {
  readonly fill: Row<'fills'>;
  readonly split: Split;
  readonly slippage: bigint;
  readonly realized: bigint;
  readonly isFlat: boolean;
}

function tell(trips: RoundTrip[], { fill, split, slippage, realized, isFlat }: Told): void {
  const closingSlippage = shareOf(slippage, split.closedNanos, unitsOf(fill));
  const current = trips.at(-1);
  if (current !== undefined && split.closedNanos > 0n) {
    current.exitNanos += split.closedNanos;
    current.exitMicros += split.closedMicros;
    current.realizedMicros += realized;
    current.slippageMicros += closingSlippage;
    current.exitFills.push(fill.fill_id);
    current.isClosed = isFlat || split.openedNanos > 0n;
  }
  if (split.openedNanos === 0n) return;
  const open = current === undefined || current.isClosed ? beginTrip(fill) : current;
  if (open !== current) trips.push(open);
  open.entryNanos += split.openedNanos;
  open.entryMicros += split.openedMicros;
  open.slippageMicros += slippage - closingSlippage;
  open.entryFills.push(fill.fill_id);
}

function beginTrip(fill: Row<'fills'>): RoundTrip {
  return {
    symbol: fill.symbol,
    strategy: fill.strategy,
    side: fill.side === 'buy' ? 'long' : 'short',
    entryNanos: 0n,
    entryMicros: 0n,
    exitNanos: 0n,
    exitMicros: 0n,
    realizedMicros: 0n,
    slippageMicros: 0n,
    entryFills: [],
    exitFills: [],
    isClosed: false,
  };
}
