import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Bar, newYorkDate, newYorkInstant, tradingDay } from '../../domain/market/index.js';
import { type EpochMs, epochMs, MINUTE_MS } from '../../domain/values/index.js';
import { ApiFailure, MALFORMED, NOT_FOUND } from './api-failure.js';
import type { ExchangeContext } from './exchange-context.js';
import { barsWithin, latestBar, latestQuote, quotesWithin } from './market-data-history.js';
import {
  joinBars,
  lastTradeOf,
  type WireBar,
  wireBar,
  wireQuote,
  wireTrade,
} from './market-data-wire.js';
import { countQuery, instantQuery, listQuery } from './query.js';

const symbolsQuery = z.object({ symbols: listQuery });
const symbolParams = z.object({ symbol: z.string() });
const historyQuery = z.object({
  symbols: listQuery,
  timeframe: z.string().default('1Min'),
  start: instantQuery,
  end: instantQuery,
  limit: countQuery({ min: 1, max: 10_000, byDefault: 1_000 }),
  sort: z.enum(['asc', 'desc']).default('asc'),
  page_token: z.coerce.number().int().min(0).optional(),
});
type HistoryQuery = z.infer<typeof historyQuery>;

type Kind = 'bars' | 'quotes' | 'trades';
const KINDS: readonly Kind[] = ['bars', 'quotes', 'trades'];
const SINGULAR = { bars: 'bar', quotes: 'quote', trades: 'trade' } as const;

/**
 * Stock market data: history and latest of bars, quotes and trades, and snapshots. Nothing from the
 * future.
 */
export function addMarketDataRoutes(app: FastifyInstance, exchange: ExchangeContext): void {
  for (const kind of KINDS) {
    app.get(`/v2/stocks/${kind}/latest`, (request) => {
      const symbols = symbolsOf(read(symbolsQuery, request.query).symbols);
      return { [kind]: bySymbol(symbols, (symbol) => latestOf(exchange, kind, symbol)) };
    });
    app.get(`/v2/stocks/:symbol/${kind}/latest`, (request) => {
      const { symbol } = read(symbolParams, request.params);
      const found = latestOf(exchange, kind, symbol);
      if (found === null) throw new ApiFailure(NOT_FOUND, `no ${kind} for ${symbol}`);
      return { symbol, [SINGULAR[kind]]: found };
    });
    app.get(`/v2/stocks/${kind}`, (request) => {
      const query = read(historyQuery, request.query);
      const rows = symbolsOf(query.symbols).flatMap((symbol) =>
        historyOf(exchange, { kind, symbol, query }).map((row) => ({ symbol, row })),
      );
      const page = pageOf(rows, query);
      const symbols = [...new Set(page.rows.map(({ symbol }) => symbol))];
      const bySymbolRows = (symbol: string) =>
        page.rows.filter((one) => one.symbol === symbol).map(({ row }) => row);
      return { [kind]: bySymbol(symbols, bySymbolRows), next_page_token: page.next };
    });
    app.get(`/v2/stocks/:symbol/${kind}`, (request) => {
      const { symbol } = read(symbolParams, request.params);
      const query = read(historyQuery, request.query);
      const page = pageOf(historyOf(exchange, { kind, symbol, query }), query);
      return { symbol, [kind]: page.rows, next_page_token: page.next };
    });
  }
  app.get('/v2/stocks/snapshots', (request) => {
    const symbols = symbolsOf(read(symbolsQuery, request.query).symbols);
    return bySymbol(symbols, (symbol) => snapshotOf(exchange, symbol));
  });
  app.get('/v2/stocks/:symbol/snapshot', (request) => {
    const { symbol } = read(symbolParams, request.params);
    return { symbol, ...snapshotOf(exchange, symbol) };
  });
}

function latestOf({ run, clock }: ExchangeContext, kind: Kind, symbol: string): object | null {
  const nowMs = clock.nowMs();
  const { source } = run.options;
  if (kind === 'quotes') {
    const quote = latestQuote(source, symbol, nowMs);
    return quote === null ? null : wireQuote(quote);
  }
  const bar = latestBar(source, symbol, nowMs);
  if (bar === null) return null;
  return kind === 'bars' ? wireBar(bar) : wireTrade(lastTradeOf(bar));
}

