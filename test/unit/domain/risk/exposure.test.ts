import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isOnTick,
  type OpenOrderRemainder,
  roundDownToTick,
  signedUnits,
  splitOrder,
  worstCaseUnits,
} from '../../../../domain/risk/index.js';
import { price, quantity } from '../../../../domain/values/index.js';

function remainder(side: 'buy' | 'sell', units: number): OpenOrderRemainder {
  return { side, remaining: quantity(units) };
}

const sides = fc.constantFrom<'buy' | 'sell'>('buy', 'sell');
const open = fc
  .array(fc.tuple(sides, fc.integer({ min: 1, max: 50 })), { maxLength: 6 })
  .map((all) => all.map(([side, units]) => remainder(side, units)));
const positions = fc.integer({ min: -100, max: 100 });

describe('splitOrder', () => {
  it.each<[string, number, readonly OpenOrderRemainder[], OpenOrderRemainder, number, number]>([
    ['a buy on nothing', 0, [], remainder('buy', 10), 0, 10],
    ['a sell of a part', 10, [], remainder('sell', 4), 4, 0],
    ['a sell of all', 10, [], remainder('sell', 10), 10, 0],
    ['a sell of more', 10, [], remainder('sell', 11), 10, 1],
    ['a buy beside a long', 10, [], remainder('buy', 10), 0, 10],
    ['a buy back of a short', -10, [], remainder('buy', 10), 10, 0],
    ['behind another exit', 10, [remainder('sell', 6)], remainder('sell', 6), 4, 2],
    ['behind an exit of all', 10, [remainder('sell', 12)], remainder('sell', 6), 0, 6],
    ['an entry that is open does not help', 0, [remainder('buy', 9)], remainder('sell', 5), 0, 5],
  ])('%s', (_name, position, openOrders, order, reducing, opening) => {
    expect(splitOrder(position, openOrders, order)).toEqual({ reducing, opening });
  });

  it('any order → both parts add up, and all that is open never reduces more than is held', () => {
    fc.assert(
      fc.property(positions, open, sides, (position, orders, side) => {
        let reduced = 0;
        orders
          .filter((order) => order.side === side)
          .forEach((order, index, same) => {
            const split = splitOrder(position, same.slice(0, index), order);
            expect(split.reducing + split.opening).toBe(order.remaining);
            reduced += split.reducing;
          });
        const held = side === 'sell' ? Math.max(0, position) : Math.max(0, -position);
        expect(reduced).toBeLessThanOrEqual(held);
      }),
    );
  });
});

describe('worstCaseUnits', () => {
  it('any book → where the position stands when all of one side has filled', () => {
    fc.assert(
      fc.property(positions, open, sides, fc.integer({ min: 1, max: 50 }), (...drawn) => {
        const [position, orders, side, units] = drawn;
        const sign = side === 'buy' ? 1 : -1;
        const filled = orders.filter((order) => order.side === side);
        const end = filled.reduce((sum, order) => sum + sign * order.remaining, position);
        const reached = Math.max(0, sign * (end + sign * units));
        expect(worstCaseUnits(position, orders, remainder(side, units))).toBe(reached);
      }),
    );
  });

  it('more than can be counted → null', () => {
    const most = remainder('buy', Number.MAX_SAFE_INTEGER);
    expect(worstCaseUnits(0, [], most)).toBe(Number.MAX_SAFE_INTEGER);
    expect(worstCaseUnits(1, [], most)).toBeNull();
  });
});

describe('ticks', () => {
  it.each([
    [1_000_000_000, true],
    [1_010_000_000, true],
    [1_001_000_000, false],
    [999_900_000, true],
    [999_990_000, false],
    [100_000, true],
    [1, false],
  ])('%i nano-dollars → %s', (nanos, isOn) => {
    expect(isOnTick(price(nanos))).toBe(isOn);
  });

  it('any price → rounded down to the tick: on it, not above, less than a tick away', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100_000, max: 1_000_000_000_000 }), (nanos) => {
        const rounded = roundDownToTick(price(nanos));
        expect(isOnTick(rounded)).toBe(true);
        expect(rounded).toBeLessThanOrEqual(nanos);
        expect(nanos - rounded).toBeLessThan(nanos >= 1_000_000_000 ? 10_000_000 : 100_000);
      }),
    );
    expect(roundDownToTick(price(1))).toBe(100_000);
  });

  it('signedUnits: a short is negative', () => {
    const all = (['long', 'short', 'flat'] as const).map((side) => signedUnits(side, quantity(5)));
    expect(all).toEqual([5, -5, 5]);
  });
});
