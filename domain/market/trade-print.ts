import type { EpochMs, Price, Quantity } from '../values/index.js';

/** One trade that the market printed; not one of ours. */
export interface TradePrint {
  readonly symbol: string;
  readonly atMs: EpochMs;
  readonly price: Price;
  readonly size: Quantity;
}
