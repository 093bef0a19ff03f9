import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absoluteUsd,
  addQuantity,
  addUsd,
  AssertionError,
  averagePriceRounded,
  basisPointsRoundedUp,
  maxQuantity,
  maxUsd,
  minQuantity,
  negateUsd,
  notionalRounded,
  notionalRoundedUp,
  price,
  proportionRounded,
  quantity,
  subtractQuantity,
  subtractUsd,
  unitsAffordable,
  unitsWorthAtLeast,
  usd,
  wholeUnits,
  wholeUnitsAffordable,
  wholeUsd,
} from '../../../../domain/values/index.js';

const MAX = Number.MAX_SAFE_INTEGER;
const MICRO = 1_000_000_000_000n;
const prices = fc.integer({ min: 1, max: 1_000_000_000_000 }).map(price);
const quantities = fc.integer({ min: 0, max: 5_000_000_000_000 }).map(quantity);
const amounts = fc.integer({ min: -MAX, max: MAX }).map(usd);

describe('constructors', () => {
  it.each<[string, () => unknown]>([
    ['price zero', () => price(0)],
    ['price below zero', () => price(-1)],
    ['price that is a fraction', () => price(0.1)],
    ['price NaN', () => price(Number.NaN)],
    ['price beyond the safe range', () => price(2 ** 53)],
    ['quantity below zero', () => quantity(-1)],
    ['quantity that is a fraction', () => quantity(1.5)],
    ['quantity beyond the safe range', () => quantity(2 ** 53)],
    ['more units than can be counted', () => wholeUnits(9_007_200)],
    ['half a unit as whole units', () => wholeUnits(0.5)],
    ['money that is a fraction', () => usd(0.1)],
    ['money beyond the safe range', () => usd(-(2 ** 53))],
    ['money NaN', () => usd(Number.NaN)],
    ['half a dollar as whole dollars', () => wholeUsd(0.5)],
    ['more dollars than can be counted', () => wholeUsd(9_007_199_255)],
    ['taking more than there is', () => subtractQuantity(quantity(1), quantity(2))],
    ['a sum beyond the safe range', () => addUsd(usd(MAX), usd(1))],
    ['a quantity sum beyond the safe range', () => addQuantity(quantity(MAX), quantity(1))],
  ])('%s → assertion', (_name, make) => {
    expect(make).toThrow(AssertionError);
  });

  it('zero money → without a sign', () => {
    expect(Object.is(usd(-0), 0)).toBe(true);
    expect(Object.is(negateUsd(usd(0)), 0)).toBe(true);
    expect(Object.is(subtractUsd(usd(5), usd(5)), 0)).toBe(true);
  });

  it('largest and smallest of two', () => {
    expect(minQuantity(quantity(1), quantity(2))).toBe(1);
    expect(maxQuantity(quantity(1), quantity(2))).toBe(2);
    expect(maxUsd(usd(-1), usd(-2))).toBe(-1);
    expect(absoluteUsd(usd(-3))).toBe(3);
    expect(wholeUsd(9_007_199_254)).toBe(9_007_199_254_000_000);
    expect(wholeUnits(9_007_199)).toBe(9_007_199_000_000_000);
  });
});

describe('notional', () => {
  it.each<[string, number, number, number, number]>([
    ['100 at 145.20', 145_200_000_000, 100_000_000_000, 14_520_000_000, 14_520_000_000],
    ['a tie', 500, 1_000_000_000, 1, 1],
    ['just below a tie', 499, 1_000_000_000, 0, 1],
    ['one nano of each', 1, 1, 0, 1],
    ['nothing', 145_200_000_000, 0, 0, 0],
  ])('%s → rounded and rounded up', (_name, unitPrice, units, rounded, up) => {
    expect(notionalRounded(price(unitPrice), quantity(units))).toBe(rounded);
    expect(notionalRoundedUp(price(unitPrice), quantity(units))).toBe(up);
  });

  it('any product → the nearest micro-dollar, and the next one above', () => {
    fc.assert(
      fc.property(prices, quantities, (unitPrice, units) => {
        const exact = BigInt(unitPrice) * BigInt(units);
        const rounded = BigInt(notionalRounded(unitPrice, units)) * MICRO - exact;
        const up = BigInt(notionalRoundedUp(unitPrice, units)) * MICRO - exact;
        expect(rounded > -MICRO / 2n && rounded <= MICRO / 2n).toBe(true);
        expect(up >= 0n && up < MICRO).toBe(true);
      }),
    );
  });

  it('more money than the books can hold → assertion, never a wrap', () => {
    expect(() => notionalRounded(price(MAX), quantity(MAX))).toThrow('within the safe range');
    expect(() => notionalRoundedUp(price(MAX), quantity(MAX))).toThrow('within the safe range');
  });

  it('10,000 fills summed one by one → no drift beyond half a micro-dollar a fill', () => {
    const fill = fc.tuple(prices, fc.integer({ min: 1, max: 1_000_000_000_000 }).map(quantity));
    const [fills = []] = fc.sample(fc.array(fill, { minLength: 10_000, maxLength: 10_000 }), {
      numRuns: 1,
      seed: 7,
    });
    const booked = fills.reduce((sum, [at, units]) => sum + BigInt(notionalRounded(at, units)), 0n);
    const exact = fills.reduce((sum, [at, units]) => sum + BigInt(at) * BigInt(units), 0n);
    const drift = booked * MICRO - exact;
    expect(drift < 0n ? -drift : drift).toBeLessThanOrEqual((10_000n * MICRO) / 2n);
  });
});

