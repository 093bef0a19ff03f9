import { assert } from './assert.js';

/** Why a decimal string could not become an integer of the wanted scale. Stable codes. */
export type DecimalFault = 'not_a_decimal' | 'too_many_decimals' | 'out_of_range';

export type DecimalResult =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly fault: DecimalFault };

const DECIMAL = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?$/;

/**
 * Parses a plain decimal string ("145.2", "-0.5") into a safe integer of 10^-scale units, exactly
 * or not at all: a digit that the scale cannot hold is a fault, not a rounding. Exponents are not
 * decimals.
 */
export function parseDecimalExactly(text: string, scale: number): DecimalResult {
  const parts = splitDecimal(text);
  if (parts === null) return { ok: false, fault: 'not_a_decimal' };
  const fraction = parts.fraction.replace(/0+$/, '');
  if (fraction.length > scale) return { ok: false, fault: 'too_many_decimals' };
  return toSafeInteger(BigInt(parts.whole + fraction.padEnd(scale, '0')), parts.negative);
}

/**
 * Parses a decimal string and rounds half away from zero to 10^-scale units. Only for aggregates of
 * the broker (equity, averages, market values), which carry more decimals than any order or fill.
 */
export function parseDecimalRounded(text: string, scale: number): DecimalResult {
  const parts = splitDecimal(text);
  if (parts === null) return { ok: false, fault: 'not_a_decimal' };
  const kept = parts.fraction.slice(0, scale).padEnd(scale, '0');
  const roundUp = (parts.fraction[scale] ?? '0') >= '5';
  return toSafeInteger(BigInt(parts.whole + kept) + (roundUp ? 1n : 0n), parts.negative);
}

/**
 * The shortest decimal string of an integer of 10^-scale units: 145200000000 at scale 9 is "145.2".
 */
export function formatDecimal(value: number, scale: number): string {
  return trimZeros(formatDecimalFixed(value, scale, scale));
}

/**
 * A decimal string with exactly `decimals` digits after the point, rounded half away from zero. For
 * people and for reports; never parsed back into books.
 */
export function formatDecimalFixed(value: number, scale: number, decimals: number): string {
  assert(Number.isSafeInteger(value), `expected a safe integer to format, found ${value}`);
  assert(decimals <= scale, `expected at most ${scale} decimals, found ${decimals}`);
  const divisor = 10n ** BigInt(scale - decimals);
  const magnitude = BigInt(Math.abs(value));
  const rounded = (magnitude + divisor / 2n) / divisor;
  const digits = rounded.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = decimals === 0 ? '' : `.${digits.slice(digits.length - decimals)}`;
  return `${value < 0 && rounded > 0n ? '-' : ''}${whole}${fraction}`;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function splitDecimal(
  text: string,
): { readonly negative: boolean; readonly whole: string; readonly fraction: string } | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  return { negative: match[1] === '-', whole: match[2] ?? '', fraction: match[3] ?? '' };
}

function toSafeInteger(magnitude: bigint, negative: boolean): DecimalResult {
  if (magnitude > BigInt(Number.MAX_SAFE_INTEGER)) return { ok: false, fault: 'out_of_range' };
  const value = Number(magnitude);
  return { ok: true, value: negative && value !== 0 ? -value : value };
}
