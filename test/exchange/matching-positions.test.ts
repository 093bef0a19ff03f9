import { describe, expect, it } from 'vitest';
import { absoluteUsd, negateUsd, notionalRounded } from '../../domain/values/index.js';
import { type VenuePosition, positionAfter } from '../../exchange/matching/position.js';
import { priceOf, SYMBOL, unitsOf } from './matching-scene.js';

type Fill = readonly ['buy' | 'sell', string, string];
/** Signed units and cost in dollars after a fill; null = flat. */
type After = readonly [number, number] | null;

function follow(fills: readonly Fill[]): readonly After[] {
  let position: VenuePosition | null = null;
  return fills.map(([side, units, at]) => {
    const [size, unitPrice] = [unitsOf(units), priceOf(at)];
    const amount = notionalRounded(unitPrice, size);
    const cash = side === 'buy' ? negateUsd(amount) : amount;
    const change = { symbol: SYMBOL, side, quantity: size, price: unitPrice, cash };
    position = positionAfter(position, change, '2013-10-07');
    return position === null
      ? null
      : ([position.signedNanos / 1e9, absoluteUsd(position.costBasis) / 1e6] as const);
  });
}

describe('matching: the position after each fill', () => {
  const cases: readonly (readonly [string, readonly Fill[], readonly After[]])[] = [
    [
      'added and reduced → reductions keep the average',
      [
        ['buy', '2', '10'],
        ['sell', '1', '11'],
        ['buy', '1', '12'],
        ['sell', '2', '13'],
      ],
      [[2, 20], [1, 10], [2, 22], null],
    ],
    [
      'flipped through zero → the rest opens at the fill',
      [
        ['buy', '10', '10'],
        ['buy', '5', '12.5'],
        ['sell', '7', '14.5'],
        ['sell', '15', '17.5'],
      ],
      [
        [10, 100],
        [15, 162.5],
        [8, 86.666667],
        [-7, 122.5],
      ],
    ],
    [
      'short and covered → the same, mirrored',
      [
        ['sell', '4', '10'],
        ['sell', '4', '20'],
        ['buy', '6', '5'],
        ['buy', '2', '1'],
      ],
      [[-4, 40], [-8, 120], [-2, 30], null],
    ],
    [
      'bought, sold to nothing, bought again → no dust',
      [
        ['buy', '0.333333333', '3'],
        ['sell', '0.333333333', '4'],
        ['buy', '1', '5'],
      ],
      [[0.333333333, 1], null, [1, 5]],
    ],
  ];
  it.each(cases)('%s', (_name, fills, expected) => {
    expect(follow(fills)).toEqual(expected);
  });
});
