import type { MarketDate } from '../../domain/market/index.js';
import type { EpochMs, Price, Quantity, Usd } from '../../domain/values/index.js';
import type { Refusal, SessionHours } from './admission.js';
import type { BorrowStatus } from './borrow-list.js';
import type { Ledger } from './ledger.js';
import type { OrderBook } from './order-book.js';
import type { OrderEvent, VenueOrder } from './venue-order.js';
import type { WashTradeGuard } from './wash-trade.js';

export interface EngineOptions {
  /** Same seed and same calls, same ids and same fills. */
  readonly seed: string;
  readonly startingCash: Usd;
  /** The share of eligible fills that are partial, 0 to 1. */
  readonly partialFillShare: number;
  /** `strict` unless said. */
  readonly washTradeGuard?: WashTradeGuard;
  /** Names that nobody lends at first; none unless said. */
  readonly hardToBorrow?: readonly string[];
}

/** A trading day for the engine. */
export interface EngineDay extends SessionHours {
  readonly date: MarketDate;
  /** Last regular trade of the day before, by symbol, as far as known. */
  readonly previousCloses: ReadonlyMap<string, Price>;
  /** From when to when extended hours trade; the regular hours unless said. */
  readonly preOpenAtMs?: EpochMs;
  readonly postCloseAtMs?: EpochMs;
}

export type PlaceResult =
  | { readonly ok: false; readonly refusal: Refusal }
  /** `order` is what the client is answered; the events that follow may already have filled it. */
  | {
      readonly ok: true;
      readonly order: VenueOrder;
      /** The legs that came with it, as they were received too. */
      readonly legs: readonly VenueOrder[];
      readonly events: readonly OrderEvent[];
    };

/**
 * What the venue does with something it has said yes to: its work, nothing at all until `release`,
 * or a refusal after the fact.
 */
export type Handling = 'normal' | 'stuck' | 'reject';

export interface PlaceHandling {
  readonly handling?: Handling;
  readonly firstPart?: Quantity;
}

/** A name becomes easy or hard to borrow, at once or with the coming night. */
export interface BorrowChange {
  readonly symbol: string;
  readonly status: BorrowStatus;
  readonly from: 'now' | 'tomorrow';
}

/** What a client can read of the account at one instant. */
export interface AccountView {
  readonly book: OrderBook;
  readonly ledger: Ledger;
}
