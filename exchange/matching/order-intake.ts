import type { EpochMs } from '../../domain/values/index.js';
import type { Admission } from './admission.js';
import type { Handling } from './engine-contract.js';
import { legRequests } from './order-group.js';
import { newOrder, orderIdOf } from './order-lifecycle.js';
import { isHeld, type OrderRequest, type VenueOrder } from './venue-order.js';

/** Something that a client has asked for, and what the venue means to do with it. */
export interface Intake {
  readonly request: OrderRequest;
  readonly atMs: EpochMs;
  /** The order whose place it takes. */
  readonly replaced: VenueOrder | null;
  readonly handling: Handling;
}

/**
 * The order that a request becomes when it is let in. What takes the place of a held leg is held
 * and armed as that was.
 */
export function receivedOrder(
  input: Intake & {
    readonly admission: Extract<Admission, { ok: true }>;
    readonly isWorking: boolean;
    readonly seed: string;
    readonly sequence: number;
    readonly expiresAtMs: EpochMs;
  },
): VenueOrder {
  const { request, replaced, handling, admission, isWorking, seed, sequence } = input;
  const legIds = legRequests(request).map((_leg, index) => orderIdOf(seed, sequence + 1 + index));
  const { positionIntent, reservedPrice, quantity } = admission;
  const isLeg = replaced !== null && isHeld(replaced) && handling === 'normal';
  const isReceived = isWorking || handling !== 'normal';
  const order = newOrder({
    seed,
    sequence,
    request,
    quantity,
    atMs: input.atMs,
    expiresAtMs: input.expiresAtMs,
    status: isLeg ? 'held' : isReceived ? 'pending_new' : 'accepted',
    positionIntent,
    reservedPrice,
    replaces: replaced?.id ?? null,
    parentId: replaced?.parentId ?? null,
    legIds: replaced?.legIds ?? legIds,
  });
  return isLeg ? { ...order, workingSinceMs: replaced.workingSinceMs } : order;
}

/** A leg of an order that has just been let in: held until its group needs it. */
export function receivedLeg(
  parent: VenueOrder,
  request: OrderRequest,
  numbers: { readonly seed: string; readonly sequence: number },
): VenueOrder {
  return newOrder({
    ...numbers,
    request,
    quantity: parent.quantity,
    atMs: parent.createdAtMs,
    expiresAtMs: parent.expiresAtMs,
    status: 'held',
    positionIntent: `${request.side}_to_close`,
    reservedPrice: null,
    replaces: null,
    parentId: parent.id,
    legIds: [],
  });
}

/** The event that tells of an order that has just been received. */
export function receiptOf({ status }: VenueOrder): 'pending_new' | 'accepted' | 'held' {
  return status === 'accepted' || status === 'held' ? status : 'pending_new';
}

/** The request that a pending replacement stands for. */
export function pendingRequestOf(order: VenueOrder): OrderRequest {
  const { clientOrderId, symbol, side, type, timeInForce, quantity, extendedHours } = order;
  const { limitPrice, stopPrice, orderClass, notional } = order;
  return {
    clientOrderId,
    symbol,
    side,
    type,
    timeInForce,
    quantity,
    limitPrice,
    stopPrice,
    extendedHours,
    orderClass,
    notional,
  };
}
