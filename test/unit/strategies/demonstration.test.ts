import { describe, expect, it } from 'vitest';
import { type Bar, marketDate, tradingDay } from '../../../domain/market/index.js';
import { isLeg, type Signal } from '../../../domain/signal/index.js';
import {
  epochMs,
  formatPrice,
  MINUTE_MS,
  price,
  wholeUnits,
} from '../../../domain/values/index.js';
import { demonstration } from '../../../strategies/demonstration.js';
import { movingAverageCross } from '../../../strategies/moving-average-cross.js';
import type { ConfiguredStrategy, Strategy } from '../../../strategies/strategy.js';
import { type SignalAt, simulateDay } from './simulate-day.js';

const DATE = marketDate('2013-10-07');

describe('demonstration', () => {
  it('a day → rests, sends one oversized order, places a second and cancels it', () => {
    const { signals } = simulateDay(configured(demonstration), DATE, waves(390));
    expect(ownSignals(signals)).toEqual([
      '1 buy rest limit',
      '15 buy oversize market',
      '20 buy rest2 limit',
      '25 cancel rest2',
    ]);
  });

  it('the moving-average cross inside → exactly its signals', () => {
    const shown = simulateDay(configured(demonstration), DATE, waves(390));
    const alone = simulateDay(configured(movingAverageCross), DATE, waves(390));
    expect(shown.signals.filter(({ signal }) => isOfCross(signal))).toEqual(alone.signals);
    expect(alone.trades.length).toBeGreaterThan(5);
    expect(shown.trades).toEqual(alone.trades);
  });

  it('minutes without a bar → each act at the first bar after its minute', () => {
    const sparse = waves(390).filter((_, index) => index % 12 === 0);
    expect(ownSignals(simulateDay(configured(demonstration), DATE, sparse).signals)).toEqual([
      '1 buy rest limit',
      '25 buy oversize market',
      '25 buy rest2 limit',
      '37 cancel rest2',
    ]);
  });

  it('a resting order that is gone → asked again after five minutes, not late in the day', () => {
    const strategy = configured(demonstration);
    let state = strategy.initialState;
    const asked: number[] = [];
    for (let minute = 1; minute <= 390; minute += 1) {
      const opinion = strategy.onBar({
        state,
        bar: bar(minute - 1, 100),
        position: { side: 'flat', quantity: wholeUnits(0) },
        openOrders: [],
        isTurning: false,
        session: { minutesSinceOpen: minute, minutesToClose: 390 - minute },
      });
      state = opinion.state;
      if (opinion.signals.some(({ leg }) => leg === 'rest')) asked.push(minute);
    }
    expect(asked.slice(0, 3)).toEqual([1, 6, 11]);
    expect(asked.at(-1)).toBe(376);
  });

  it.each([
    ['167.41', '159.03'],
    ['100', '95'],
    ['1.05', '0.9975'],
    ['0.5', '0.475'],
    ['0.0001', '0.0001'],
  ])('market at %s → rests at %s, a price the exchange accepts', (close, expected) => {
    const one = bar(0, Number(close));
    const [first] = simulateDay(configured(demonstration), DATE, [one]).signals;
    const signal = first?.signal;
    if (signal?.kind !== 'order' || signal.limitPrice === null) throw new Error('expected a limit');
    expect(formatPrice(signal.limitPrice)).toBe(expected);
  });

  it('every leg → fits into a client order id', () => {
    const { signals } = simulateDay(configured(demonstration), DATE, waves(390));
    expect(signals.filter(({ signal }) => !isLeg(signal.leg))).toEqual([]);
  });
});

const CROSS_LEGS = ['entry', 'exit'];

function isOfCross(signal: Signal): boolean {
  return CROSS_LEGS.includes(signal.leg);
}

function ownSignals(signals: readonly SignalAt[]): readonly string[] {
  return signals
    .filter(({ signal }) => !isOfCross(signal))
    .map(({ minute, signal }) =>
      signal.kind === 'cancel'
        ? `${minute} cancel ${signal.leg}`
        : `${minute} ${signal.side} ${signal.leg} ${signal.type}`,
    );
}

/** Closes that rise and fall once in forty minutes. */
function waves(count: number): readonly Bar[] {
  return Array.from({ length: count }, (_, index) =>
    bar(index, 100 + Math.round(100 * Math.sin((index * Math.PI) / 20)) / 100),
  );
}

function bar(index: number, dollars: number): Bar {
  const openAtMs = tradingDay(DATE)?.openAtMs ?? 0;
  const close = price(Math.round(dollars * 1_000_000_000));
  const startAtMs = epochMs(openAtMs + index * MINUTE_MS);
  return {
    symbol: 'SPY',
    startAtMs,
    endAtMs: epochMs(startAtMs + MINUTE_MS),
    open: close,
    high: close,
    low: close,
    close,
    volume: wholeUnits(100),
  };
}

function configured(strategy: Strategy): ConfiguredStrategy {
  const result = strategy.configure({});
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return result.strategy;
}
