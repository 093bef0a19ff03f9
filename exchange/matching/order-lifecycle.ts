import {
  addQuantity,
  type EpochMs,
  type Price,
  type Quantity,
  ZERO_QUANTITY,
} from '../../domain/values/index.js';
import { uuidOf } from './ids.js';
import type { OrderChange, OrderRequest, OrderStatus, VenueOrder } from './venue-order.js';

/** Ways in which an order ends without being filled or replaced. */
export type EndStatus = 'canceled' | 'expired' | 'rejected';

/** What the venue adds to a request to make an order of it. */
export interface NewOrder {
  readonly seed: string;
  readonly sequence: number;
  readonly request: OrderRequest;
  readonly atMs: EpochMs;
  readonly expiresAtMs: EpochMs;
  readonly status: 'pending_new' | 'accepted' | 'held';
  readonly quantity: Quantity;
  readonly positionIntent: VenueOrder['positionIntent'];
  readonly reservedPrice: Price | null;
  readonly replaces: string | null;
  readonly parentId: string | null;
  readonly legIds: readonly string[];
}

/** The venue's id of the order that a run's count stands at. */
export function orderIdOf(seed: string, sequence: number): string {
  return uuidOf(`${seed}/order/${sequence}`);
}

/** An order that has just been received. Its ids follow from seed and sequence. */
export function newOrder(input: NewOrder): VenueOrder {
  const { seed, sequence, request, atMs } = input;
  return {
    id: orderIdOf(seed, sequence),
    clientOrderId: request.clientOrderId ?? uuidOf(`${seed}/client-order/${sequence}`),
    sequence,
    symbol: request.symbol,
    side: request.side,
    type: request.type,
    timeInForce: request.timeInForce,
    quantity: input.quantity,
    notional: request.notional ?? null,
    limitPrice: request.limitPrice,
    stopPrice: request.stopPrice,
    extendedHours: request.extendedHours,
    orderClass: request.orderClass ?? 'simple',
    parentId: input.parentId,
    legIds: input.legIds,
    positionIntent: input.positionIntent,
    status: input.status,
    suspendedFrom: null,
    filledQuantity: ZERO_QUANTITY,
    filledProduct: '0',
    isElected: false,
    reservedPrice: input.reservedPrice,
    createdAtMs: atMs,
    submittedAtMs: atMs,
    updatedAtMs: atMs,
    workingSinceMs: null,
    expiresAtMs: input.expiresAtMs,
    filledAtMs: null,
    canceledAtMs: null,
    expiredAtMs: null,
    failedAtMs: null,
    replacedAtMs: null,
    replacedBy: null,
    replaces: input.replaces,
  };
}

/** The order once the market can fill it. */
export function activated(order: VenueOrder, atMs: EpochMs): VenueOrder {
  return { ...order, ...settled('new'), workingSinceMs: atMs, updatedAtMs: atMs };
}

/** The order after a fill of some of what was left. */
export function filled(
  order: VenueOrder,
  fill: { readonly price: Price; readonly quantity: Quantity; readonly atMs: EpochMs },
): VenueOrder {
  const filledQuantity = addQuantity(order.filledQuantity, fill.quantity);
  const isComplete = filledQuantity === order.quantity;
  const product = BigInt(order.filledProduct) + BigInt(fill.price) * BigInt(fill.quantity);
  return {
    ...order,
    filledQuantity,
    filledProduct: product.toString(),
    ...(isComplete ? settled('filled') : partlyFilled(order)),
    isElected: order.stopPrice !== null,
    filledAtMs: isComplete ? fill.atMs : null,
    updatedAtMs: fill.atMs,
  };
}

/** The order after it was canceled, has expired or was rejected. */
export function ended(order: VenueOrder, status: EndStatus, atMs: EpochMs): VenueOrder {
  const closed = { ...order, ...settled(status), updatedAtMs: atMs };
  switch (status) {
    case 'canceled':
      return { ...closed, canceledAtMs: atMs };
    case 'expired':
      return { ...closed, expiredAtMs: atMs };
    case 'rejected':
      return { ...closed, failedAtMs: atMs };
  }
}

/** The order while the venue has not decided about its cancel or its replacement. */
export function pending(
  order: VenueOrder,
  status: 'pending_cancel' | 'pending_replace',
  atMs: EpochMs,
): VenueOrder {
  return { ...order, status, suspendedFrom: order.status, updatedAtMs: atMs };
}

/** The order as it was before a cancel or a replacement that the venue turned down. */
export function resumed(order: VenueOrder, atMs: EpochMs): VenueOrder {
  const before = order.suspendedFrom ?? order.status;
  const status = order.filledQuantity > 0 ? 'partially_filled' : before;
  return { ...order, ...settled(status), updatedAtMs: atMs };
}

/** The order after another took its place. */
export function retired(order: VenueOrder, replacedBy: string, atMs: EpochMs): VenueOrder {
  return { ...order, ...settled('replaced'), replacedBy, replacedAtMs: atMs, updatedAtMs: atMs };
}

/** Whether a change differs in anything from what the order already is. */
export function changesAnything(old: VenueOrder, change: OrderChange): boolean {
  const keys = ['quantity', 'limitPrice', 'stopPrice', 'timeInForce'] as const;
  return keys.some((key) => change[key] !== null && change[key] !== old[key]);
}

/** The request that a replacement stands for. */
export function changedRequest(old: VenueOrder, change: OrderChange): OrderRequest {
  const { symbol, side, type, extendedHours, orderClass } = old;
  return {
    symbol,
    side,
    type,
    extendedHours,
    orderClass,
    clientOrderId: change.clientOrderId,
    timeInForce: change.timeInForce ?? old.timeInForce,
    quantity: change.quantity ?? old.quantity,
    limitPrice: change.limitPrice ?? old.limitPrice,
    stopPrice: change.stopPrice ?? old.stopPrice,
  };
}

/** A status in which nothing is pending. */
function settled(status: OrderStatus): Pick<VenueOrder, 'status' | 'suspendedFrom'> {
  return { status, suspendedFrom: null };
}

/** A cancel or a replacement that is pending stays so while the order fills in part. */
function partlyFilled(order: VenueOrder): Pick<VenueOrder, 'status' | 'suspendedFrom'> {
  return order.suspendedFrom === null
    ? settled('partially_filled')
    : { status: order.status, suspendedFrom: 'partially_filled' };
}
