import { type Bar, newYorkDate, type Quote } from '../../domain/market/index.js';
import type { EpochMs } from '../../domain/values/index.js';
import type { MarketSource } from '../market/index.js';

export interface Span {
  /** First instant, included. */
  readonly startMs: EpochMs;
  /** Last instant, included. Never later than what the market has shown. */
  readonly endMs: EpochMs;
}

/** Minute bars whose start lies in a span and that are complete at `nowMs`, oldest first. */
export function barsWithin(
  source: MarketSource,
  symbol: string,
  span: Span & { readonly nowMs: EpochMs },
): readonly Bar[] {
  return daysBack(source, symbol, span)
    .flatMap((day) => day.bars)
    .filter(
      (bar) =>
        bar.startAtMs >= span.startMs && bar.startAtMs <= span.endMs && bar.endAtMs <= span.nowMs,
    );
}

/** Quotes of a span, oldest first. */
export function quotesWithin(source: MarketSource, symbol: string, span: Span): readonly Quote[] {
  return daysBack(source, symbol, span)
    .flatMap((day) => day.quotes)
    .filter((quote) => quote.atMs >= span.startMs && quote.atMs <= span.endMs);
}

/** The last complete minute bar at an instant, of an earlier date where there is none yet. */
export function latestBar(source: MarketSource, symbol: string, nowMs: EpochMs): Bar | null {
  return latestOf(source, { symbol, nowMs }, (day) =>
    day.bars.findLast((bar) => bar.endAtMs <= nowMs),
  );
}

/** The quote in force at an instant. */
export function latestQuote(source: MarketSource, symbol: string, nowMs: EpochMs): Quote | null {
  return latestOf(source, { symbol, nowMs }, (day) =>
    day.quotes.findLast((quote) => quote.atMs <= nowMs),
  );
}

type Day = NonNullable<ReturnType<MarketSource['symbolDay']>>;

function daysBack(source: MarketSource, symbol: string, span: Span): readonly Day[] {
  const days: Day[] = [];
  const startDate = newYorkDate(span.startMs);
  let date = newYorkDate(span.endMs);
  const today = source.symbolDay(symbol, date);
  if (today !== null) days.unshift(today);
  for (;;) {
    const earlier = source.previousDate(symbol, date);
    if (earlier === null || earlier < startDate) return days;
    const day = source.symbolDay(symbol, earlier);
    if (day !== null) days.unshift(day);
    date = earlier;
  }
}

function latestOf<Found>(
  source: MarketSource,
  asked: { readonly symbol: string; readonly nowMs: EpochMs },
  find: (day: Day) => Found | undefined,
): Found | null {
  const { symbol, nowMs } = asked;
  const today = newYorkDate(nowMs);
  for (const date of [today, source.previousDate(symbol, today)]) {
    const day = date === null ? null : source.symbolDay(symbol, date);
    const found = day === null ? undefined : find(day);
    if (found !== undefined) return found;
  }
  return null;
}
