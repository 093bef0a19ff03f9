import { describe, expect, it } from 'vitest';
import {
  applyFill,
  averageEntryPrice,
  flatPosition,
  marketValue,
  type Position,
  type PositionChange,
  type PositionFill,
  unrealizedPnl,
} from '../../../../domain/position/index.js';
import {
  type EpochMs,
  epochMs,
  formatPrice,
  formatQuantity,
  formatUsd,
  notionalRounded,
  type Price,
  parsePrice,
  parseQuantity,
  quantity,
} from '../../../../domain/values/index.js';
import { describeWithRealData, type RealData } from '../../../support/real-data.js';

type Fill = readonly [side: 'buy' | 'sell', quantity: string, price: string];

describe('applyFill', () => {
  it.each<[string, readonly Fill[], string, string]>([
    ['first buy', [['buy', '100', '10']], 'long 100 cost 1000 realized 0', '0 / 100'],
    ['first sell', [['sell', '100', '10']], 'short 100 cost 1000 realized 0', '0 / 100'],
    [
      'second buy at a worse price',
      [
        ['buy', '100', '10'],
        ['buy', '50', '12'],
      ],
      'long 150 cost 1600 realized 0',
      '0 / 50',
    ],
    [
      'partial sell',
      [
        ['buy', '100', '10'],
        ['sell', '40', '11.5'],
      ],
      'long 60 cost 600 realized 60',
      '40 / 0',
    ],
    [
      'the rest of a long sold',
      [
        ['buy', '100', '10'],
        ['sell', '100', '9.99'],
      ],
      'flat 0 cost 0 realized -1',
      '100 / 0',
    ],
    [
      'a short bought back cheaper',
      [
        ['sell', '100', '10'],
        ['buy', '60', '8'],
      ],
      'short 40 cost 400 realized 120',
      '60 / 0',
    ],
    [
      'long flips to short',
      [
        ['buy', '10', '10'],
        ['sell', '25', '12'],
      ],
      'short 15 cost 180 realized 20',
      '10 / 15',
    ],
    [
      'short flips to long',
      [
        ['sell', '10', '10'],
        ['buy', '11', '12'],
      ],
      'long 1 cost 12 realized -20',
      '10 / 1',
    ],
    [
      'a third of an odd cost leaves rounded, the rest leaves no dust',
      [
        ['buy', '3', '0.333333'],
        ['sell', '1', '1'],
        ['sell', '1', '1'],
        ['sell', '1', '1'],
      ],
      'flat 0 cost 0 realized 2.000001',
      '1 / 0',
    ],
    [
      'fractions of a share flip',
      [
        ['buy', '0.000000003', '100'],
        ['sell', '1.5', '100.000001'],
      ],
      'short 1.499999997 cost 150.000001 realized 0.000001',
      '0.000000003 / 1.499999997',
    ],
  ])('%s → exact position and split', (_name, fills, expected, split) => {
    const last = changes(fills).at(-1);
    expect(last && describePosition(last.position)).toBe(expected);
    expect(
      last && `${formatQuantity(last.closedQuantity)} / ${formatQuantity(last.openedQuantity)}`,
    ).toBe(split);
  });

  it('entered and updated instants: kept while held, new at a flip, gone when flat', () => {
    const instants = changes([
      ['buy', '1', '10'],
      ['buy', '1', '10'],
      ['sell', '3', '10'],
      ['buy', '1', '10'],
    ]).map(({ position }) => [position.enteredAtMs, position.updatedAtMs]);
    expect(instants).toEqual([
      [1000, 1000],
      [1000, 2000],
      [3000, 3000],
      [null, 4000],
    ]);
  });

  it('an older fill that arrives late → the position is not updated backwards', () => {
    const held = applyFill(flatPosition('SPY', at(5000)), fill(['buy', '1', '10'], at(4000)));
    expect(held.position).toMatchObject({ enteredAtMs: 4000, updatedAtMs: 5000 });
  });

  it('a fill of nothing, or of another symbol → an assertion', () => {
    const empty = flatPosition('SPY', at(0));
    const one = fill(['buy', '1', '10'], at(1));
    expect(() => applyFill(empty, { ...one, quantity: quantity(0) })).toThrow(/fill of something/);
    expect(() => applyFill(empty, { ...one, symbol: 'IBM' })).toThrow(/expected SPY, found IBM/);
  });
});

describe('marks', () => {
  it.each<[string, Fill, string, string, string]>([
    ['long above cost', ['buy', '100', '10'], '10.5', '1050', '50'],
    ['long below cost', ['buy', '100', '10'], '9', '900', '-100'],
    ['short above proceeds', ['sell', '100', '10'], '10.5', '-1050', '-50'],
    ['short below proceeds', ['sell', '100', '10'], '9', '-900', '100'],
  ])('%s → value and unrealised', (_name, opening, mark, value, unrealized) => {
    const position = changes([opening])[0]?.position ?? flatPosition('SPY', at(0));
    expect(formatUsd(marketValue(position, priceOf(mark)))).toBe(value);
    expect(formatUsd(unrealizedPnl(position, priceOf(mark)))).toBe(unrealized);
  });

  it('flat → worth nothing, no average', () => {
    const flat = flatPosition('SPY', at(0));
    expect([marketValue(flat, priceOf('10')), unrealizedPnl(flat, priceOf('10'))]).toEqual([0, 0]);
    expect(averageEntryPrice(flat)).toBeNull();
  });
});

