import { type EpochMs, ZERO_QUANTITY, ZERO_USD } from '../values/index.js';
import type { Order } from './order.js';
import type { OrderIntent } from './order-intent.js';

/** The order of an intent before anything happened to it. */
export function createOrder(intent: OrderIntent, nowAtMs: EpochMs): Order {
  return {
    intent,
    version: 1,
    progress: { state: 'created' },
    orderedQuantity: intent.quantity,
    attempts: 0,
    filledQuantity: ZERO_QUANTITY,
    filledNotional: ZERO_USD,
    brokerFilledQuantity: ZERO_QUANTITY,
    brokerStatus: null,
    brokerUpdatedAt: null,
    parkedReason: null,
    createdAtMs: nowAtMs,
    updatedAtMs: nowAtMs,
  };
}
