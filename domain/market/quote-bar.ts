import type { EpochMs, Price, Quantity } from '../values/index.js';

/** One side of the best quotes of an interval. */
export interface QuoteSide {
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  /** What was quoted last. */
  readonly size: Quantity;
}

/** The best bid and ask of one interval, complete only from `endAtMs` on. An empty side is null. */
export interface QuoteBar {
  readonly symbol: string;
  readonly startAtMs: EpochMs;
  readonly endAtMs: EpochMs;
  readonly bid: QuoteSide | null;
  readonly ask: QuoteSide | null;
}
