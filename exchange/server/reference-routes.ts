import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  addDays,
  CALENDAR_YEAR_MAX,
  CALENDAR_YEAR_MIN,
  type MarketDate,
  marketDate,
  newYorkDate,
  newYorkTimeOfDay,
  nextTradingDay,
  parseMarketDate,
  type TradingDay,
  tradingDay,
} from '../../domain/market/index.js';
import type { EpochMs } from '../../domain/values/index.js';
import { assetIdOf, wireAsset } from '../wire/asset.js';
import { newYorkInstantText } from '../wire/instant.js';
import { notFound, unprocessable } from './api-failure.js';
import type { ExchangeContext } from './exchange-context.js';
import { parseFields } from './order-request.js';
import { listQuery } from './query.js';

const assetParams = z.object({ symbol_or_asset_id: z.string() });
const assetQuery = z.object({
  status: z.enum(['active', 'inactive']).optional(),
  asset_class: listQuery,
});
const calendarQuery = z.object({
  start: z.string().optional(),
  end: z.string().optional(),
  date_type: z.enum(['TRADING', 'SETTLEMENT']).optional(),
});

/** Assets, the market clock and the calendar. */
export function addReferenceRoutes(app: FastifyInstance, exchange: ExchangeContext): void {
  const { run, clock, symbols } = exchange;
  const assetOf = (symbol: string) => wireAsset(symbol, run.engine.borrowList.statusOf(symbol));
  app.get('/v2/assets', (request) => {
    const query = parseFields(assetQuery, request.query);
    const isOfEquities = query.asset_class?.includes('us_equity') ?? true;
    return query.status === 'inactive' || !isOfEquities ? [] : symbols.map(assetOf);
  });
  app.get('/v2/assets/:symbol_or_asset_id', (request) => {
    const { symbol_or_asset_id: name } = parseFields(assetParams, request.params);
    const symbol = symbols.find((one) => one === name || assetIdOf(one) === name);
    if (symbol === undefined) throw notFound(`asset not found for ${name.slice(0, 40)}`);
    return assetOf(symbol);
  });
  app.get('/v2/clock', () => wireClock(clock.nowMs()));
  app.get('/v2/calendar', (request) => {
    const query = parseFields(calendarQuery, request.query);
    const start = dateOf(query.start, marketDate(`${CALENDAR_YEAR_MIN}-01-01`));
    const end = dateOf(query.end, marketDate(`${CALENDAR_YEAR_MAX}-12-20`));
    return calendarBetween(start, end);
  });
}

/** Whether the market is open, and when it next opens and closes, in New York time. */
export function wireClock(atMs: EpochMs) {
  const today = tradingDay(newYorkDate(atMs));
  const isOpen = today !== null && atMs >= today.openAtMs && atMs < today.closeAtMs;
  const following = nextTradingDay(newYorkDate(atMs));
  const opening = today !== null && atMs < today.openAtMs ? today : following;
  const closing = today !== null && atMs < today.closeAtMs ? today : following;
  return {
    timestamp: newYorkInstantText(atMs),
    is_open: isOpen,
    next_open: newYorkInstantText(opening.openAtMs),
    next_close: newYorkInstantText(closing.closeAtMs),
  };
}

/** Clients send dates or full instants; the date is what counts. */
function dateOf(text: string | undefined, byDefault: MarketDate): MarketDate {
  if (text === undefined) return byDefault;
  const date = parseMarketDate(text.slice(0, 10));
  if (date === null) throw unprocessable(`invalid date ${text.slice(0, 40)}`);
  return date;
}

function calendarBetween(start: MarketDate, end: MarketDate) {
  const days: TradingDay[] = [];
  for (let date = start; date <= end; date = addDays(date, 1)) {
    const day = tradingDay(date);
    if (day !== null) days.push(day);
    if (date === `${CALENDAR_YEAR_MAX}-12-31`) break;
  }
  return days.map((day) => ({
    date: day.date,
    open: newYorkTimeOfDay(day.openAtMs).slice(0, 5),
    close: newYorkTimeOfDay(day.closeAtMs).slice(0, 5),
    session_open: newYorkTimeOfDay(day.preOpenAtMs).slice(0, 5).replace(':', ''),
    session_close: newYorkTimeOfDay(day.postCloseAtMs).slice(0, 5).replace(':', ''),
    settlement_date: settlementDateOf(day.date),
  }));
}

/** One trading day after the trade. */
function settlementDateOf(date: MarketDate): MarketDate {
  return date >= `${CALENDAR_YEAR_MAX}-12-29` ? date : nextTradingDay(date).date;
}
