import { describe, expect, it } from 'vitest';
import {
  marketDate,
  newYorkBehindUtcMs,
  newYorkDate,
  newYorkInstant,
  newYorkTimeOfDay,
} from '../../../../domain/market/index.js';
import { type EpochMs, epochMs, parseInstant } from '../../../../domain/values/index.js';

const HOUR_MS = 3_600_000;
const INTL = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/New_York',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

describe('New York clocks', () => {
  it('every six hours from 1998 to 2028 → what Intl shows', () => {
    const from = at('1998-01-02T00:30:15Z');
    const to = at('2028-12-31T00:00:00Z');
    const different: string[] = [];
    for (let atMs: number = from; atMs < to; atMs += 6 * HOUR_MS) {
      if (ours(epochMs(atMs)) !== intl(atMs)) different.push(intl(atMs));
    }
    expect(different).toEqual([]);
  });

  it.each([
    ['2006-04-02T07:00:00Z', 5, 4],
    ['2006-10-29T06:00:00Z', 4, 5],
    ['2007-03-11T07:00:00Z', 5, 4],
    ['2007-11-04T06:00:00Z', 4, 5],
    ['2026-11-01T06:00:00Z', 4, 5],
  ])('%s: hours behind UTC change from %i to %i at that millisecond', (text, before, since) => {
    expect(newYorkBehindUtcMs(epochMs(at(text) - 1))).toBe(before * HOUR_MS);
    expect(newYorkBehindUtcMs(at(text))).toBe(since * HOUR_MS);
  });

  it('evening in New York is the next date in UTC → the New York date', () => {
    expect(newYorkDate(at('2013-10-08T00:00:00Z'))).toBe('2013-10-07');
    expect(newYorkTimeOfDay(at('2013-10-08T00:00:00.999Z'))).toBe('20:00:00');
  });

  it.each([
    ['2013-10-07', 570, '2013-10-07T13:30:00Z'],
    ['2013-12-02', 570, '2013-12-02T14:30:00Z'],
    ['2007-03-11', 4 * 60, '2007-03-11T08:00:00Z'],
    ['2007-11-04', 60, '2007-11-04T06:00:00Z'],
    ['2007-11-04', 30, '2007-11-04T04:30:00Z'],
  ])('%s and %i minutes → %s', (date, minutes, expected) => {
    expect(newYorkInstant(marketDate(date), minutes)).toBe(at(expected));
  });

  it('a time that is on no clock → an assertion', () => {
    expect(() => newYorkInstant(marketDate('2013-10-07'), 1440)).toThrow(/minutes of a day/);
    expect(() => newYorkDate(at('2035-01-01T12:00:00Z'))).toThrow(/1998-01-01 to 2028-12-31/);
  });
});

function ours(atMs: EpochMs): string {
  return `${newYorkDate(atMs)}, ${newYorkTimeOfDay(atMs)}`;
}

function intl(atMs: number): string {
  return INTL.format(atMs);
}

function at(text: string): EpochMs {
  const parsed = parseInstant(text);
  if (parsed === null) throw new Error(`expected an instant, found ${text}`);
  return parsed;
}