describeWithRealData('published position accounting', (data) => {
  it('Alpaca: weighted average within the day', () => {
    const expected = oracle(data, 'alpaca_avg_entry_price').expected;
    const { weighted_average: average, qty } = expected as {
      weighted_average: { cost_basis: number; avg: number };
      qty: number;
    };
    const position = changes([
      ['buy', '100', '10'],
      ['buy', '50', '12'],
      ['buy', '30', '15'],
      ['sell', '120', '15'],
    ]).at(-1)?.position;
    expect(position && toNumbers(position)).toEqual({
      qty,
      cost: expect.closeTo(average.cost_basis, 6),
      avg: expect.closeTo(average.avg, 7),
    });
  });

  it('average of buys → to eight decimals', () => {
    const { fills, expected } = oracle(data, 'quantconnect_average_of_buys');
    const last = changes(toFills(fills)).at(-1)?.position;
    const { avg } = expected as { avg: number };
    expect(last && toNumbers(last).avg).toBeCloseTo(avg, 9);
  });

  it.each(['quantconnect_cost_average_long', 'backtrader_position_flip'])(
    '%s → quantity, average and split after each fill',
    (name) => {
      const { fills, expected_after_each: expected } = oracle(data, name);
      const found = changes(toFills(fills));
      expect(expected).toHaveLength(4);
      for (const [index, want] of (expected ?? []).entries()) {
        const change = found[index];
        if (change === undefined) throw new Error(`expected a change ${index}, found none`);
        const { qty, avg, cost } = toNumbers(change.position);
        expect(qty).toBe(want['qty']);
        // A reduction rounds the cost to a micro-dollar, so the average to that much a unit.
        const averageError = Math.abs(avg - (want['avg'] ?? Number.NaN));
        expect(averageError).toBeLessThan(qty === 0 ? 1e-10 : 0.6e-6 / Math.abs(qty));
        if (want['cost'] !== undefined) expect(cost).toBe(want['cost']);
        if (want['closed'] !== undefined) {
          expect(formatQuantity(change.closedQuantity)).toBe(String(want['closed']));
          expect(`-${formatQuantity(change.openedQuantity)}`).toBe(String(want['opened']));
        }
      }
    },
  );
});

function changes(fills: readonly Fill[]): readonly PositionChange[] {
  let position = flatPosition('SPY', at(0));
  return fills.map((one, index) => {
    const change = applyFill(position, fill(one, at((index + 1) * 1000)));
    position = change.position;
    return change;
  });
}

function fill([side, units, unitPrice]: Fill, atMs: EpochMs): PositionFill {
  const parsed = parseQuantity(units);
  if (!parsed.ok) throw new Error(`expected a quantity, found ${units}`);
  const [size, at] = [quantity(parsed.value), priceOf(unitPrice)];
  return {
    symbol: 'SPY',
    side,
    quantity: size,
    price: at,
    notional: notionalRounded(at, size),
    atMs,
  };
}

function priceOf(text: string): Price {
  const parsed = parsePrice(text);
  if (parsed === null) throw new Error(`expected a price, found ${text}`);
  return parsed;
}

function at(ms: number): EpochMs {
  return epochMs(ms);
}

function describePosition(position: Position): string {
  const size = formatQuantity(position.quantity);
  const { side, costBasis, realizedPnl } = position;
  return `${side} ${size} cost ${formatUsd(costBasis)} realized ${formatUsd(realizedPnl)}`;
}

function toNumbers(position: Position): { qty: number; cost: number; avg: number } {
  const average = averageEntryPrice(position);
  const size = Number(formatQuantity(position.quantity));
  return {
    qty: position.side === 'short' ? -size : size,
    cost: Number(formatUsd(position.costBasis)),
    avg: average === null ? 0 : Number(formatPrice(average)),
  };
}

interface OracleCase {
  readonly name: string;
  readonly fills: readonly (readonly [string, number, number])[];
  readonly expected?: unknown;
  readonly expected_after_each?: readonly Readonly<Record<string, number>>[];
}

function oracle(data: RealData, name: string): OracleCase {
  const text = data.read('oracles/position_accounting.json').toString('utf8');
  const { cases } = JSON.parse(text) as { readonly cases: readonly OracleCase[] };
  const found = cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`expected a case ${name}, found none`);
  return found;
}

function toFills(fills: OracleCase['fills']): readonly Fill[] {
  return fills.map(([side, units, unitPrice]) => [
    side === 'buy' ? 'buy' : 'sell',
    String(units),
    String(unitPrice),
  ]);
}
