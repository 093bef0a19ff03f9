import { type Price, type Quantity, quantity, type Usd } from '../../domain/values/index.js';

/** Nano-units in micro-dollars at nano-dollars a unit. */
const SCALE = 1_000_000_000_000n;

/** How many units dollars buy at a price, to nine decimals, rounded down. */
export function unitsForNotional(notional: Usd, unitPrice: Price): Quantity {
  return quantity(Number((BigInt(notional) * SCALE) / BigInt(unitPrice)));
}
