import { assert, AssertionError } from './assert.js';
import type { Branded } from './branded.js';
import { type DecimalResult, formatDecimal, parseDecimalExactly } from './decimal.js';

/**
 * Nano-units (1e-9 share). Never negative; direction lives in a side. Safe up to 9.0 million
 * shares.
 */
export type Quantity = Branded<number, 'Quantity'>;

export const QUANTITY_DECIMALS = 9;
export const NANOS_PER_UNIT = 1_000_000_000;
export const ZERO_QUANTITY = 0 as Quantity;

/** A quantity from nano-units. Asserts a safe integer that is not negative. */
export function quantity(nanos: number): Quantity {
  if (Number.isSafeInteger(nanos) && nanos >= 0) return nanos as Quantity;
  throw new AssertionError(`expected a quantity in nano-units, found ${nanos}`);
}

/** A quantity of whole units. */
export function wholeUnits(units: number): Quantity {
  assert(Number.isSafeInteger(units), `expected whole units, found ${units}`);
  return quantity(units * NANOS_PER_UNIT);
}

/**
 * A quantity from the decimal string of an order or a fill, exact or a named fault. Zero is a
 * quantity.
 */
export function parseQuantity(text: string): DecimalResult {
  const parsed = parseDecimalExactly(text, QUANTITY_DECIMALS);
  return parsed.ok && parsed.value < 0 ? { ok: false, fault: 'not_a_decimal' } : parsed;
}

/** The shortest decimal string in units, as the wire takes it. */
export function formatQuantity(value: Quantity): string {
  return formatDecimal(value, QUANTITY_DECIMALS);
}

export function addQuantity(left: Quantity, right: Quantity): Quantity {
  return quantity(left + right);
}

/** Asserts that nothing is taken from less. */
export function subtractQuantity(left: Quantity, right: Quantity): Quantity {
  return quantity(left - right);
}

export function minQuantity(left: Quantity, right: Quantity): Quantity {
  return left < right ? left : right;
}

export function maxQuantity(left: Quantity, right: Quantity): Quantity {
  return left > right ? left : right;
}
