import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizedByAmount } from '../../../../domain/risk/index.js';
import { price, quantity, usd, wholeUnits } from '../../../../domain/values/index.js';
import { intentOf } from '../order/order-fixture.js';
import { market } from './risk-fixture.js';

const wish = { ...market, amount: usd(100_000_000), quantity: quantity(0) };
const QUOTE = price(145_200_000_000);

describe('sizedByAmount', () => {
  it('a quote → nine decimals, rounded down; the amount stays with it', () => {
    expect(sizedByAmount(intentOf(wish), QUOTE)).toEqual(
      intentOf({ ...wish, quantity: quantity(688_705_234) }),
    );
  });

  it.each([
    ['no quote', intentOf(wish), null],
    ['sized already', intentOf({ ...wish, quantity: wholeUnits(1) }), QUOTE],
    ['a quantity was wished', intentOf(), QUOTE],
  ])('%s → as it is', (_name, intent, quote) => {
    expect(sizedByAmount(intent, quote)).toBe(intent);
  });

  it('any amount and quote → quantity × quote is never above the amount', () => {
    const amounts = fc.integer({ min: 1, max: 9_000_000_000_000_000 });
    const quotes = fc.integer({ min: 1, max: 1_000_000_000_000 });
    fc.assert(
      fc.property(amounts, quotes, (amount, nanos) => {
        const sized = sizedByAmount(intentOf({ ...wish, amount: usd(amount) }), price(nanos));
        const cost = BigInt(sized.quantity) * BigInt(nanos);
        expect(cost <= BigInt(amount) * 1_000_000_000_000n).toBe(true);
      }),
    );
  });
});
