import type { EpochMs } from '../values/index.js';
import { isEarlyClose, isMarketClosed } from './exchange-holidays.js';
import { addDays, type MarketDate } from './market-date.js';
import { newYorkDate, newYorkInstant } from './new-york-time.js';

/**
 * The hours of one NYSE trading day as UTC instants. Intervals include their start, exclude their
 * end.
 */
export interface TradingDay {
  readonly date: MarketDate;
  /** 04:00 New York: extended hours begin. */
  readonly preOpenAtMs: EpochMs;
  /** 09:30 New York. */
  readonly openAtMs: EpochMs;
  /** 16:00 New York, 13:00 on a half day. */
  readonly closeAtMs: EpochMs;
  /** 20:00 New York, 17:00 on a half day: extended hours end. */
  readonly postCloseAtMs: EpochMs;
  readonly isHalfDay: boolean;
}

/** The part of the day in which an instant lies. */
export type MarketPhase = 'closed' | 'pre_market' | 'regular' | 'post_market';

const PRE_OPEN_MINUTES = 4 * 60;
const OPEN_MINUTES = 9 * 60 + 30;
const CLOSE_MINUTES = 16 * 60;
const HALF_DAY_CLOSE_MINUTES = 13 * 60;
const POST_MARKET_MINUTES = 4 * 60;

/** The hours of a date, or null when the NYSE is closed all day. Late openings are not modelled. */
export function tradingDay(date: MarketDate): TradingDay | null {
  if (isMarketClosed(date)) return null;
  const isHalfDay = isEarlyClose(date);
  const closeMinutes = isHalfDay ? HALF_DAY_CLOSE_MINUTES : CLOSE_MINUTES;
  return {
    date,
    preOpenAtMs: newYorkInstant(date, PRE_OPEN_MINUTES),
    openAtMs: newYorkInstant(date, OPEN_MINUTES),
    closeAtMs: newYorkInstant(date, closeMinutes),
    postCloseAtMs: newYorkInstant(date, closeMinutes + POST_MARKET_MINUTES),
    isHalfDay,
  };
}

/** The first trading day after a date. Asserts that the calendar reaches that far. */
export function nextTradingDay(date: MarketDate): TradingDay {
  return firstTradingDay(addDays(date, 1), 1);
}

/** The last trading day before a date. Asserts that the calendar reaches that far. */
export function previousTradingDay(date: MarketDate): TradingDay {
  return firstTradingDay(addDays(date, -1), -1);
}

/**
 * When trading ends next after an instant: an order for a day that is placed then, in the session
 * or while the market is closed, is over by that time. `extended`: it is for extended hours.
 */
export function nextTradingEnd(atMs: EpochMs, hours: 'regular' | 'extended'): EpochMs {
  const endOf = ({ closeAtMs, postCloseAtMs }: TradingDay): EpochMs =>
    hours === 'regular' ? closeAtMs : postCloseAtMs;
  const date = newYorkDate(atMs);
  const today = tradingDay(date);
  const isToCome = today !== null && atMs < endOf(today);
  return endOf(isToCome ? today : nextTradingDay(date));
}

/**
 * The part of the New York day in which an instant lies; `closed` all night, weekends and holidays.
 */
export function marketPhase(atMs: EpochMs): MarketPhase {
  const day = tradingDay(newYorkDate(atMs));
  if (day === null || atMs < day.preOpenAtMs || atMs >= day.postCloseAtMs) return 'closed';
  if (atMs < day.openAtMs) return 'pre_market';
  return atMs < day.closeAtMs ? 'regular' : 'post_market';
}

function firstTradingDay(from: MarketDate, stepDays: 1 | -1): TradingDay {
  let date = from;
  let day = tradingDay(date);
  while (day === null) {
    date = addDays(date, stepDays);
    day = tradingDay(date);
  }
  return day;
}
