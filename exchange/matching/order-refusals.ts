import { NANOS_PER_UNIT } from '../../domain/values/index.js';
import type { Refusal } from './admission.js';
import type { OrderBook } from './order-book.js';
import { changesAnything } from './order-lifecycle.js';
import { isOpen, type OrderChange, type OrderStatus, type VenueOrder } from './venue-order.js';

const REPLACEABLE: readonly OrderStatus[] = ['new', 'partially_filled', 'held'];

/** Why an order cannot be canceled now; null when it can. */
export function refuseCancel(order: VenueOrder | null, book: OrderBook): Refusal | null {
  if (order === null) return { code: 'order_not_found' };
  const { status } = order;
  if (!isOpen(order)) return { code: 'order_not_open', status };
  const isUndecided = status === 'pending_replace' || awaitsReplacement(order, book);
  return isUndecided ? { code: 'order_not_cancelable', status } : null;
}

/** Why an order cannot be replaced like this now; null when it can. */
export function refuseReplace(
  order: VenueOrder | null,
  change: OrderChange,
  book: OrderBook,
): Refusal | null {
  if (order === null) return { code: 'order_not_found' };
  const { status } = order;
  if (!isOpen(order)) return { code: 'order_not_open', status };
  if (!REPLACEABLE.includes(status)) return { code: 'order_not_replaceable', status };
  const { clientOrderId } = change;
  if (clientOrderId !== null && book.findByClientOrderId(clientOrderId) !== null) {
    return { code: 'duplicate_client_order_id' };
  }
  if (order.notional !== null) return { code: 'notional_not_replaceable' };
  if (!changesAnything(order, change)) return { code: 'order_not_changed' };
  return refuseChange(order, change);
}

function refuseChange(order: VenueOrder, change: OrderChange): Refusal | null {
  const isQuantityNew = change.quantity !== null && change.quantity !== order.quantity;
  const isFraction = order.quantity % NANOS_PER_UNIT !== 0;
  if (isFraction && isQuantityNew) return { code: 'fraction_not_changeable' };
  if (order.orderClass === 'simple') return null;
  if (isQuantityNew) return { code: 'leg_change', member: 'qty' };
  const isTimeNew = change.timeInForce !== null && change.timeInForce !== order.timeInForce;
  return isTimeNew ? { code: 'leg_change', member: 'time_in_force' } : null;
}

/** Whether this is the new order of a replacement that the venue has not decided about. */
function awaitsReplacement(order: VenueOrder, book: OrderBook): boolean {
  if (order.status !== 'pending_new' || order.replaces === null) return false;
  return book.get(order.replaces).status === 'pending_replace';
}