describe('unitsAffordable', () => {
  it.each<[number, number, number]>([
    [100_000_000, 145_200_000_000, 688_705_234],
    [1_000_000, 1_000_000_000, 1_000_000_000],
    [0, 1, 0],
    [9_000_000_000_000_000, 1, Number.MAX_SAFE_INTEGER],
  ])('%i micro-dollars at %i nano-dollars → %i nano-units', (amount, unitPrice, nanos) => {
    expect(unitsAffordable(usd(amount), price(unitPrice))).toBe(nanos);
  });

  it('any amount → quantity × price is never above it, and one nano-unit more would be', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX }), prices, (amount, unitPrice) => {
        const nanos = BigInt(unitsAffordable(usd(amount), unitPrice));
        const paid = BigInt(amount) * MICRO;
        expect(BigInt(unitPrice) * nanos <= paid).toBe(true);
        expect(nanos === BigInt(MAX) || BigInt(unitPrice) * (nanos + 1n) > paid).toBe(true);
      }),
    );
  });

  it('a debt → assertion', () => {
    expect(() => unitsAffordable(usd(-1), price(1))).toThrow(AssertionError);
  });
});

describe('unitsWorthAtLeast', () => {
  it.each<[number, number, number]>([
    [100_000_000, 145_200_000_000, 688_705_235],
    [1_000_000, 1_000_000_000, 1_000_000_000],
    [0, 1, 0],
    [9_000_000_000_000_000, 1, Number.MAX_SAFE_INTEGER],
  ])('%i micro-dollars at %i nano-dollars → %i nano-units', (amount, unitPrice, nanos) => {
    expect(unitsWorthAtLeast(usd(amount), price(unitPrice))).toBe(nanos);
  });
});

describe('wholeUnitsAffordable', () => {
  it.each<[number, number, number]>([
    [15_000_000_000, 145_200_000_000, 103],
    [145_199_999, 145_200_000_000, 0],
    [145_200_000, 145_200_000_000, 1],
    [0, 1, 0],
    [1_000_000_000_000, 1, 9_007_199],
  ])('%i micro-dollars at %i nano-dollars → %i units', (amount, unitPrice, units) => {
    expect(wholeUnitsAffordable(usd(amount), price(unitPrice))).toBe(units * 1_000_000_000);
  });

  it('any amount → affordable, and one more is not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), prices, (amount, unitPrice) => {
        const units = wholeUnitsAffordable(usd(amount), unitPrice);
        expect(BigInt(unitPrice) * BigInt(units) <= BigInt(amount) * MICRO).toBe(true);
        const more = BigInt(units) + 1_000_000_000n;
        const isCounted = more <= BigInt(MAX);
        expect(!isCounted || BigInt(unitPrice) * more > BigInt(amount) * MICRO).toBe(true);
      }),
    );
  });

  it('a debt → assertion', () => {
    expect(() => wholeUnitsAffordable(usd(-1), price(1))).toThrow(AssertionError);
  });
});

describe('averagePriceRounded', () => {
  it.each<[number, number, number]>([
    [100_000_000, 3_000_000_000, 33_333_333_333],
    [200_000_000, 3_000_000_000, 66_666_666_667],
    [1, 2_000_000_000_000, 1],
  ])('%i over %i → %i', (notional, units, average) => {
    expect(averagePriceRounded(usd(notional), quantity(units))).toBe(average);
  });

  it('one price → that price, whatever the whole quantity', () => {
    fc.assert(
      fc.property(prices, fc.integer({ min: 1, max: 9_000 }), (unitPrice, units) => {
        const cents = price(Math.max(1, Math.floor(unitPrice / 10_000_000)) * 10_000_000);
        const held = wholeUnits(units);
        expect(averagePriceRounded(notionalRounded(cents, held), held)).toBe(cents);
      }),
    );
  });

  it.each([
    [0, 1],
    [1, 0],
    [-1, 1],
  ])('%i over %i → assertion', (notional, units) => {
    expect(() => averagePriceRounded(usd(notional), quantity(units))).toThrow(AssertionError);
  });
});

describe('proportionRounded', () => {
  it('the whole → everything; nothing → nothing', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: MAX }).map(quantity), (amount, whole) => {
        expect(proportionRounded(amount, whole, whole)).toBe(amount);
        expect(proportionRounded(amount, quantity(0), whole)).toBe(0);
      }),
    );
  });

  it('half away from zero, on both sides of it', () => {
    expect(proportionRounded(usd(5), quantity(1), quantity(2))).toBe(3);
    expect(proportionRounded(usd(-5), quantity(1), quantity(2))).toBe(-3);
    expect(proportionRounded(usd(5), quantity(1), quantity(4))).toBe(1);
  });

  it('a part that is more than the whole → assertion', () => {
    expect(() => proportionRounded(usd(1), quantity(2), quantity(1))).toThrow(AssertionError);
  });
});

describe('basisPointsRoundedUp', () => {
  it.each<[number, number, number]>([
    [10_000, 1, 1],
    [10_001, 1, 2],
    [1, 1, 1],
    [0, 500, 0],
    [1_000_000, 0, 0],
  ])('%i × %i basis points → %i', (amount, points, expected) => {
    expect(basisPointsRoundedUp(usd(amount), points)).toBe(expected);
  });

  it('a debt, or points that are a fraction → assertion', () => {
    expect(() => basisPointsRoundedUp(usd(-1), 1)).toThrow(AssertionError);
    expect(() => basisPointsRoundedUp(usd(1), 0.5)).toThrow(AssertionError);
  });
});
