import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  exposureRaisers,
  type OpenOrderAtBroker,
} from '../../../../domain/safety/exposure-raisers.js';
import { quantity } from '../../../../domain/values/index.js';

function order(
  brokerOrderId: string,
  side: 'buy' | 'sell',
  units: number | null,
  symbol = 'SPY',
): OpenOrderAtBroker {
  const remaining = units === null ? null : quantity(units);
  return { brokerOrderId, symbol, side, remaining, isHeld: false };
}

function raisers(
  orders: readonly OpenOrderAtBroker[],
  held: Readonly<Record<string, number>>,
): string {
  const found = exposureRaisers(orders, new Map(Object.entries(held)));
  return found.map(({ brokerOrderId }) => brokerOrderId).join(' ');
}

describe('exposureRaisers', () => {
  it.each<[string, readonly OpenOrderAtBroker[], Readonly<Record<string, number>>, string]>([
    ['nothing open', [], { SPY: 10 }, ''],
    ['an entry on nothing', [order('a', 'buy', 1)], {}, 'a'],
    ['an exit of all', [order('a', 'sell', 10)], { SPY: 10 }, ''],
    ['an exit of more', [order('a', 'sell', 11)], { SPY: 10 }, 'a'],
    ['the cover of a short', [order('a', 'buy', 10)], { SPY: -10 }, ''],
    ['a second exit', [order('a', 'sell', 10), order('b', 'sell', 1)], { SPY: 10 }, 'b'],
    [
      'one that is too large does not use up what a smaller one needs',
      [order('a', 'sell', 11), order('b', 'sell', 10)],
      { SPY: 10 },
      'a',
    ],
    ['an order by amount', [order('a', 'sell', null)], { SPY: 10 }, 'a'],
    ['another symbol', [order('a', 'sell', 1, 'IBM')], { SPY: 10 }, 'a'],
    [
      'an exit that is held beside the one that works',
      [order('a', 'sell', 10), { ...order('b', 'sell', 10), isHeld: true }],
      { SPY: 10 },
      '',
    ],
    ['nothing left to fill', [order('a', 'buy', 0)], {}, ''],
    ['both sides of a long', [order('a', 'sell', 10), order('b', 'buy', 1)], { SPY: 10 }, 'b'],
  ])('%s', (_name, orders, held, expected) => {
    expect(raisers(orders, held)).toBe(expected);
  });

  it('any book → what is kept can never turn or grow a position', () => {
    const orders = fc.array(
      fc.tuple(fc.constantFrom<'buy' | 'sell'>('buy', 'sell'), fc.integer({ min: 0, max: 30 })),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(orders, fc.integer({ min: -60, max: 60 }), (drawn, held) => {
        const all = drawn.map(([side, units], index) => order(String(index), side, units));
        const gone = new Set(exposureRaisers(all, new Map([['SPY', held]])));
        const kept = all.filter((one) => !gone.has(one));
        const sum = (side: 'buy' | 'sell'): number =>
          kept.reduce((units, one) => units + (one.side === side ? (one.remaining ?? 0) : 0), 0);
        expect(sum('sell')).toBeLessThanOrEqual(Math.max(0, held));
        expect(sum('buy')).toBeLessThanOrEqual(Math.max(0, -held));
      }),
    );
  });
});
