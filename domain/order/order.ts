import { type EpochMs, type Quantity, subtractQuantity, type Usd } from '../values/index.js';
import type { OrderIntent } from './order-intent.js';
import type { OrderState, WorkingState } from './order-state.js';

/** What a state knows. Each state has exactly the fields it can have. */
export type OrderProgress =
  | { readonly state: 'created' }
  | {
      readonly state: 'submitting';
      /** Wall time after which this attempt can no longer reach the wire. */
      readonly sendDeadlineAtMs: EpochMs;
      /**
       * Wall time of the last instant at which an earlier attempt of unknown outcome can have left
       * us. Null: there is none.
       */
      readonly earlierSendAtMs: EpochMs | null;
    }
  | {
      readonly state: 'unknown';
      /** Wall time of the last instant at which a request can have left us. */
      readonly lastPossibleSendAtMs: EpochMs;
    }
  | { readonly state: WorkingState; readonly brokerOrderId: string }
  | {
      readonly state: 'filled' | 'canceled' | 'expired' | 'replaced';
      readonly brokerOrderId: string;
    }
  | {
      readonly state: 'refused';
      /** Null: refused in the answer to the request, so the broker never gave an id. */
      readonly brokerOrderId: string | null;
      readonly code: string;
      readonly message: string;
    }
  | { readonly state: 'denied'; readonly code: string; readonly message: string }
  | { readonly state: 'abandoned'; readonly evidence: string };

/** An order in the books: the wish, how far it got, and what was filled. */
export interface Order {
  readonly intent: OrderIntent;
  /** Rises by one with each change: a message that carries an older one is old news. */
  readonly version: number;
  readonly progress: OrderProgress;
  /**
   * What is ordered now. It is the wish's quantity until the broker resizes it: one exit of a group
   * gets smaller when the other fills in part, and larger again when such a trade is taken back.
   */
  readonly orderedQuantity: Quantity;
  /** Sends begun so far. */
  readonly attempts: number;
  /** The sum of the fill intervals we hold. */
  readonly filledQuantity: Quantity;
  /** The money of those fills, always positive. */
  readonly filledNotional: Usd;
  /**
   * The cumulative quantity that the broker showed last. More than we hold: fills are missing.
   * Less: something of what we hold was taken back.
   */
  readonly brokerFilledQuantity: Quantity;
  /** The broker's own word for the status, as last seen. */
  readonly brokerStatus: string | null;
  /** The broker's own instant of the last change that we applied, as text with all its digits. */
  readonly brokerUpdatedAt: string | null;
  /** Why a person must look: the order and its symbol take no new risk. Null: nothing is wrong. */
  readonly parkedReason: string | null;
  readonly createdAtMs: EpochMs;
  readonly updatedAtMs: EpochMs;
}

/** The broker's id, where the state has one. */
export function brokerOrderIdOf(order: Order): string | null {
  return 'brokerOrderId' in order.progress ? order.progress.brokerOrderId : null;
}

/** What may still fill. */
export function remainingOf(order: Order): Quantity {
  return subtractQuantity(order.orderedQuantity, order.filledQuantity);
}

export function stateOf(order: Order): OrderState {
  return order.progress.state;
}
