import { AssertionError } from './assert.js';
import type { Branded } from './branded.js';
import {
  type DecimalResult,
  formatDecimal,
  parseDecimalExactly,
  parseDecimalRounded,
} from './decimal.js';

/** Nano-dollars a unit (1e-9 USD). Positive. Safe up to 9.0 million USD a share. */
export type Price = Branded<number, 'Price'>;

export const PRICE_DECIMALS = 9;
export const CENT_NANOS = 10_000_000;

/** A price from nano-dollars. Asserts a positive safe integer. */
export function price(nanos: number): Price {
  if (Number.isSafeInteger(nanos) && nanos > 0) return nanos as Price;
  throw new AssertionError(`expected a positive price in nano-dollars, found ${nanos}`);
}

/** A price from the decimal string of an order or a fill: exact, positive, or null. */
export function parsePrice(text: string): Price | null {
  return positiveOrNull(parseDecimalExactly(text, PRICE_DECIMALS));
}

/**
 * A price from an average of the broker, rounded half away from zero to nano-dollars. Never posted
 * to the books.
 */
export function parseAveragePriceRounded(text: string): Price | null {
  return positiveOrNull(parseDecimalRounded(text, PRICE_DECIMALS));
}

/** The shortest decimal string in dollars, as the wire takes it. */
export function formatPrice(value: Price): string {
  return formatDecimal(value, PRICE_DECIMALS);
}

function positiveOrNull(parsed: DecimalResult): Price | null {
  return parsed.ok && parsed.value > 0 ? price(parsed.value) : null;
}
