import type { Bench } from './bench.js';

export type BrokerName = 'exchange' | 'alpaca-paper';

/**
 * One thing that a trader would try by hand before trusting the system with a broker, with orders
 * of one share at most.
 */
export interface Card {
  /** Never given to another card. */
  readonly number: number;
  readonly title: string;
  readonly purpose: string;
  readonly steps: readonly string[];
  readonly expected: readonly string[];
  readonly skipWhen: string;
  /** Why it cannot be tried now; null: it can. */
  readonly skip: (bench: Bench) => string | null;
  /** Tries it. What was seen is kept by the bench; what was not seen is thrown. */
  readonly run: (bench: Bench) => Promise<void>;
}

/** Something that a card expects was not seen. */
export class NotSeen extends Error {
  override readonly name = 'NotSeen';
}

export const NEVER = { skipWhen: 'never', skip: () => null } as const;

/** For cards whose orders fill or rest only while the market is open. */
export const MARKET_CLOSED = {
  skipWhen: 'the market is closed',
  skip: (bench: Bench) => (bench.isMarketOpen() ? null : 'the market is closed'),
} as const;

/** For cards that need a broker which misbehaves on command. */
export const NO_FAULTS = {
  skipWhen: 'the broker does not misbehave on command, or the market is closed',
  skip: (bench: Bench) =>
    bench.faults() === null
      ? 'this broker does not misbehave on command'
      : MARKET_CLOSED.skip(bench),
} as const;
