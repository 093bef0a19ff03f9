import { assert, AssertionError } from './assert.js';
import type { Branded } from './branded.js';
import {
  formatDecimal,
  formatDecimalFixed,
  parseDecimalExactly,
  parseDecimalRounded,
} from './decimal.js';

/** Micro-dollars (1e-6 USD), signed. Safe up to 9.0 billion USD. */
export type Usd = Branded<number, 'Usd'>;

export const USD_DECIMALS = 6;
export const MICROS_PER_USD = 1_000_000;
export const ZERO_USD = 0 as Usd;

/** Money from micro-dollars. Asserts a safe integer. */
export function usd(micros: number): Usd {
  if (Number.isSafeInteger(micros)) return (micros === 0 ? 0 : micros) as Usd; // No sign of zero.
  throw new AssertionError(`expected micro-dollars as a safe integer, found ${micros}`);
}

/** Money of whole dollars. */
export function wholeUsd(dollars: number): Usd {
  assert(Number.isSafeInteger(dollars), `expected whole dollars, found ${dollars}`);
  return usd(dollars * MICROS_PER_USD);
}

/** Money from a decimal string with at most six decimals, or null. */
export function parseUsd(text: string): Usd | null {
  const parsed = parseDecimalExactly(text, USD_DECIMALS);
  return parsed.ok ? usd(parsed.value) : null;
}

/**
 * Money from an aggregate of the broker (equity, cash, market value: up to eleven decimals),
 * rounded half away from zero to micro-dollars. The raw string is kept beside it and this value is
 * never posted to the books.
 */
export function parseBrokerAggregateRounded(text: string): Usd | null {
  const parsed = parseDecimalRounded(text, USD_DECIMALS);
  return parsed.ok ? usd(parsed.value) : null;
}

/** The shortest decimal string in dollars. */
export function formatUsd(value: Usd): string {
  return formatDecimal(value, USD_DECIMALS);
}

/** Dollars and cents for people, rounded half away from zero. */
export function formatUsdCents(value: Usd): string {
  return formatDecimalFixed(value, USD_DECIMALS, 2);
}

export function addUsd(...amounts: readonly Usd[]): Usd {
  return usd(amounts.reduce((sum, amount) => sum + amount, 0));
}

export function subtractUsd(left: Usd, right: Usd): Usd {
  return usd(left - right);
}

export function negateUsd(value: Usd): Usd {
  return usd(-value);
}

export function absoluteUsd(value: Usd): Usd {
  return usd(Math.abs(value));
}

export function maxUsd(left: Usd, right: Usd): Usd {
  return left > right ? left : right;
}