function historyOf(
  { run, clock }: ExchangeContext,
  asked: { readonly kind: Kind; readonly symbol: string; readonly query: HistoryQuery },
): readonly object[] {
  const { kind, symbol, query } = asked;
  const nowMs = clock.nowMs();
  const today = newYorkDate(nowMs);
  const startMs = query.start ?? newYorkInstant(today, 0);
  const endMs = epochMs(Math.min(query.end ?? nowMs, nowMs));
  if (startMs > endMs) return [];
  const span = { startMs, endMs, nowMs };
  const { source } = run.options;
  const rows =
    kind === 'quotes'
      ? quotesWithin(source, symbol, span).map(wireQuote)
      : kind === 'trades'
        ? barsWithin(source, symbol, span).map((bar) => wireTrade(lastTradeOf(bar)))
        : inTimeframe(barsWithin(source, symbol, span), query.timeframe);
  return query.sort === 'asc' ? rows : rows.toReversed();
}

/** Minutes 1 to 59, hours 1 to 23, or one day (of regular hours), as the broker names them. */
function inTimeframe(bars: readonly Bar[], timeframe: string): readonly WireBar[] {
  const match = /^(\d{1,2})(Min|T|Hour|H|Day|D)$/.exec(timeframe);
  const count = Number(match?.[1] ?? 0);
  const unit = match?.[2]?.charAt(0);
  if (unit === 'D' && count === 1) return dailyBars(bars);
  const isMinutes = unit === 'M' || unit === 'T';
  const isKnown = isMinutes ? count >= 1 && count <= 59 : unit === 'H' && count >= 1 && count <= 23;
  if (!isKnown) throw badRequest(`invalid timeframe: ${timeframe.slice(0, 20)}`);
  const lengthMs = count * MINUTE_MS * (isMinutes ? 1 : 60);
  if (lengthMs === MINUTE_MS) return bars.map(wireBar);
  return joinBars(bars, (bar) => epochMs(Math.floor(bar.startAtMs / lengthMs) * lengthMs));
}

function dailyBars(bars: readonly Bar[]): readonly WireBar[] {
  const regular = bars.filter((bar) => {
    const day = tradingDay(newYorkDate(bar.startAtMs));
    return day !== null && bar.startAtMs >= day.openAtMs && bar.startAtMs < day.closeAtMs;
  });
  return joinBars(regular, (bar) => newYorkInstant(newYorkDate(bar.startAtMs), 0));
}

function snapshotOf(exchange: ExchangeContext, symbol: string): object {
  const { run, clock } = exchange;
  const nowMs = clock.nowMs();
  const { source } = run.options;
  const today = newYorkDate(nowMs);
  const previous = source.previousDate(symbol, today);
  const dayBar = (date: typeof today | null): WireBar | undefined => {
    if (date === null) return undefined;
    const startMs = newYorkInstant(date, 0);
    const endMs: EpochMs = epochMs(Math.min(nowMs, newYorkInstant(date, 24 * 60 - 1)));
    return dailyBars(barsWithin(source, symbol, { startMs, endMs, nowMs })).at(-1);
  };
  return {
    latestTrade: latestOf(exchange, 'trades', symbol) ?? undefined,
    latestQuote: latestOf(exchange, 'quotes', symbol) ?? undefined,
    minuteBar: latestOf(exchange, 'bars', symbol) ?? undefined,
    dailyBar: dayBar(today),
    prevDailyBar: dayBar(previous),
  };
}

function pageOf<Row>(
  rows: readonly Row[],
  query: HistoryQuery,
): { readonly rows: readonly Row[]; readonly next: string | null } {
  const from = query.page_token ?? 0;
  const through = from + query.limit;
  return { rows: rows.slice(from, through), next: through < rows.length ? String(through) : null };
}

function bySymbol<Value>(
  symbols: readonly string[],
  valueOf: (symbol: string) => Value | null,
): Readonly<Record<string, Value>> {
  const found = symbols.map((symbol) => [symbol, valueOf(symbol)] as const);
  const kept = found.filter((pair): pair is readonly [string, Value] => pair[1] !== null);
  return Object.fromEntries(kept);
}

function symbolsOf(symbols: readonly string[] | undefined): readonly string[] {
  if (symbols === undefined || symbols.length === 0) throw badRequest('symbols is required');
  return symbols;
}

/** The data API answers 400 where the trading API answers 422. */
function read<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badRequest(`invalid ${issue?.path.join('.')}: ${issue?.message}`);
}

function badRequest(message: string): ApiFailure {
  return new ApiFailure(MALFORMED, message);
}
