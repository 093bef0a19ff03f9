import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  type Bar,
  type MarketDate,
  marketDate,
  marketPhase,
  parseBars,
  tradingDay,
} from '../../../domain/market/index.js';
import type { PositionSide } from '../../../domain/position/index.js';
import { epochMs, MINUTE_MS, price, wholeUnits } from '../../../domain/values/index.js';
import { movingAverageCross } from '../../../strategies/moving-average-cross.js';
import { sessionView } from '../../../strategies/session-view.js';
import type { BarView, ConfiguredStrategy } from '../../../strategies/strategy.js';
import { describeWithRealData, type RealData } from '../../support/real-data.js';
import { simulateDay } from './simulate-day.js';

const DATE = marketDate('2013-10-07');
const QUICK = { fastBars: 1, slowBars: 2 };

describe('movingAverageCross', () => {
  it.each<[string, Run, readonly string[]]>([
    ['fewer bars than the slow average needs', { closes: [10, 11] }, []],
    ['fast rises above slow', { closes: [10, 9, 11] }, ['buy entry open']],
    ['above from the first comparison on, without a cross', { closes: [10, 11, 12] }, []],
    ['fast falls below while flat', { closes: [9, 10, 8] }, []],
    ['fast falls below while long', { closes: [9, 10, 8], side: 'long' }, ['sell exit close']],
    [
      'fast falls below while flat, short allowed',
      { closes: [9, 10, 8], allowShort: true },
      ['sell entry open'],
    ],
    ['held from before and no average yet', { closes: [10], side: 'long' }, []],
    [
      'held from before and below at first sight',
      { closes: [10, 9], side: 'long' },
      ['sell exit close'],
    ],
    ['touches from above and turns', { closes: [9, 11, 13, 13, 14] }, []],
    ['equal at first, then above', { closes: [10, 10, 11] }, ['buy entry open']],
    ['rises above while short', { closes: [10, 9, 11], side: 'short' }, ['buy exit close']],
    [
      'an exit that still works is not sent twice',
      { closes: [9, 10, 8], side: 'long', openLegs: ['exit'] },
      [],
    ],
    ['an entry waits for the exit before it', { closes: [10, 9, 11], openLegs: ['exit'] }, []],
    ['ten minutes to the close: no entry', { closes: [10, 9, 11], minutesToClose: 10 }, []],
    [
      'ten minutes to the close: what is held goes',
      { closes: [10], side: 'long', minutesToClose: 10 },
      ['sell exit close'],
    ],
    [
      'ten minutes to the close: a working entry is taken back',
      { closes: [10], openLegs: ['entry'], minutesToClose: 10 },
      ['cancel entry'],
    ],
    ['a bar before the open', { closes: [10, 9, 11], minutesToClose: 400 }, []],
    ['a bar after the close', { closes: [10, 9, 11], side: 'long', minutesToClose: -1 }, []],
  ])('%s → its signals', (_name, run, expected) => {
    expect(lastSignals(run)).toEqual(expected);
  });

  it('a price that never moves → no cross out of rounding', () => {
    const strategy = configured({});
    const closes = Array<number>(60).fill(167.27);
    expect(replay(strategy, closes, () => 'flat')).toMatchObject({ wanted: null });
  });

  it.each<[string, readonly Step[], readonly string[]]>([
    [
      'a flip: one turn, and silence until it is over',
      [
        [9, 'long'],
        [10, 'long'],
        [8, 'long'],
        [7, 'long', 'turning'],
        [6, 'flat', 'turning'],
        [5, 'short'],
        [4, 'flat'],
      ],
      ['', '', 'turn sell', '', '', '', ''],
    ],
    [
      'a turn that kept the position: it is left, and not turned again',
      [
        [9, 'long'],
        [10, 'long'],
        [8, 'long'],
        [7, 'long', 'turning'],
        [6, 'long'],
        [5, 'flat'],
      ],
      ['', '', 'turn sell', '', 'sell exit close', ''],
    ],
    [
      'a cross back while it turns: the new position is left, and not turned back',
      [
        [9, 'long'],
        [10, 'long'],
        [8, 'long'],
        [11, 'long', 'turning'],
        [12, 'short'],
      ],
      ['', '', 'turn sell', '', 'buy exit close'],
    ],
    [
      'short, and the averages cross upwards',
      [
        [11, 'short'],
        [10, 'short'],
        [12, 'short'],
      ],
      ['', '', 'turn buy'],
    ],
  ])('short allowed, %s', (_name, steps, expected) => {
    expect(saidBar({ allowShort: true }, steps)).toEqual(expected);
  });

  it('short not allowed: the same closes → leaves, and never turns', () => {
    const steps: readonly Step[] = [
      [9, 'long'],
      [10, 'long'],
      [8, 'long'],
      [7, 'flat'],
    ];
    expect(saidBar({}, steps)).toEqual(['', '', 'sell exit close', '']);
  });

  it('a stop wanted: rests below what is held, on the tick, and goes before the exit', () => {
    const strategy = configured({ ...QUICK, stopBasisPoints: 33 });
    const held = view({ close: 100.07, side: 'long', index: 0 });
    const [stop] = strategy.onBar({ ...held, state: strategy.initialState }).signals;
    expect(stop).toMatchObject({ leg: 'stop', side: 'sell', type: 'stop', purpose: 'exit' });
    expect(stop).toMatchObject({ stopPrice: price(99_730_000_000) });
    const resting = [{ leg: 'stop', side: 'sell', remaining: wholeUnits(5) }] as const;
    const again = { ...held, openOrders: resting, state: strategy.initialState };
    expect(strategy.onBar(again).signals).toEqual([]);
    const atEnd = { ...again, session: { minutesToClose: 5, minutesSinceOpen: 385 } };
    expect(strategy.onBar(atEnd).signals.map(describeSignal)).toEqual(['cancel stop']);
  });

  it('a stop wanted for a short position → above it', () => {
    const strategy = configured({ ...QUICK, stopBasisPoints: 100 });
    const held = view({ close: 100, side: 'short', index: 0 });
    const [stop] = strategy.onBar({ ...held, state: strategy.initialState }).signals;
    expect(stop).toMatchObject({ side: 'buy', stopPrice: price(101_000_000_000) });
  });

  it('a restart that replays the bars, flat and with nobody listening → the same state', () => {
    const strategy = configured(QUICK);
    const closes = [10, 9, 11, 12, 8, 9, 13];
    const sides: readonly PositionSide[] = ['flat', 'flat', 'flat', 'long', 'long', 'flat', 'long'];
    const original = replay(strategy, closes, (index) => sides[index] ?? 'flat');
    const restarted = replay(strategy, closes, () => 'flat');
    expect(JSON.parse(JSON.stringify(restarted))).toEqual(original);
  });

  it.each([
    [{ fastBars: 20 }, ['parameter fastBars: expected fewer bars than slowBars']],
    [{ fastbars: 5 }, [expect.stringContaining('fastbars')]],
    [{ fastBars: 0, positionUsd: 'much' }, [expect.any(String), expect.any(String)]],
  ])('parameters %j → refused, every fault named', (parameters, faults) => {
    expect(movingAverageCross.configure(parameters)).toEqual({ ok: false, faults });
  });
});

