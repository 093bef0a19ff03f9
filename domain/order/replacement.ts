import {
  type EpochMs,
  NANOS_PER_UNIT,
  type Price,
  type Quantity,
  quantity,
} from '../values/index.js';
import type { ClientOrderId } from './client-order-id.js';
import { brokerOrderIdOf, type Order, stateOf } from './order.js';
import type { OrderIntent, TimeInForce } from './order-intent.js';
import { isClosed } from './order-state.js';

/** What a replacement is to change. Null keeps what the order has. */
export interface OrderChange {
  /** Of the whole wish, with what has filled already. */
  readonly quantity: Quantity | null;
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
  readonly timeInForce: TimeInForce | null;
}

export type ReplaceWay =
  /** One request puts another order in its place. */
  | { readonly kind: 'in_place' }
  /**
   * Cancel, have it confirmed, order the rest: the broker would give a replacement of an order that
   * has filled in part its whole quantity again, and takes no new one for a fraction.
   */
  | { readonly kind: 'by_cancel' }
  | {
      readonly kind: 'no';
      readonly outcome: 'already_closed' | 'not_sent_yet' | 'unknown' | 'not_replaceable';
      readonly why: string;
    };

/** Decides how an order can be replaced as it stands in the books, or why not now. */
export function wayToReplace(order: Order, change: OrderChange): ReplaceWay {
  const state = stateOf(order);
  if (isClosed(state)) return no('already_closed', `the order is ${state} already`);
  if (state === 'created') return no('not_sent_yet', 'nothing of the order was sent yet');
  if (brokerOrderIdOf(order) === null) {
    return no('unknown', 'the broker has shown no order under this id yet');
  }
  if (order.parkedReason !== null) return no('not_replaceable', `parked: ${order.parkedReason}`);
  if (state === 'pending_cancel' || state === 'pending_replace') {
    return no('not_replaceable', `the order is ${state}: ask again when the broker has decided`);
  }
  if (!changesAnything(order, change)) return no('not_replaceable', 'nothing of it would change');
  const hasFilled = order.filledQuantity > 0 || order.brokerFilledQuantity > 0;
  const isFraction = order.orderedQuantity % NANOS_PER_UNIT !== 0 && change.quantity !== null;
  if (!hasFilled && !isFraction) return { kind: 'in_place' };
  return order.intent.orderClass === 'simple'
    ? { kind: 'by_cancel' }
    : no('not_replaceable', 'a group that has filled in part: cancel it, and order anew');
}

/** The wish of the order that takes the place of another. Its exits stay those of its group. */
export function replacementIntent(
  old: Order,
  change: OrderChange,
  as: {
    readonly clientOrderId: ClientOrderId;
    readonly decidedAtMs: EpochMs;
    readonly validUntilMs: EpochMs;
    readonly reason: string;
  },
): OrderIntent {
  const { intent } = old;
  const limitPrice = change.limitPrice ?? intent.limitPrice;
  return {
    ...intent,
    ...as,
    quantity: change.quantity ?? old.orderedQuantity,
    amount: null,
    limitPrice,
    stopPrice: change.stopPrice ?? intent.stopPrice,
    timeInForce: change.timeInForce ?? intent.timeInForce,
    takeProfit:
      intent.orderClass === 'oco' && intent.takeProfit !== null ? limitPrice : intent.takeProfit,
  };
}

/** What is left of a wish after the fills of its orders. Null: nothing. */
export function restOfWish(wanted: Quantity, orders: readonly Order[]): Quantity | null {
  const filled = orders.reduce((sum, order) => sum + order.filledQuantity, 0);
  return filled >= wanted ? null : quantity(wanted - filled);
}

/**
 * Whether an order and the one that took its place can fill more than was wished together: the old
 * one filled in part before it gave its place away, and the new one has the whole quantity.
 */
export function canOverfill(old: Order, replacement: Order): boolean {
  if (stateOf(old) !== 'replaced' || isClosed(stateOf(replacement))) return false;
  const most = old.filledQuantity + replacement.orderedQuantity;
  return old.filledQuantity > 0 && most > replacement.intent.quantity;
}

function changesAnything({ intent, orderedQuantity }: Order, change: OrderChange): boolean {
  const differs = <Value>(wanted: Value | null, has: Value | null): boolean =>
    wanted !== null && wanted !== has;
  return (
    differs(change.quantity, orderedQuantity) ||
    differs(change.limitPrice, intent.limitPrice) ||
    differs(change.stopPrice, intent.stopPrice) ||
    differs(change.timeInForce, intent.timeInForce)
  );
}

function no(
  outcome: Extract<ReplaceWay, { readonly kind: 'no' }>['outcome'],
  why: string,
): ReplaceWay {
  return { kind: 'no', outcome, why };
}
