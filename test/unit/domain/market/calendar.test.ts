import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  type MarketDate,
  marketDate,
  marketPhase,
  nextTradingDay,
  nextTradingEnd,
  parseMarketDate,
  previousTradingDay,
  type TradingDay,
  tradingDay,
} from '../../../../domain/market/index.js';
import { epochMs, formatInstant, parseInstant } from '../../../../domain/values/index.js';
import { describeWithRealData, type RealData } from '../../../support/real-data.js';

const FIRST = marketDate('1998-01-01');
const LAST = marketDate('2028-12-31');

describe('nextTradingEnd', () => {
  it.each([
    ['in the session', '2013-10-07T15:00', '2013-10-07T20:00', '2013-10-08T00:00'],
    ['at the close', '2013-10-07T20:00', '2013-10-08T20:00', '2013-10-08T00:00'],
    ['on Friday evening', '2013-10-05T01:00', '2013-10-07T20:00', '2013-10-08T00:00'],
    ['at night', '2013-10-08T06:00', '2013-10-08T20:00', '2013-10-09T00:00'],
    ['on Sunday', '2013-10-06T15:00', '2013-10-07T20:00', '2013-10-08T00:00'],
    [
      'on Thanksgiving, before a half day',
      '2013-11-28T15:00',
      '2013-11-29T18:00',
      '2013-11-29T22:00',
    ],
  ])('%s (%s) → the close that comes, and the end of extended hours', (_when, ...instants) => {
    const [atMs, ...ends] = instants.map((text) => epochMs(Date.parse(`${text}Z`)));
    if (atMs === undefined) throw new Error('expected an instant');
    expect([nextTradingEnd(atMs, 'regular'), nextTradingEnd(atMs, 'extended')]).toEqual(ends);
  });
});

describe('tradingDay', () => {
  it.each([
    ['2013-10-07', '08:00', '13:30', '20:00', '2013-10-08T00:00'],
    ['2013-12-24', '09:00', '14:30', '18:00', '2013-12-24T22:00'],
    ['2007-03-12', '08:00', '13:30', '20:00', '2007-03-13T00:00'],
    ['2006-03-13', '09:00', '14:30', '21:00', '2006-03-14T01:00'],
  ])('%s: hours → UTC instants of New York hours', (date, preOpen, open, close, postClose) => {
    const at = (time: string) => parseInstant(`${time.length > 5 ? time : `${date}T${time}`}:00Z`);
    expect(tradingDay(marketDate(date))).toEqual({
      date,
      preOpenAtMs: at(preOpen),
      openAtMs: at(open),
      closeAtMs: at(close),
      postCloseAtMs: at(postClose),
      isHalfDay: date === '2013-12-24',
    });
  });

  it.each([
    ['a Saturday', '2013-10-05'],
    ['a Sunday', '2013-10-06'],
    ['the days after the attacks', '2001-09-14'],
    ['mourning for Reagan', '2004-06-11'],
    ['mourning for Ford', '2007-01-02'],
    ['hurricane Sandy', '2012-10-29'],
    ['mourning for Bush', '2018-12-05'],
    ['mourning for Carter', '2025-01-09'],
    ['Good Friday', '2024-03-29'],
    ['Juneteenth on a Sunday, kept on Monday', '2022-06-20'],
    ['Christmas on a Saturday, kept on Friday', '2010-12-24'],
  ])('%s (%s) → closed', (_why, date) => {
    expect(tradingDay(marketDate(date))).toBeNull();
  });

  it.each([
    ['New Year on a Saturday is not kept on Friday', '2010-12-31', false],
    ['Juneteenth before 2022 was a trading day', '2020-06-19', false],
    ['the Friday after July 4 in 2002', '2002-07-05', true],
    ['July 3 of 2002, a Wednesday, was a whole day', '2002-07-03', false],
    ['the three closes that the recorded calendar lacks', '1998-11-27', true],
    ['the three closes that the recorded calendar lacks', '1998-12-24', true],
    ['the three closes that the recorded calendar lacks', '1999-12-31', true],
  ])('%s (%s) → open', (_why, date, isHalfDay) => {
    expect(tradingDay(marketDate(date))?.isHalfDay).toBe(isHalfDay);
  });

  it.each(['13:00', '16:00'])('closing at %s: the last millisecond is regular', (close) => {
    const date = close === '13:00' ? '2015-12-24' : '2015-12-23';
    const { closeAtMs, openAtMs, preOpenAtMs, postCloseAtMs } = dayOf(date);
    const phases = [preOpenAtMs, openAtMs, closeAtMs, postCloseAtMs].flatMap((atMs) => [
      marketPhase(epochMs(atMs - 1)),
      marketPhase(atMs),
    ]);
    expect(phases).toEqual([
      ...['closed', 'pre_market', 'pre_market', 'regular'],
      ...['regular', 'post_market', 'post_market', 'closed'],
    ]);
  });
});

