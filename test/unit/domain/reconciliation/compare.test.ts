import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ComparedBooks,
  type ComparedOrder,
  type ComparedPosition,
  compareBooks,
  confirmedDiscrepancies,
} from '../../../../domain/reconciliation/index.js';
import { price, usd, wholeUnits, wholeUsd, ZERO_USD } from '../../../../domain/values/index.js';

function position(
  symbol: string,
  units: number,
  lastPriceUsd: number | null = 100,
): ComparedPosition {
  const lastPrice = lastPriceUsd === null ? null : price(lastPriceUsd * 1_000_000_000);
  const sign = Math.sign(units);
  return { symbol, units: sign * wholeUnits(Math.abs(units)), averagePrice: lastPrice, lastPrice };
}

function order(clientOrderId: string, filledUnits = 0): ComparedOrder {
  return { clientOrderId, filledQuantity: wholeUnits(filledUnits), state: 'accepted' };
}

function books(change: Partial<ComparedBooks> = {}): ComparedBooks {
  return { positions: [], openOrders: [], cash: wholeUsd(1_000), ...change };
}

function found(local: ComparedBooks, broker: ComparedBooks, cashTolerance = ZERO_USD): string {
  return compareBooks(local, broker, { cashTolerance })
    .map(({ kind, subject, severity }) => `${severity} ${kind} ${subject}`)
    .join(', ');
}

describe('compareBooks: positions', () => {
  it.each<[string, number, number, number | null, string]>([
    ['equal', 100, 100, 100, ''],
    ['equal shorts', -100, -100, 100, ''],
    ['missing at the broker', 100, 0, 100, 'critical missing_broker SPY'],
    ['missing here', 0, 100, 100, 'critical missing_local SPY'],
    ['the other side', 100, -100, 100, 'critical side_mismatch SPY'],
    ['a unit of many, cheap', 1_000, 1_001, 100, 'low quantity_mismatch SPY'],
    ['exactly ten percent, cheap', 9, 10, 1, 'low quantity_mismatch SPY'],
    ['more than ten percent, cheap', 8, 10, 1, 'medium quantity_mismatch SPY'],
    ['exactly 500 USD', 995, 1_000, 100, 'low quantity_mismatch SPY'],
    ['more than 500 USD', 994, 1_000, 100, 'medium quantity_mismatch SPY'],
    ['nobody knows a price', 999, 1_000, null, 'medium quantity_mismatch SPY'],
    ['shorts that differ', -8, -10, 1, 'medium quantity_mismatch SPY'],
  ])('%s', (_name, local, broker, lastPriceUsd, expected) => {
    const here = books({ positions: local === 0 ? [] : [position('SPY', local, lastPriceUsd)] });
    const there = books({ positions: broker === 0 ? [] : [position('SPY', broker, lastPriceUsd)] });
    expect(found(here, there)).toBe(expected);
  });

  it('a flat row of ours and none there → equal', () => {
    expect(found(books({ positions: [position('SPY', 0)] }), books())).toBe('');
  });
});

describe('compareBooks: orders', () => {
  it.each<[string, readonly ComparedOrder[], readonly ComparedOrder[], string]>([
    ['equal, in another order', [order('a'), order('b', 4)], [order('b', 4), order('a')], ''],
    ['unknown here', [], [order('a')], 'critical order_missing_local a'],
    ['unknown there', [order('a')], [], 'medium order_missing_broker a'],
    ['filled further there', [order('a', 1)], [order('a', 2)], 'medium order_state_mismatch a'],
  ])('%s', (_name, local, broker, expected) => {
    expect(found(books({ openOrders: local }), books({ openOrders: broker }))).toBe(expected);
  });
});

describe('compareBooks: cash', () => {
  it.each([
    [0, 0, ''],
    [1, 0, 'medium cash_mismatch cash'],
    [-1, 0, 'medium cash_mismatch cash'],
    [500, 500, ''],
    [-500, 500, ''],
    [501, 500, 'medium cash_mismatch cash'],
  ])('%i micro-dollars apart with a tolerance of %i', (apart, tolerance, expected) => {
    const there = books({ cash: usd(wholeUsd(1_000) + apart) });
    expect(found(books(), there, usd(tolerance))).toBe(expected);
  });
});

describe('compareBooks: any books', () => {
  const anyPositions = fc
    .uniqueArray(fc.constantFrom('A', 'B', 'C', 'D'))
    .chain((symbols) =>
      fc.tuple(
        ...symbols.map((symbol) => fc.integer({ min: -9, max: 9 }).map((n) => position(symbol, n))),
      ),
    );
  const anyBooks = fc
    .tuple(
      anyPositions,
      fc.uniqueArray(fc.constantFrom('x', 'y', 'z')),
      fc.integer({ min: 0, max: 5 }),
    )
    .map(([positions, ids, cash]) =>
      books({ positions, openOrders: ids.map((id) => order(id)), cash: usd(cash) }),
    );

  it('against themselves → nothing; against others → the same subjects from either side', () => {
    fc.assert(
      fc.property(anyBooks, anyBooks, (left, right) => {
        const options = { cashTolerance: ZERO_USD };
        expect(compareBooks(left, left, options)).toEqual([]);
        const subjects = (one: ComparedBooks, other: ComparedBooks): readonly string[] =>
          compareBooks(one, other, options).map(({ subject }) => subject);
        expect(subjects(left, right)).toEqual(subjects(right, left));
      }),
    );
  });
});

describe('confirmedDiscrepancies', () => {
  const off = (units: number) =>
    compareBooks(books({ positions: [position('SPY', units)] }), books(), {
      cashTolerance: ZERO_USD,
    });

  it.each([
    ['found alike twice', off(5), off(5), 1],
    ['gone the second time', off(5), [], 0],
    ['new the second time', [], off(5), 0],
    ['moved meanwhile', off(5), off(6), 0],
  ])('%s', (_name, first, second, confirmed) => {
    expect(confirmedDiscrepancies(first, second)).toHaveLength(confirmed);
  });
});
