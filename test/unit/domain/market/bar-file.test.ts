import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  BAR_HEADER,
  newYorkTimeOfDay,
  parseBars,
  parseQuoteBars,
  parseTicks,
  QUOTE_BAR_HEADER,
  TICK_HEADER,
} from '../../../../domain/market/index.js';
import {
  epochMs,
  formatPrice,
  formatQuantity,
  MINUTE_MS,
  parseInstant,
  parsePrice,
  wholeUnits,
} from '../../../../domain/values/index.js';
import { describeWithRealData, type RealData } from '../../../support/real-data.js';

const ROW = '2013-10-07T13:30:00Z,167.41,167.5,167.25,167.27,3197';
const SPY = { symbol: 'SPY', intervalMs: MINUTE_MS };

describe('parseBars', () => {
  it('a row → exact prices, start and end of the interval', () => {
    const startAtMs = parseInstant('2013-10-07T13:30:00Z') ?? 0;
    expect(parseBars({ ...SPY, text: `${BAR_HEADER}\r\n${ROW}\r\n` })).toEqual({
      ok: true,
      rows: [
        {
          symbol: 'SPY',
          startAtMs,
          endAtMs: startAtMs + MINUTE_MS,
          open: parsePrice('167.41'),
          high: parsePrice('167.5'),
          low: parsePrice('167.25'),
          close: parsePrice('167.27'),
          volume: wholeUnits(3197),
        },
      ],
    });
  });

  it('a header alone → no rows', () => {
    expect(parseBars({ ...SPY, text: BAR_HEADER })).toEqual({ ok: true, rows: [] });
  });

  it.each([
    ['bad_instant', '2013-10-07 13:31,1,1,1,1,1'],
    ['bad_price', '2013-10-07T13:31:00Z,0,1,1,1,1'],
    ['bad_price', '2013-10-07T13:31:00Z,1.0000000001,2,1,1,1'],
    ['bad_price', '2013-10-07T13:31:00Z,1,2,1,NaN,1'],
    ['bad_quantity', '2013-10-07T13:31:00Z,1,1,1,1,-5'],
    ['bad_quantity', '2013-10-07T13:31:00Z,1,1,1,1,9007200'],
    ['prices_out_of_order', '2013-10-07T13:31:00Z,2,2,2.1,2,1'],
    ['prices_out_of_order', '2013-10-07T13:31:00Z,2,2,1,2.1,1'],
    ['time_not_rising', '2013-10-07T13:30:00Z,1,1,1,1,1'],
    ['wrong_column_count', '2013-10-07T13:31:00Z,1,1,1,1'],
    ['wrong_column_count', ''],
  ])('%s: %j in line 3 → refused by name and line', (code, row) => {
    const text = `${BAR_HEADER}\n${ROW}\n${row}\n${ROW}`;
    expect(parseBars({ ...SPY, text })).toMatchObject({ ok: false, fault: { code, line: 3 } });
  });

  it('a foreign header → refused with both headers', () => {
    const result = parseBars({ ...SPY, text: 'time,open\n' });
    expect(result).toEqual({
      ok: false,
      fault: {
        code: 'wrong_header',
        line: 1,
        message: 'expected the header t,o,h,l,c,v, found "time,open"',
      },
    });
  });
});

describe('parseQuoteBars', () => {
  it('a side nobody quotes → null; half of a side → refused', () => {
    const parse = (row: string) => parseQuoteBars({ ...SPY, text: `${QUOTE_BAR_HEADER}\n${row}` });
    expect(parse('2013-10-07T13:30:00Z,,,,,,10,11,9,10,300')).toMatchObject({
      ok: true,
      rows: [{ bid: null, ask: { size: wholeUnits(300) } }],
    });
    expect(parse('2013-10-07T13:30:00Z,1,1,1,1,,10,11,9,10,300')).toMatchObject({
      ok: false,
      fault: { code: 'half_empty_side', line: 2 },
    });
  });
});

describe('parseTicks', () => {
  const parse = (rows: string) => parseTicks({ symbol: 'IBM', text: `${TICK_HEADER}\n${rows}` });

  it('two trades at one instant → both, in order', () => {
    const result = parse(
      '2013-10-07T08:00:30.27Z,181.52,283,P,20002020,0\n2013-10-07T08:00:30.27Z,181.8,5,P,2000,1',
    );
    expect(result).toMatchObject({
      ok: true,
      rows: [
        { size: wholeUnits(283), conditionFlags: '20002020', isSuspicious: false },
        { size: wholeUnits(5), exchange: 'P', isSuspicious: true },
      ],
    });
  });

  it('a suspicious flag that is neither 0 nor 1 → refused', () => {
    const result = parse('2013-10-07T08:00:30.27Z,181.52,283,P,0,yes');
    expect(result).toMatchObject({ ok: false, fault: { code: 'bad_flag', line: 2 } });
  });
});

describeWithRealData('recorded files', (data) => {
  it('SPY minute bars of 2013-10-07 → 828 rows that print back to the same text', () => {
    const text = readText(data, 'minute/SPY/20131007_trade.csv.gz');
    const result = parseBars({ ...SPY, text });
    if (!result.ok) throw new Error(result.fault.message);
    const printed = result.rows.map((bar) =>
      [
        new Date(bar.startAtMs).toISOString().replace('.000Z', 'Z'),
        ...[bar.open, bar.high, bar.low, bar.close].map(formatPrice),
        formatQuantity(bar.volume),
      ].join(','),
    );
    expect(printed).toHaveLength(828);
    expect([BAR_HEADER, ...printed].join('\n')).toBe(text.trimEnd());
  });

  it('quote bars → the last one starts at 20:00 New York, the next date in UTC', () => {
    const text = readText(data, 'minute/SPY/20131007_quote.csv.gz');
    const result = parseQuoteBars({ ...SPY, text });
    if (!result.ok) throw new Error(result.fault.message);
    expect(result.rows).toHaveLength(908);
    expect(newYorkTimeOfDay(result.rows.at(-1)?.startAtMs ?? epochMs(0))).toBe('20:00:00');
  });

  it('ticks of IBM → 24,293 and none suspicious', () => {
    const text = readText(data, 'tick/IBM/20131007_trade.csv.gz');
    const result = parseTicks({ symbol: 'IBM', text });
    if (!result.ok) throw new Error(result.fault.message);
    expect(result.rows).toHaveLength(24_293);
    expect(result.rows.filter((tick) => tick.isSuspicious)).toEqual([]);
  });

  it('hour bars of SPY with over 9 million shares → refused by name, not wrapped', () => {
    const text = readText(data, 'hour/SPY.csv.gz');
    const result = parseBars({ symbol: 'SPY', intervalMs: 60 * MINUTE_MS, text });
    expect(result).toMatchObject({ ok: false, fault: { code: 'bad_quantity' } });
  });
});

function readText(data: RealData, file: string): string {
  return gunzipSync(data.read(file)).toString('utf8');
}
