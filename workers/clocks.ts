import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { MarketClock, QuoteBoard, WallClock } from '../activities/world.js';
import type { Quote } from '../domain/market/index.js';
import { type EpochMs, epochMs } from '../domain/values/index.js';

export function openWallClock(): WallClock {
  return {
    nowMs: () => epochMs(Date.now()),
    monotonicMs: () => performance.now(),
    sleep: async (ms, signal) => {
      await pause(ms, undefined, signal === undefined ? {} : { signal });
    },
  };
}

/**
 * Market time that stands where the broker last said: an exchange in lockstep moves it step by
 * step.
 */
export function openSteppedClock(startAtMs: EpochMs): MarketClock {
  let nowAtMs = startAtMs;
  return {
    nowMs: () => nowAtMs,
    observe: (atMs) => {
      if (atMs > nowAtMs) nowAtMs = atMs;
    },
  };
}

/**
 * Market time that runs with the wall, kept on a monotonic base so that a stepped wall clock moves
 * nothing.
 */
export function openRunningClock(startAtMs: EpochMs): MarketClock {
  let base = { marketMs: startAtMs as number, monotonicMs: performance.now() };
  const nowMs = (): EpochMs =>
    epochMs(Math.floor(base.marketMs + performance.now() - base.monotonicMs));
  return {
    nowMs,
    observe: (atMs) => {
      if (atMs > nowMs()) base = { marketMs: atMs, monotonicMs: performance.now() };
    },
  };
}

export function openQuoteBoard(): QuoteBoard {
  const quotes = new Map<string, Quote>();
  return {
    quote: (symbol) => quotes.get(symbol) ?? null,
    put: (quote) => {
      const known = quotes.get(quote.symbol);
      if (known === undefined || quote.atMs >= known.atMs) quotes.set(quote.symbol, quote);
    },
  };
}
