import { isClosed, type Order, remainingOf, type Side } from '../order/index.js';
import type { Position } from '../position/index.js';
import { type OpenOrder, worstRemainders } from '../risk/index.js';
import { type Quantity, quantity } from '../values/index.js';

/** Stops end a loss, take-profits take a gain: a position may have one, both or none. */
export type ProtectionKind = 'stop' | 'take_profit';

/** A protective order of a position that still stands has ended without having been asked to. */
export interface LostProtection {
  readonly symbol: string;
  readonly kind: ProtectionKind;
  /** The order that protected it last. */
  readonly lost: Order;
  /** What of the position no open order of this kind covers. */
  readonly uncovered: Quantity;
  /** What of that is under no other exit: so much can be put back. */
  readonly free: Quantity;
  /** The exits that come first: open ones, and for a take-profit the stop that was lost, too. */
  readonly ahead: readonly Order[];
  /** How many in a row the broker has refused or taken away, unfilled and unasked, up to this. */
  readonly inVain: number;
}

type Protected = Pick<Position, 'symbol' | 'side' | 'quantity' | 'enteredAtMs'>;

/** How an order ended that the broker, the venue or the day took away. */
const LOST_STATES: readonly string[] = ['expired', 'canceled', 'refused', 'abandoned'];
/** In the order in which they get the units of the position. */
const KINDS: readonly ProtectionKind[] = ['stop', 'take_profit'];

/**
 * Which protection of a position was lost: the last order of its kind since the position was
 * entered has ended with something left to fill, nobody of us asked for that, and what is still
 * open of its kind does not cover the position. A position that never had any lacks nothing.
 */
export function lostProtection(
  position: Protected,
  rows: readonly OpenOrder[],
  wasAskedToEnd: (order: Order) => boolean,
): readonly LostProtection[] {
  const orders = rows.map(({ order }) => order);
  const losses = KINDS.flatMap((kind) => {
    const own = orders.filter((order) => kindOf(order, position) === kind);
    const open = own.filter((order) => !isClosed(order.progress.state));
    const covered = open.reduce((sum, order) => sum + remainingOf(order), 0);
    const ended = own.filter((order) => hasEndedShort(order) && isOfPosition(order, position));
    const newestFirst = ended.toSorted(byEnd).toReversed();
    const [lost] = newestFirst;
    if (lost === undefined || wasAskedToEnd(lost) || covered >= position.quantity) return [];
    const uncovered = quantity(position.quantity - covered);
    const kept = newestFirst.findIndex((order) => wasAskedToEnd(order) || !isInVain(order));
    const inVain = kept === -1 ? newestFirst.length : kept;
    return [{ symbol: position.symbol, kind, lost, uncovered, inVain }];
  });
  return shareUnits(position, rows, losses);
}

/**
 * Gives each unit of the position to one exit at most: to those that are open, counted as the risk
 * rules count them, then to the stop. Two exits of the same units would turn the position.
 */
function shareUnits(
  position: Protected,
  rows: readonly OpenOrder[],
  losses: readonly Omit<LostProtection, 'free' | 'ahead'>[],
): readonly LostProtection[] {
  const isExit = ({ side }: { readonly side: Side }): boolean => side === exitSideOf(position);
  const open = rows.filter(({ order }) => !isClosed(order.progress.state));
  const held = worstRemainders(open)
    .filter(isExit)
    .reduce((sum, { remaining }) => sum + remaining, 0);
  let left = Math.max(0, position.quantity - held);
  let ahead = open.map(({ order }) => order).filter(({ intent }) => isExit(intent));
  return losses.map((loss) => {
    const free = quantity(Math.min(left, loss.uncovered));
    const shared = { ...loss, free, ahead };
    left -= free;
    ahead = [...ahead, loss.lost];
    return shared;
  });
}

/** Null: it does not protect this position. */
function kindOf({ intent }: Order, position: Protected): ProtectionKind | null {
  const isExit = intent.purpose === 'exit' && intent.side === exitSideOf(position);
  if (!isExit) return null;
  if (intent.type === 'stop' || intent.type === 'stop_limit') return 'stop';
  return intent.type === 'limit' ? 'take_profit' : null;
}

/** Null: there is nothing to leave. */
function exitSideOf({ side }: Protected): Side | null {
  if (side === 'flat') return null;
  return side === 'long' ? 'sell' : 'buy';
}

/** What ended before the position was entered protected another one; a leg may be older. */
function isOfPosition({ updatedAtMs }: Order, position: Protected): boolean {
  return position.enteredAtMs === null || updatedAtMs >= position.enteredAtMs;
}

function hasEndedShort(order: Order): boolean {
  return LOST_STATES.includes(order.progress.state) && remainingOf(order) > 0;
}

/** What expires has protected for its time. */
function isInVain({ progress, filledQuantity }: Order): boolean {
  return progress.state !== 'expired' && filledQuantity === 0;
}

function byEnd(left: Order, right: Order): number {
  return left.updatedAtMs - right.updatedAtMs;
}
