import type { Bar } from '../../../domain/market/index.js';
import type { EpochMs } from '../../../domain/values/index.js';

/** What became of a bar that came in. */
export type BarArrival =
  | 'kept'
  /** Held or delivered already, or before the beginning. */
  | 'known'
  /** Older than a bar that was delivered: too late to stand in its place. */
  | 'late'
  | 'foreign';

/**
 * The minute bars between the wire and the steps. A bar is delivered at most once, and each
 * symbol's bars in the order of time, wherever they came from.
 */
export class BarCollector {
  readonly #waiting = new Map<string, Map<EpochMs, Bar>>();
  /** The last instant of each symbol up to which bars were delivered. */
  readonly #deliveredThroughMs = new Map<string, EpochMs>();
  readonly #deliveredStarts = new Map<string, Set<EpochMs>>();

  /** Nothing that ends at or before `fromMs` will be delivered. */
  constructor(symbols: readonly string[], fromMs: EpochMs) {
    for (const symbol of symbols) {
      this.#waiting.set(symbol, new Map());
      this.#deliveredThroughMs.set(symbol, fromMs);
      this.#deliveredStarts.set(symbol, new Set());
    }
  }

  add(bar: Bar): BarArrival {
    const waiting = this.#waiting.get(bar.symbol);
    const throughMs = this.#deliveredThroughMs.get(bar.symbol);
    if (waiting === undefined || throughMs === undefined) return 'foreign';
    if (waiting.has(bar.startAtMs)) return 'known';
    if (bar.endAtMs <= throughMs) {
      const starts = this.#deliveredStarts.get(bar.symbol);
      const isKnown = starts === undefined || starts.size === 0 || starts.has(bar.startAtMs);
      return isKnown ? 'known' : 'late';
    }
    waiting.set(bar.startAtMs, bar);
    return 'kept';
  }

  /** The symbols whose bar that ends at an instant is not here. */
  missingAt(endAtMs: EpochMs): readonly string[] {
    return [...this.#waiting].flatMap(([symbol, bars]) =>
      [...bars.values()].some((bar) => bar.endAtMs === endAtMs) ? [] : [symbol],
    );
  }

  /** Where a search for missing bars of these symbols must begin. */
  deliveredThroughMs(symbols: readonly string[]): EpochMs | null {
    const instants = symbols.flatMap((symbol) => this.#deliveredThroughMs.get(symbol) ?? []);
    return instants.reduce<EpochMs | null>(
      (least, one) => (least === null || one < least ? one : least),
      null,
    );
  }

  /** Takes every bar that is complete at an instant, oldest first, symbols in order. */
  take(untilMs: EpochMs): readonly Bar[] {
    const taken: Bar[] = [];
    for (const [symbol, bars] of this.#waiting) {
      for (const bar of [...bars.values()].filter(({ endAtMs }) => endAtMs <= untilMs)) {
        bars.delete(bar.startAtMs);
        taken.push(bar);
        this.#markDelivered(symbol, bar);
      }
    }
    return taken.sort(
      (left, right) => left.startAtMs - right.startAtMs || (left.symbol < right.symbol ? -1 : 1),
    );
  }

  #markDelivered(symbol: string, bar: Bar): void {
    this.#deliveredStarts.get(symbol)?.add(bar.startAtMs);
    const throughMs = this.#deliveredThroughMs.get(symbol) ?? bar.endAtMs;
    if (bar.endAtMs >= throughMs) this.#deliveredThroughMs.set(symbol, bar.endAtMs);
  }
}
