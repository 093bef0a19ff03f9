import type { EpochMs, Quantity } from '../../domain/values/index.js';
import type { Fault, RequestFacts, StreamFacts } from '../faults/fault-rule.js';
import type { BorrowChange, Handling, OrderChange, OrderRequest } from '../matching/index.js';
import type { AccountConfiguration } from './account-configuration.js';

/**
 * Everything that ever moved an exchange, in the order in which it happened. Applied again to a
 * fresh exchange of the same market and seed, the same commands give the same state, ids and
 * journal. Plain JSON.
 */
export type Command =
  /** Market time went on to the next step. */
  | { readonly kind: 'step' }
  | {
      readonly kind: 'place';
      readonly atMs: EpochMs;
      readonly request: OrderRequest;
      readonly treatment?: Treatment;
    }
  | {
      readonly kind: 'cancel';
      readonly atMs: EpochMs;
      readonly orderId: string;
      readonly treatment?: Treatment;
    }
  | {
      readonly kind: 'replace';
      readonly atMs: EpochMs;
      readonly orderId: string;
      readonly change: OrderChange;
      readonly treatment?: Treatment;
    }
  | {
      readonly kind: 'configure';
      readonly atMs: EpochMs;
      readonly configuration: AccountConfiguration;
    }
  | { readonly kind: 'borrow'; readonly atMs: EpochMs; readonly change: BorrowChange }
  | { readonly kind: 'request'; readonly atMs: EpochMs; readonly request: RequestRecord }
  | { readonly kind: 'stream'; readonly atMs: EpochMs; readonly stream: StreamRecord }
  | { readonly kind: 'fault_add'; readonly atMs: EpochMs; readonly fault: Fault }
  | { readonly kind: 'fault_remove'; readonly atMs: EpochMs; readonly id: string | null }
  | {
      readonly kind: 'fault_match';
      readonly atMs: EpochMs;
      readonly requestId: string;
      readonly facts: RequestFacts;
      readonly receivedWallMs: number;
    }
  | { readonly kind: 'fault_stream'; readonly atMs: EpochMs; readonly facts: StreamFacts };

/** What a fault makes of something that the venue said yes to. */
export interface Treatment {
  readonly faultId: string;
  readonly handling: Handling;
  readonly firstPart?: Quantity;
}

/** A request that came in, and what became of it. */
export interface RequestRecord extends RequestFacts {
  readonly number: number;
  readonly requestId: string;
  /** What really became of it; null when a fault kept the request from being looked at. */
  readonly status: number | null;
  /** What a fault told the client instead. */
  readonly answeredStatus?: number;
  readonly isAnswered: boolean;
  /**
   * Wall clock, milliseconds since 1970 with fractions: the only members that differ between two
   * equal runs.
   */
  readonly receivedWallMs: number;
  readonly answeredWallMs: number;
}

export interface StreamRecord {
  readonly stream: 'trade_updates' | 'market_data';
  readonly change: 'connected' | 'authorized' | 'refused' | 'listening' | 'disconnected';
  readonly connection: number;
}