describeWithRealData('movingAverageCross on recorded days', (data) => {
  const days = recordedDays(data);

  it('2013-10-07, SPY and IBM, defaults → at least 10 orders and 5 closed trades', () => {
    const runs = ['SPY', 'IBM'].map((symbol) => simulate(data, symbol, DATE));
    const orders = runs.flatMap((run) => run.signals.filter(({ signal }) => isOrder(signal)));
    expect(orders.length).toBeGreaterThanOrEqual(10);
    expect(runs.flatMap((run) => run.trades).length).toBeGreaterThanOrEqual(5);
  });

  it.each(days)('%s %s → trades, opens nothing late, ends flat', (symbol, date) => {
    const run = simulate(data, symbol, date);
    const entries = run.signals.filter(({ signal }) => isOrder(signal) && signal.leg === 'entry');
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.filter(({ minutesToClose }) => minutesToClose <= 10)).toEqual([]);
    expect(run.signals.filter(({ minute }) => minute < 21)).toEqual([]);
    expect(run.position.side).toBe('flat');
    expect(run.trades).toHaveLength(entries.length);
  });

  it('a day twice → the same signals; without extended hours too', () => {
    const bars = barsOf(data, 'SPY', DATE);
    const regular = bars.filter((bar) => marketPhase(bar.startAtMs) === 'regular');
    const once = simulateDay(configured({}), DATE, bars);
    expect(simulateDay(configured({}), DATE, bars)).toEqual(once);
    expect(simulateDay(configured({}), DATE, regular).signals).toEqual(once.signals);
  });
});

type Step = readonly [close: number, side: PositionSide, turning?: 'turning'];

