import type { Order } from './order.js';
import type { OrderEventKind } from './order-event.js';

/**
 * Every status that Alpaca documents for an order, June 2026, with `pending_review` from its Python
 * client.
 */
const EVENT_OF_STATUS = {
  new: 'reported_accepted',
  accepted: 'reported_accepted',
  pending_new: 'reported_accepted',
  accepted_for_bidding: 'reported_accepted',
  pending_review: 'reported_accepted',
  // Fills are told by their quantity, never by a status word.
  partially_filled: 'reported_accepted',
  filled: 'reported_accepted',
  // The day is over for it, but it is not closed: it may fill or expire yet.
  done_for_day: 'reported_accepted',
  calculated: 'reported_accepted',
  stopped: 'reported_accepted',
  suspended: 'reported_accepted',
  held: 'reported_held',
  pending_cancel: 'reported_pending_cancel',
  pending_replace: 'reported_pending_replace',
  canceled: 'reported_canceled',
  expired: 'reported_expired',
  replaced: 'reported_replaced',
  rejected: 'reported_rejected',
} as const satisfies Readonly<Record<string, OrderEventKind>>;

export type ReportedEventKind = (typeof EVENT_OF_STATUS)[keyof typeof EVENT_OF_STATUS];

/**
 * The order event that a broker's status word stands for. Null: a word that nobody has decided
 * about; the order is parked at its worst case, a person is told, and nothing else stops.
 */
export function eventOfBrokerStatus(status: string): ReportedEventKind | null {
  return Object.hasOwn(EVENT_OF_STATUS, status)
    ? EVENT_OF_STATUS[status as keyof typeof EVENT_OF_STATUS]
    : null;
}

const WORKING_STATUSES: readonly string[] = ['new', 'accepted', 'pending_new', 'partially_filled'];

/**
 * Whether a status that is newer than the end of an order says that the broker works it again: with
 * something left to fill, by a word that leaves no doubt.
 */
export function isReopenedBy(order: Order, status: string): boolean {
  const { state } = order.progress;
  const hasEnded =
    state === 'filled' || state === 'canceled' || state === 'expired' || state === 'replaced';
  return (
    hasEnded && order.filledQuantity < order.orderedQuantity && WORKING_STATUSES.includes(status)
  );
}

/** The table, for documents. */
export function brokerStatuses(): readonly (readonly [string, ReportedEventKind])[] {
  return Object.entries(EVENT_OF_STATUS);
}
