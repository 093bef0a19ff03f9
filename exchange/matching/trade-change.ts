import {
  type EpochMs,
  negateUsd,
  type Price,
  subtractQuantity,
} from '../../domain/values/index.js';
import type { EventTape } from './event-tape.js';
import type { PositionChange } from './position.js';
import { type Execution, oppositeSide, type VenueOrder } from './venue-order.js';

/** What a venue does to a trade after the fact. */
export type TradeChange =
  | { readonly kind: 'bust' }
  | { readonly kind: 'correct'; readonly price: Price };

export interface ChangedTrade {
  readonly type: 'trade_bust' | 'trade_correct';
  readonly order: VenueOrder;
  readonly postings: readonly PositionChange[];
  /** The execution that is gone (bust), or the one that stands instead of it. */
  readonly execution: Execution;
}

/**
 * The order, the postings and the execution after a trade was taken back. A busted quantity does
 * not become open again on a closed order: its status stays what it was.
 */
export function reverseExecution(input: {
  readonly execution: Execution;
  readonly order: VenueOrder;
  readonly change: TradeChange;
  readonly tape: EventTape;
  readonly atMs: EpochMs;
}): ChangedTrade {
  const { execution, order, change, tape, atMs } = input;
  const { price, quantity, cash } = execution;
  const reversal = { ...execution, side: oppositeSide(execution.side), cash: negateUsd(cash) };
  const product = BigInt(order.filledProduct) - BigInt(price) * BigInt(quantity);
  if (change.kind === 'bust') {
    const filledQuantity = subtractQuantity(order.filledQuantity, quantity);
    const filledProduct = product.toString();
    const after = { ...order, filledQuantity, filledProduct, updatedAtMs: atMs };
    return { type: 'trade_bust', order: after, postings: [reversal], execution };
  }
  const filledProduct = (product + BigInt(change.price) * BigInt(quantity)).toString();
  const after = { ...order, filledProduct, updatedAtMs: atMs };
  const corrected = tape.execution(after, { price: change.price, quantity, atMs });
  const postings = [reversal, corrected];
  return { type: 'trade_correct', order: after, postings, execution: corrected };
}