/** What is said on each bar, the bars coming at mid-day. */
function saidBar(
  parameters: Readonly<Record<string, unknown>>,
  steps: readonly Step[],
): readonly string[] {
  const strategy = configured({ ...QUICK, ...parameters });
  let state = strategy.initialState;
  return steps.map(([close, side, turning], index) => {
    const isTurning = turning !== undefined;
    const opinion = strategy.onBar({ ...view({ close, side, index }), isTurning, state });
    state = opinion.state;
    return opinion.signals.map(describeSignal).join();
  });
}

interface Run {
  readonly closes: readonly number[];
  readonly side?: PositionSide;
  readonly openLegs?: readonly string[];
  readonly allowShort?: boolean;
  /** Of the last bar. */
  readonly minutesToClose?: number;
}

/** What is said about the last close; the bars before it come at mid-day. */
function lastSignals(run: Run): readonly string[] {
  const strategy = configured({ ...QUICK, allowShort: run.allowShort ?? false });
  const last = run.closes.length - 1;
  const before = run.closes.slice(0, last);
  const state = replay(strategy, before, () => run.side ?? 'flat');
  const atEnd = view({ close: run.closes[last] ?? 0, side: run.side ?? 'flat', index: last });
  const minutesToClose = run.minutesToClose ?? 200;
  const opinion = strategy.onBar({
    ...atEnd,
    session: { minutesToClose, minutesSinceOpen: 390 - minutesToClose },
    openOrders: (run.openLegs ?? []).map((leg) => ({
      leg,
      side: 'buy',
      remaining: wholeUnits(1),
    })),
    state,
  });
  return opinion.signals.map(describeSignal);
}

function replay(
  strategy: ConfiguredStrategy,
  closes: readonly number[],
  sideAt: (index: number) => PositionSide,
): unknown {
  return closes.reduce<unknown>(
    (state, close, index) =>
      strategy.onBar({ ...view({ close, side: sideAt(index), index }), state }).state,
    strategy.initialState,
  );
}

function view(of: {
  readonly close: number;
  readonly side: PositionSide;
  readonly index: number;
}): BarView {
  const day = tradingDay(DATE);
  if (day === null) throw new Error('expected a trading day');
  const startAtMs = epochMs(day.openAtMs + (100 + of.index) * MINUTE_MS);
  const endAtMs = epochMs(startAtMs + MINUTE_MS);
  const close = price(Math.round(of.close * 1_000_000_000));
  return {
    bar: {
      symbol: 'SPY',
      startAtMs,
      endAtMs,
      open: close,
      high: close,
      low: close,
      close,
      volume: wholeUnits(100),
    },
    position: { side: of.side, quantity: wholeUnits(of.side === 'flat' ? 0 : 5) },
    openOrders: [],
    isTurning: false,
    session: sessionView(day, endAtMs),
  };
}

type AnySignal = ReturnType<ConfiguredStrategy['onBar']>['signals'][number];

function describeSignal(signal: AnySignal): string {
  if (signal.kind === 'cancel') return `cancel ${signal.leg}`;
  if (signal.kind === 'turn') return `turn ${signal.side}`;
  const { leg, purpose, side, size } = signal;
  expect(purpose).toBe(leg);
  return `${side} ${leg} ${'closePosition' in size ? 'close' : 'open'}`;
}

function isOrder(signal: AnySignal): boolean {
  return signal.kind === 'order';
}

function configured(parameters: Readonly<Record<string, unknown>>): ConfiguredStrategy {
  const result = movingAverageCross.configure(parameters);
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return result.strategy;
}

function recordedDays(data: RealData): readonly (readonly [string, MarketDate])[] {
  return data.files.flatMap((file) => {
    const match = /^minute\/([A-Z]+)\/(\d{4})(\d{2})(\d{2})_trade\.csv\.gz$/.exec(file);
    const [, symbol, year, month, day] = match ?? [];
    return symbol === undefined ? [] : [[symbol, marketDate(`${year}-${month}-${day}`)] as const];
  });
}

function simulate(data: RealData, symbol: string, date: MarketDate) {
  return simulateDay(configured({}), date, barsOf(data, symbol, date));
}

function barsOf(data: RealData, symbol: string, date: MarketDate): readonly Bar[] {
  const file = `minute/${symbol}/${date.replaceAll('-', '')}_trade.csv.gz`;
  const text = gunzipSync(data.read(file)).toString('utf8');
  const result = parseBars({ text, symbol, intervalMs: MINUTE_MS });
  if (!result.ok) throw new Error(result.fault.message);
  return result.rows;
}
