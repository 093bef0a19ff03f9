import { NANOS_PER_UNIT, type Price, price } from '../../domain/values/index.js';

const LOW_PRICE_BELOW: Price = price(50 * NANOS_PER_UNIT);

/**
 * How far a market order may run from what it was judged by: 4 % above a price below 50 dollars,
 * else 2.5 %.
 */
export function collaredPrice(reference: Price): Price {
  return raisedPermille(reference, reference < LOW_PRICE_BELOW ? 40 : 25);
}

/** A price raised by so many thousandths, rounded up. */
export function raisedPermille(base: Price, permille: number): Price {
  return price(base + Number((BigInt(base) * BigInt(permille) + 999n) / 1000n));
}
