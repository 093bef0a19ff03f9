import { AssertionError } from './assert.js';
import type { Branded } from './branded.js';

/** UTC milliseconds since 1970. Market time unless the name says wall time. */
export type EpochMs = Branded<number, 'EpochMs'>;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

export function epochMs(value: number): EpochMs {
  if (Number.isSafeInteger(value)) return value as EpochMs;
  throw new AssertionError(`expected epoch milliseconds, found ${value}`);
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** An RFC 3339 instant with 0 to 9 fraction digits, cut to milliseconds, or null. */
export function parseInstant(text: string): EpochMs | null {
  if (!RFC3339.test(text)) return null;
  const parsed = Date.parse(text.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(parsed) ? null : epochMs(parsed);
}

/**
 * The instant of a trade, rounded to microseconds and cut to milliseconds, or null. The broker's
 * stream tells nine digits of it and its lists six, rounded: both must be the same instant.
 */
export function parseTradeInstant(text: string): EpochMs | null {
  const second = parseInstant(text.replace(/\.\d{1,9}/, ''));
  if (second === null || parseInstant(text) === null) return null;
  const digits = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  const micros = Math.round(Number(digits.padEnd(9, '0')) / 1_000);
  return epochMs(second + Math.floor(micros / 1_000));
}

/** RFC 3339 in UTC with milliseconds. */
export function formatInstant(value: EpochMs): string {
  return new Date(value).toISOString();
}
