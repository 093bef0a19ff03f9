import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizedByAmount } from '../../../../domain/risk/index.js';
import { price, quantity, usd, wholeUnits } from '../../../../domain/values/index.js';
import { intentOf } from '../order/order-fixture.js';
import { market } from './risk-fixture.js';

const wish = { ...market, amount: usd(100_000_000), quantity: quantity(0) };
const QUOTE = price(145_200_000_000);
/** Nano-dollars × nano-units in a micro-dollar, and in a dollar. */
const PRODUCT_OF_MICRO = 1_000_000_000_000n;
const DOLLAR = 1_000_000n * PRODUCT_OF_MICRO;
const quotes = fc.integer({ min: 1_000_000_000, max: 1_000_000_000_000 });

describe('sizedByAmount', () => {
  it('a buy at a quote → nine decimals, rounded up; the amount stays with it', () => {
    expect(sizedByAmount(intentOf(wish), QUOTE)).toEqual(
      intentOf({ ...wish, quantity: quantity(688_705_235) }),
    );
  });

  it('a sale → rounded down, since no more than what is held can be sold', () => {
    const sale = intentOf({ ...wish, side: 'sell' });
    expect(sizedByAmount(sale, QUOTE).quantity).toBe(quantity(688_705_234));
  });

  it('any buy of a dollar or more → still a dollar when the market has fallen by 1 %', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000_000, max: 1_100_000 }), quotes, (amount, nanos) => {
        const sized = sizedByAmount(intentOf({ ...wish, amount: usd(amount) }), price(nanos));
        const worth = BigInt(sized.quantity) * BigInt(nanos);
        expect(worth * 99n >= 100n * DOLLAR).toBe(true);
        const asked = BigInt(Math.max(amount, 1_010_102)) * PRODUCT_OF_MICRO;
        expect(worth < asked + BigInt(nanos)).toBe(true);
      }),
    );
  });

  it.each([
    ['no quote', intentOf(wish), null],
    ['sized already', intentOf({ ...wish, quantity: wholeUnits(1) }), QUOTE],
    ['a quantity was wished', intentOf(), QUOTE],
  ])('%s → as it is', (_name, intent, quote) => {
    expect(sizedByAmount(intent, quote)).toBe(intent);
  });

  it.each(['buy', 'sell'] as const)('any %s → less than one billionth off the amount', (side) => {
    const amounts = fc.integer({ min: 1_100_000, max: 9_000_000_000_000 });
    fc.assert(
      fc.property(amounts, quotes, (amount, nanos) => {
        const sized = sizedByAmount(intentOf({ ...wish, side, amount: usd(amount) }), price(nanos));
        const off = BigInt(sized.quantity) * BigInt(nanos) - BigInt(amount) * PRODUCT_OF_MICRO;
        const beyond = side === 'buy' ? off : -off;
        expect(beyond >= 0n && beyond < BigInt(nanos)).toBe(true);
      }),
    );
  });
});
