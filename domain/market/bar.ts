import type { EpochMs, Price, Quantity } from '../values/index.js';

/**
 * Prices of one interval, regular or extended hours. Unadjusted. Complete only from `endAtMs` on.
 */
export interface Bar {
  readonly symbol: string;
  /** First instant of the interval, as Alpaca stamps its bars. */
  readonly startAtMs: EpochMs;
  /** First instant after the interval: when the bar can be known. */
  readonly endAtMs: EpochMs;
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  readonly volume: Quantity;
}
