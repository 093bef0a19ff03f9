import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { OrderChange, OrderIntent, OrderState } from '../../domain/order/index.js';
import type { EpochMs } from '../../domain/values/index.js';

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

/**
 * What came of asking. `requested`: the broker took it; the order itself will confirm. Where it is
 * `never_sent`, nothing of it was sent, and nothing will be. `unknown`: perhaps canceled; the order
 * is not sent again, and its driver cancels it where it is found at work.
 */
export interface CancelAnswer {
  readonly outcome: 'requested' | 'already_closed' | 'not_cancelable' | 'never_sent' | 'unknown';
  readonly message: string;
  readonly state: OrderState;
}

/** A wish to have another order in the place of one. */
export interface ReplaceRequest extends OrderChange {
  readonly requestedBy: string;
  readonly reason: string;
  /** Market time: with the change, it tells a repeat of this request from another one. */
  readonly decidedAtMs: EpochMs;
}

export type ReplaceOutcome =
  /** The broker took it, or what was left of it; the orders themselves will confirm. */
  | 'requested'
  /** Perhaps sent, and nobody can tell yet: both orders are watched. */
  | 'unknown'
  /** By our own rules, or because it could not be sent at once. The order works on. */
  | 'denied'
  /** By the broker. The order works on. */
  | 'refused'
  /** Filled in part: its cancel is asked for, and the rest is ordered once that is confirmed. */
  | 'canceling'
  /** The broker has not confirmed the cancel in time: nothing more is sent. */
  | 'not_confirmed'
  /** The order filled before anything was left to replace. */
  | 'nothing_left'
  | 'already_closed'
  | 'not_replaceable'
  | 'not_sent_yet';

/** What came of asking for a replacement. */
export interface ReplaceAnswer {
  readonly outcome: ReplaceOutcome;
  readonly message: string;
  /** Of the order that was to be replaced. */
  readonly state: OrderState;
  /** The order that takes its place, where one was made. */
  readonly replacement: string | null;
}

/** From the outbox, after the books were written. */
export const orderChanged = defineSignal<[OrderView]>('orderChanged');
/** Sent with the start: resolves once the broker or we have answered, or nobody can tell. */
export const orderAnswered = defineUpdate<OrderView>('answered');
export const cancelOrder = defineUpdate<CancelAnswer, [CancelRequest]>('cancel');
export const replaceOrder = defineUpdate<ReplaceAnswer, [ReplaceRequest]>('replace');
export const orderView = defineQuery<OrderView | null>('view');
