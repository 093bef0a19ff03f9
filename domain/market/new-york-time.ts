import { assert, DAY_MS, type EpochMs, epochMs, MINUTE_MS } from '../values/index.js';
import { type MarketDate, marketDate, utcMidnightOf } from './market-date.js';

const HOUR_MS = 60 * MINUTE_MS;
const MARCH = 2;
const APRIL = 3;
const OCTOBER = 9;
const NOVEMBER = 10;

/**
 * How far New York's clocks are behind UTC at an instant, in milliseconds: five hours, four in
 * summer time. By the laws of 1987 and 2007, without Intl, so that no library update changes a
 * recorded day.
 */
export function newYorkBehindUtcMs(atMs: EpochMs): number {
  const year = new Date(atMs).getUTCFullYear();
  const { startAtMs, endAtMs } = summerTimeOf(year);
  return (atMs >= startAtMs && atMs < endAtMs ? 4 : 5) * HOUR_MS;
}

/** The date that a calendar on a New York wall shows. Asserts a year that the calendar covers. */
export function newYorkDate(atMs: EpochMs): MarketDate {
  return marketDate(newYorkClock(atMs).slice(0, 10));
}

/** What a New York clock shows, as 'HH:MM:SS' (24 hours, cut to seconds). Sorts as text. */
export function newYorkTimeOfDay(atMs: EpochMs): string {
  return newYorkClock(atMs).slice(11, 19);
}

/**
 * The instant at which New York clocks show `minutesOfDay` minutes after midnight on a date. Of the
 * hour that happens twice in autumn the second one; no trading hour is ever in it.
 */
export function newYorkInstant(date: MarketDate, minutesOfDay: number): EpochMs {
  assert(
    Number.isSafeInteger(minutesOfDay) && minutesOfDay >= 0 && minutesOfDay * MINUTE_MS < DAY_MS,
    `expected minutes of a day, found ${minutesOfDay}`,
  );
  const shownMs = utcMidnightOf(date) + minutesOfDay * MINUTE_MS;
  const ifWinter = epochMs(shownMs + 5 * HOUR_MS);
  return epochMs(shownMs + newYorkBehindUtcMs(ifWinter));
}

function newYorkClock(atMs: EpochMs): string {
  return new Date(atMs - newYorkBehindUtcMs(atMs)).toISOString();
}

/**
 * Summer time begins at 02:00 winter time (07:00 UTC) and ends at 02:00 summer time (06:00 UTC).
 */
function summerTimeOf(year: number): { readonly startAtMs: number; readonly endAtMs: number } {
  const isSince2007 = year >= 2007;
  const start = isSince2007 ? sundayFrom(year, MARCH, 8) : sundayFrom(year, APRIL, 1);
  const end = isSince2007 ? sundayFrom(year, NOVEMBER, 1) : sundayFrom(year, OCTOBER, 25);
  return { startAtMs: start + 7 * HOUR_MS, endAtMs: end + 6 * HOUR_MS };
}

/** Midnight UTC of the first Sunday on or after a day of a month (January = 0). */
function sundayFrom(year: number, month: number, day: number): number {
  const fromAtMs = Date.UTC(year, month, day);
  return fromAtMs + ((7 - new Date(fromAtMs).getUTCDay()) % 7) * DAY_MS;
}
