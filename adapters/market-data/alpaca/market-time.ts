import { type EpochMs, epochMs } from '../../../domain/values/index.js';
import type { Broker } from '../../broker/port.js';

export interface MarketTimeOptions {
  readonly broker: Pick<Broker, 'clock'>;
  readonly monotonicNowMs: () => number;
  /** Market milliseconds a wall millisecond: 1, but for an exchange of ours. */
  readonly speed: number;
}

/**
 * Market time between two looks at the broker's clock, carried on by a monotonic one. It never runs
 * backwards.
 */
export class MarketTime {
  readonly #options: MarketTimeOptions;
  #base: { readonly marketMs: number; readonly monotonicMs: number } | null = null;
  #latestMs = 0;

  constructor(options: MarketTimeOptions) {
    this.#options = options;
  }

  /**
   * Asks the broker. The answer is as old as its way back, at most: the later of two errors is to
   * be early.
   */
  async synchronize(): Promise<EpochMs> {
    const { atMs } = await this.#options.broker.clock();
    this.#base = { marketMs: atMs, monotonicMs: this.#options.monotonicNowMs() };
    return this.now();
  }

  /** How long ago the broker was asked, in wall milliseconds; infinite when never. */
  get ageMs(): number {
    if (this.#base === null) return Number.POSITIVE_INFINITY;
    return this.#options.monotonicNowMs() - this.#base.monotonicMs;
  }

  /** Meaningful once `synchronize` has succeeded. */
  now(): EpochMs {
    if (this.#base !== null) {
      const { marketMs, monotonicMs } = this.#base;
      const elapsedMs = (this.#options.monotonicNowMs() - monotonicMs) * this.#options.speed;
      this.#latestMs = Math.max(this.#latestMs, Math.floor(marketMs + elapsedMs));
    }
    return epochMs(this.#latestMs);
  }
}
