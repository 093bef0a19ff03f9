import type { EpochMs, Price, Quantity } from '../values/index.js';

/** The best bid and ask at an instant. An empty side is null: nobody quotes it. */
export interface Quote {
  readonly symbol: string;
  readonly atMs: EpochMs;
  readonly bidPrice: Price | null;
  readonly bidSize: Quantity;
  readonly askPrice: Price | null;
  readonly askSize: Quantity;
}
