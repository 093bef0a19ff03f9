import { assert, type Branded, DAY_MS } from '../values/index.js';

/** A New York date as 'YYYY-MM-DD', within the years that our calendar knows. Sorts as text. */
export type MarketDate = Branded<string, 'MarketDate'>;

/** The calendar is checked for these years; a date outside them is refused, never guessed. */
export const CALENDAR_YEAR_MIN = 1998;
export const CALENDAR_YEAR_MAX = 2028;

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** A date that exists and that the calendar covers (1998 to 2028), or null. Any weekday. */
export function parseMarketDate(text: string): MarketDate | null {
  if (!DATE.test(text)) return null;
  const startAtMs = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(startAtMs) || utcDateOf(startAtMs) !== text) return null;
  const year = Number(text.slice(0, 4));
  if (year < CALENDAR_YEAR_MIN || year > CALENDAR_YEAR_MAX) return null;
  return text as MarketDate;
}

/** A date of our own making. Asserts that it exists and that the calendar covers it. */
export function marketDate(text: string): MarketDate {
  const parsed = parseMarketDate(text);
  assert(parsed !== null, `expected a date from 1998-01-01 to 2028-12-31, found ${text}`);
  return parsed;
}

/** The date `days` later, or earlier when negative. Asserts that the calendar still covers it. */
export function addDays(date: MarketDate, days: number): MarketDate {
  return marketDate(utcDateOf(utcMidnightOf(date) + days * DAY_MS));
}

/** The year, month (1 to 12), day of the month and weekday (0 = Sunday) of a date. */
export function dateParts(date: MarketDate): {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
} {
  const at = new Date(utcMidnightOf(date));
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    weekday: at.getUTCDay(),
  };
}

/** Milliseconds of the date's midnight as if New York were on UTC: calendar arithmetic only. */
export function utcMidnightOf(date: MarketDate): number {
  return Date.parse(`${date}T00:00:00Z`);
}

function utcDateOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
