import { z } from 'zod';
import { isOpen, rootIdOf, type VenueOrder } from '../matching/index.js';
import { unprocessable } from './api-failure.js';
import { booleanQuery, countQuery, instantQuery, listQuery } from './query.js';

export const orderListQuery = z.object({
  status: z.enum(['open', 'closed', 'all']).default('open'),
  limit: countQuery({ min: 1, max: 500, byDefault: 50 }),
  after: instantQuery,
  until: instantQuery,
  direction: z.enum(['asc', 'desc']).default('desc'),
  nested: booleanQuery,
  symbols: listQuery,
  side: z.enum(['buy', 'sell']).optional(),
  asset_class: listQuery,
  before_order_id: z.string().optional(),
  after_order_id: z.string().optional(),
});
export type OrderListQuery = z.infer<typeof orderListQuery>;

/**
 * The orders that a listing shows, in its order. `after`, `until` and the order ids are exclusive.
 */
export function listOrders(
  orders: readonly VenueOrder[],
  query: OrderListQuery,
): readonly VenueOrder[] {
  const { before_order_id: beforeId, after_order_id: afterId } = query;
  const hasTimes = query.after !== undefined || query.until !== undefined;
  if ((beforeId !== undefined && afterId !== undefined) || ((beforeId ?? afterId) && hasTimes)) {
    throw unprocessable('before_order_id, after_order_id and after/until exclude one another');
  }
  const beforeSequence = sequenceOf(orders, beforeId) ?? Number.POSITIVE_INFINITY;
  const afterSequence = sequenceOf(orders, afterId) ?? 0;
  const candidates = query.nested === true ? rootsOf(orders, query) : orders.filter(isMatch(query));
  const kept = candidates.filter(
    ({ sequence }) => sequence < beforeSequence && sequence > afterSequence,
  );
  const sorted = query.direction === 'asc' ? kept : kept.toReversed();
  return sorted.slice(0, query.limit);
}

/** A group is shown once, under its root, as soon as one of its orders fits. */
function rootsOf(orders: readonly VenueOrder[], query: OrderListQuery): readonly VenueOrder[] {
  const fitting = new Set(orders.filter(isMatch(query)).map(rootIdOf));
  return orders.filter(({ id }) => fitting.has(id));
}

function isMatch(query: OrderListQuery): (order: VenueOrder) => boolean {
  return (order) => matches(order, query);
}

function matches(order: VenueOrder, query: OrderListQuery): boolean {
  const { status, after, until, symbols, side, asset_class: classes } = query;
  return (
    (status === 'all' || (status === 'open') === isListedAsOpen(order)) &&
    (after === undefined || order.submittedAtMs > after) &&
    (until === undefined || order.submittedAtMs < until) &&
    (symbols === undefined || symbols.length === 0 || symbols.includes(order.symbol)) &&
    (side === undefined || order.side === side) &&
    (classes === undefined || classes.some((one) => one === 'us_equity' || one === 'all'))
  );
}

/** As Alpaca lists: a leg that waits for its group is among the closed, and nobody trades it. */
function isListedAsOpen(order: VenueOrder): boolean {
  return isOpen(order) && order.status !== 'held';
}

function sequenceOf(orders: readonly VenueOrder[], orderId: string | undefined): number | null {
  if (orderId === undefined) return null;
  const order = orders.find((one) => one.id === orderId);
  if (order === undefined) throw unprocessable(`order ${orderId.slice(0, 40)} not found`);
  return order.sequence;
}
