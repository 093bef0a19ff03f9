import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { OrderIntent, OrderState } from '../../domain/order/index.js';

export const ORDER_WORKFLOW = 'order';

/**
 * Everything an order's driver starts with. The books hold the truth; this is what to make true.
 */
export interface OrderInput {
  readonly intent: OrderIntent;
  readonly correlationId: string;
  /** Started for an order that the books hold already: look before acting. */
  readonly isResumed: boolean;
  /** Wall time between two questions to the broker while the stream is silent. */
  readonly pollIntervalMs: number;
}

/** What the driver is told of its order. Carries the version: an older one is old news. */
export interface OrderView {
  readonly clientOrderId: string;
  readonly state: OrderState;
  readonly version: number;
  readonly brokerOrderId: string | null;
  /** Decimal strings, for people. */
  readonly quantity: string;
  readonly filledQuantity: string;
  readonly averagePrice: string | null;
  /** Why it was denied, refused or parked. */
  readonly detail: string | null;
  readonly needsAttention: boolean;
}

export interface CancelRequest {
  readonly requestedBy: string;
  readonly reason: string;
}

/** What came of asking. `requested`: the broker took it; the order itself will confirm. */
export interface CancelAnswer {
  readonly outcome: 'requested' | 'already_closed' | 'not_cancelable' | 'not_sent_yet' | 'unknown';
  readonly message: string;
  readonly state: OrderState;
}

/** From the outbox, after the books were written. */
export const orderChanged = defineSignal<[OrderView]>('orderChanged');
export const cancelOrder = defineUpdate<CancelAnswer, [CancelRequest]>('cancel');
export const orderView = defineQuery<OrderView | null>('view');
