import {
  addQuantity,
  type EpochMs,
  type Price,
  type Quantity,
  ZERO_QUANTITY,
} from '../../domain/values/index.js';
import { uuidOf } from './ids.js';
import type { OrderChange, OrderRequest, VenueOrder } from './venue-order.js';

/** What the venue adds to a request to make an order of it. */
export interface NewOrder {
  readonly seed: string;
  readonly sequence: number;
  readonly request: OrderRequest;
  readonly atMs: EpochMs;
  readonly expiresAtMs: EpochMs;
  readonly status: 'pending_new' | 'accepted';
  readonly positionIntent: VenueOrder['positionIntent'];
  readonly reservedPrice: Price | null;
  readonly replaces: string | null;
}

/** An order that has just been received. Its ids follow from seed and sequence. */
export function newOrder(input: NewOrder): VenueOrder {
  const { seed, sequence, request, atMs } = input;
  return {
    ...request,
    id: uuidOf(`${seed}/order/${sequence}`),
    clientOrderId: request.clientOrderId ?? uuidOf(`${seed}/client-order/${sequence}`),
    sequence,
    positionIntent: input.positionIntent,
    status: input.status,
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
    replacedAtMs: null,
    replacedBy: null,
    replaces: input.replaces,
  };
}

/** The order once the market can fill it. */
export function activated(order: VenueOrder, atMs: EpochMs): VenueOrder {
  return { ...order, status: 'new', workingSinceMs: atMs, updatedAtMs: atMs };
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
    status: isComplete ? 'filled' : 'partially_filled',
    isElected: order.stopPrice !== null,
    filledAtMs: isComplete ? fill.atMs : null,
    updatedAtMs: fill.atMs,
  };
}

/** The order after it was canceled or has expired. */
export function ended(
  order: VenueOrder,
  status: 'canceled' | 'expired',
  atMs: EpochMs,
): VenueOrder {
  const closed = { ...order, status, updatedAtMs: atMs };
  return status === 'canceled'
    ? { ...closed, canceledAtMs: atMs }
    : { ...closed, expiredAtMs: atMs };
}

/** The order after another took its place. */
export function retired(order: VenueOrder, replacedBy: string, atMs: EpochMs): VenueOrder {
  return { ...order, status: 'replaced', replacedBy, replacedAtMs: atMs, updatedAtMs: atMs };
}

/** Whether a change differs in anything from what the order already is. */
export function changesAnything(old: VenueOrder, change: OrderChange): boolean {
  const keys = ['quantity', 'limitPrice', 'stopPrice', 'timeInForce'] as const;
  return keys.some((key) => change[key] !== null && change[key] !== old[key]);
}

/** The request that a replacement stands for. */
export function changedRequest(old: VenueOrder, change: OrderChange): OrderRequest {
  const { symbol, side, type, extendedHours } = old;
  return {
    symbol,
    side,
    type,
    extendedHours,
    clientOrderId: change.clientOrderId,
    timeInForce: change.timeInForce ?? old.timeInForce,
    quantity: change.quantity ?? old.quantity,
    limitPrice: change.limitPrice ?? old.limitPrice,
    stopPrice: change.stopPrice ?? old.stopPrice,
  };
}
