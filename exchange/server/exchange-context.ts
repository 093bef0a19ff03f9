import type { ExchangeRun } from '../run/exchange-run.js';
import type { MarketClock } from '../run/market-clock.js';

/** Who may talk to the exchange. */
export interface Credentials {
  readonly keyId: string;
  readonly secret: string;
}

/** What every route works on. */
export interface ExchangeContext {
  readonly run: ExchangeRun;
  readonly clock: MarketClock;
  readonly credentials: Credentials;
  readonly symbols: readonly string[];
}