describe('nextTradingDay and previousTradingDay', () => {
  it.each([
    ['2013-10-04', '2013-10-07'],
    ['2001-09-10', '2001-09-17'],
    ['2015-12-24', '2015-12-28'],
  ])('%s ↔ %s', (earlier, later) => {
    expect(nextTradingDay(marketDate(earlier)).date).toBe(later);
    expect(previousTradingDay(marketDate(later)).date).toBe(earlier);
  });

  it('beyond the calendar → an assertion, never a guess', () => {
    expect(() => nextTradingDay(marketDate('2028-12-29'))).toThrow(/1998-01-01 to 2028-12-31/);
    expect(() => previousTradingDay(marketDate('1998-01-02'))).toThrow(/found 1997-12-31/);
  });
});

describe('parseMarketDate', () => {
  it.each([
    '2013-02-29',
    '2013-10-7',
    '20131007',
    '2013-10-07T00:00:00Z',
    '1997-12-31',
    '2029-01-02',
    '',
    'tomorrow',
  ])('%j → null', (text) => {
    expect(parseMarketDate(text)).toBeNull();
  });

  it('a leap day → itself', () => {
    expect(parseMarketDate('2012-02-29')).toBe('2012-02-29');
  });
});

describeWithRealData('the recorded NYSE calendar', (data) => {
  it('1998 to 2028: weekdays without a trading day → exactly its holidays', () => {
    const holidays = recordedCalendar(data).holidays.filter((date) => !isWeekend(date));
    const closedWeekdays = datesFrom1998()
      .filter((date) => !isWeekend(date))
      .filter((date) => tradingDay(date) === null);
    expect(closedWeekdays).toEqual(holidays);
  });

  it('1998 to 2028: half days → exactly its early closes and the three known gaps', () => {
    const gaps = ['1998-11-27', '1998-12-24', '1999-12-31'];
    const recorded = Object.keys(recordedCalendar(data).earlyCloses).filter(
      (date) => !isWeekend(date),
    );
    const halfDays = datesFrom1998().filter((date) => tradingDay(date)?.isHalfDay === true);
    expect(halfDays).toEqual([...recorded, ...gaps].sort());
  });

  it.each([
    ['SPY', '1998-01-02'],
    ['IWM', '2000-05-26'],
  ])('%s daily bars → exactly our trading days', (symbol, from) => {
    const lines = readText(data, `daily/${symbol}.csv.gz`).trimEnd().split('\n').slice(1);
    const dates = lines.map((line) => line.slice(0, 10));
    expect(dates[0]).toBe(from);
    const ours = datesFrom1998().filter((date) => date >= from && date <= '2021-03-31');
    expect(ours.filter((date) => tradingDay(date) !== null)).toEqual(dates);
  });

  it('SPY hour bars: regular hours only → all lie within our opening hours', () => {
    const lines = readText(data, 'hour/SPY.csv.gz').trimEnd().split('\n').slice(1);
    const hour = 3_600_000;
    const outside = lines.filter((line) => {
      const startAtMs = parseInstant(line.slice(0, line.indexOf(',')));
      if (startAtMs === null) return true;
      const day = dayOf(formatInstant(startAtMs).slice(0, 10));
      return startAtMs + hour <= day.openAtMs || startAtMs >= day.closeAtMs;
    });
    expect(lines).toHaveLength(14_475);
    expect(outside).toEqual([]);
  });
});

interface RecordedCalendar {
  readonly holidays: readonly string[];
  readonly earlyCloses: Readonly<Record<string, string>>;
}

function recordedCalendar(data: RealData): RecordedCalendar {
  return JSON.parse(data.read('calendar/nyse_1998_2028.json').toString()) as RecordedCalendar;
}

function datesFrom1998(): readonly MarketDate[] {
  const dates: MarketDate[] = [FIRST];
  for (let date = FIRST; date < LAST; ) {
    date = addDays(date, 1);
    dates.push(date);
  }
  return dates;
}

function isWeekend(date: string): boolean {
  return [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());
}

function dayOf(date: string): TradingDay {
  const day = tradingDay(marketDate(date));
  if (day === null) throw new Error(`expected a trading day, found ${date}`);
  return day;
}

function readText(data: RealData, file: string): string {
  return gunzipSync(data.read(file)).toString('utf8');
}
