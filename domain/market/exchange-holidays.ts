import { DAY_MS } from '../values/index.js';
import { dateParts, type MarketDate, utcMidnightOf } from './market-date.js';

const SUNDAY = 0;
const MONDAY = 1;
const WEDNESDAY = 3;
const THURSDAY = 4;
const FRIDAY = 5;
const SATURDAY = 6;

/** Closed for a reason that no rule foresees: mourning, storms, attacks. */
const UNSCHEDULED_CLOSURES: ReadonlySet<string> = new Set([
  '2001-09-11',
  '2001-09-12',
  '2001-09-13',
  '2001-09-14',
  '2004-06-11',
  '2007-01-02',
  '2012-10-29',
  '2012-10-30',
  '2018-12-05',
  '2025-01-09',
]);

/** 13:00 closes that no rule foresees. */
const UNSCHEDULED_EARLY_CLOSES: ReadonlySet<string> = new Set([
  '1999-12-31',
  '2002-07-05', // Before 2013, with July 4 on a Thursday, the Friday after it was the half day.
  '2003-12-26',
]);

/** Whether the NYSE stays shut all day: a weekend, a holiday or an unscheduled closure. */
export function isMarketClosed(date: MarketDate): boolean {
  const { weekday } = dateParts(date);
  if (weekday === SATURDAY || weekday === SUNDAY) return true;
  return UNSCHEDULED_CLOSURES.has(date) || isMovingHoliday(date) || isFixedHoliday(date);
}

/**
 * Whether a trading day ends at 13:00 New York. Means nothing for a day on which the market is
 * closed.
 */
export function isEarlyClose(date: MarketDate): boolean {
  if (UNSCHEDULED_EARLY_CLOSES.has(date)) return true;
  const { year, month, day, weekday } = dateParts(date);
  if (month === 11) return weekday === FRIDAY && day >= 23 && day <= 29;
  if (month === 12) return day === 24;
  const isJulyThird = month === 7 && day === 3 && weekday !== FRIDAY;
  return isJulyThird && (year >= 2013 || weekday !== WEDNESDAY);
}

/** Martin Luther King, Presidents', Good Friday, Memorial, Labor and Thanksgiving days. */
function isMovingHoliday(date: MarketDate): boolean {
  const { year, month, day, weekday } = dateParts(date);
  if (weekday === MONDAY) {
    if (month === 1 || month === 2) return isNthWeekday(day, 3);
    if (month === 5) return day >= 25;
    return month === 9 && isNthWeekday(day, 1);
  }
  if (weekday === THURSDAY) return month === 11 && isNthWeekday(day, 4);
  return weekday === FRIDAY && utcMidnightOf(date) === easterSundayAtMs(year) - 2 * DAY_MS;
}

/**
 * New Year, Juneteenth (since 2022), Independence Day and Christmas, kept on Friday when they fall
 * on a Saturday and on Monday when on a Sunday. New Year on a Saturday is not kept: the year's
 * books close that Friday.
 */
function isFixedHoliday(date: MarketDate): boolean {
  const { year, month, day, weekday } = dateParts(date);
  const isKeptOn = (holiday: number): boolean =>
    day === holiday ||
    (weekday === MONDAY && day === holiday + 1) ||
    (weekday === FRIDAY && day === holiday - 1);
  if (month === 1) return isKeptOn(1);
  if (month === 6) return year >= 2022 && isKeptOn(19);
  if (month === 7) return isKeptOn(4);
  return month === 12 && isKeptOn(25);
}

function isNthWeekday(dayOfMonth: number, nth: number): boolean {
  return Math.ceil(dayOfMonth / 7) === nth;
}

/**
 * Easter Sunday (Gregorian; the anonymous algorithm of Meeus, Jones and Butcher), at midnight UTC.
 */
function easterSundayAtMs(year: number): number {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const yearOfCentury = year % 100;
  const moonShift = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - moonShift + 15) % 30;
  const leap = 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4) - (yearOfCentury % 4);
  const toSunday = (32 + leap - epact) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * toSunday) / 451);
  const monthAndDay = epact + toSunday - 7 * late + 114;
  return Date.UTC(year, Math.floor(monthAndDay / 31) - 1, (monthAndDay % 31) + 1);
}
