import { type Bar, type MarketDate, type Quote, tradingDay } from '../../domain/market/index.js';
import type { EpochMs, Price } from '../../domain/values/index.js';
import type { MarketSource } from './market-source.js';

/** Something the market showed, at the instant from which it is known. */
export type MarketEvent =
  | { readonly kind: 'bar'; readonly atMs: EpochMs; readonly bar: Bar }
  | { readonly kind: 'quote'; readonly atMs: EpochMs; readonly quote: Quote };

/**
 * All events of a date in the order of time. At the same instant bars come before quotes (a bar
 * tells what happened until then, a quote what holds from then on), and symbols in the order they
 * were asked for.
 */
export function marketEventsOf(source: MarketSource, date: MarketDate): readonly MarketEvent[] {
  const days = source.symbols.map((symbol) => source.symbolDay(symbol, date));
  const bars = days.flatMap((day) => day?.bars ?? []);
  const quotes = days.flatMap((day) => day?.quotes ?? []);
  const events: readonly MarketEvent[] = [
    ...bars.map((bar) => ({ kind: 'bar' as const, atMs: bar.endAtMs, bar })),
    ...quotes.map((quote) => ({ kind: 'quote' as const, atMs: quote.atMs, quote })),
  ];
  return events.toSorted((a, b) => a.atMs - b.atMs); // Stable: bars stay before quotes.
}

/** The last regular trade of each symbol before a date, as far as the source knows one. */
export function previousClosesOf(
  source: MarketSource,
  date: MarketDate,
): ReadonlyMap<string, Price> {
  const closes = new Map<string, Price>();
  for (const symbol of source.symbols) {
    const previous = source.previousDate(symbol, date);
    const close = previous === null ? null : regularCloseOf(source, symbol, previous);
    if (close !== null) closes.set(symbol, close);
  }
  return closes;
}

function regularCloseOf(source: MarketSource, symbol: string, date: MarketDate): Price | null {
  const hours = tradingDay(date);
  const bars = source.symbolDay(symbol, date)?.bars ?? [];
  const last = bars.findLast((bar) => hours !== null && bar.endAtMs <= hours.closeAtMs);
  return last?.close ?? null;
}
