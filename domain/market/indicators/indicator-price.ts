import { type Price, price } from '../../values/index.js';

/**
 * What an indicator over prices says, as a price again: the one way out of floating point. Prices
 * go in as they are, in nano-dollars, so that sums of them are exact. Null: the indicator says
 * nothing, or nothing that is a price.
 */
export function indicatorPriceRounded(nanos: number | null): Price | null {
  if (nanos === null) return null;
  const rounded = Math.round(nanos);
  return Number.isSafeInteger(rounded) && rounded > 0 ? price(rounded) : null;
}
