import { isClosed, type Order, remainingOf } from '../order/index.js';
import type { Position } from '../position/index.js';
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
  /** How many in a row the broker has refused or taken away, unfilled and unasked, up to this. */
  readonly inVain: number;
}

/** How an order ended that the broker, the venue or the day took away. */
const LOST_STATES: readonly string[] = ['expired', 'canceled', 'refused', 'abandoned'];

/**
 * Which protection of a position was lost: the last order of its kind since the position was
 * entered has ended with something left to fill, nobody of us asked for that, and what is still
 * open of its kind does not cover the position. A position that never had any lacks nothing.
 */
export function lostProtection(
  position: Pick<Position, 'symbol' | 'side' | 'quantity' | 'enteredAtMs'>,
  orders: readonly Order[],
  wasAskedToEnd: (order: Order) => boolean,
): readonly LostProtection[] {
  const kinds: readonly ProtectionKind[] = ['stop', 'take_profit'];
  return kinds.flatMap((kind) => {
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
}

/** Null: it does not protect this position. */
function kindOf({ intent }: Order, position: Pick<Position, 'side'>): ProtectionKind | null {
  const exit = position.side === 'long' ? 'sell' : 'buy';
  if (position.side === 'flat' || intent.purpose !== 'exit' || intent.side !== exit) return null;
  if (intent.type === 'stop' || intent.type === 'stop_limit') return 'stop';
  return intent.type === 'limit' ? 'take_profit' : null;
}

/** What ended before the position was entered protected another one; a leg may be older. */
function isOfPosition({ updatedAtMs }: Order, position: Pick<Position, 'enteredAtMs'>): boolean {
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
