import {
  averagePriceRounded,
  type EpochMs,
  epochMs,
  formatDecimalFixed,
  formatInstant,
  formatPrice,
  formatQuantity,
  formatUsdCents,
  type Price,
  PRICE_DECIMALS,
  type Quantity,
  type Usd,
} from '../domain/values/index.js';
import { newYorkDate, newYorkTimeOfDay } from '../workers/reference.js';

/** Where a value is not known. */
export const NONE = '-';

/** Dollars and cents with thousands apart: `100,023.11`. */
export function money(value: Usd | null): string {
  return value === null ? NONE : grouped(formatUsdCents(value));
}

/** A money string of a report (`-12.345600`), cut for people to dollars and cents. */
export function moneyOfText(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = ''] = match;
  const cents = BigInt(whole + fraction.slice(0, 2).padEnd(2, '0'));
  const rounded = cents + ((fraction[2] ?? '0') >= '5' ? 1n : 0n);
  const digits = rounded.toString().padStart(3, '0');
  const shown = `${digits.slice(0, -2)}.${digits.slice(-2)}`;
  return grouped(`${rounded === 0n ? '' : sign}${shown}`);
}

/** A price with at least two decimals, and more only where it has them. */
export function priceText(value: Price | null): string {
  if (value === null) return NONE;
  const exact = formatPrice(value);
  const decimals = exact.split('.')[1]?.length ?? 0;
  return decimals >= 2 ? exact : formatDecimalFixed(value, PRICE_DECIMALS, 2);
}

/** An average for people: four decimals. */
export function averageText(notional: Usd, units: Quantity): string {
  if (notional <= 0 || units <= 0) return NONE;
  return formatDecimalFixed(averagePriceRounded(notional, units), PRICE_DECIMALS, 4);
}

/** The exact average for programs, null when nothing was traded. */
export function averageJson(notional: Usd, units: Quantity): string | null {
  if (notional <= 0 || units <= 0) return null;
  return formatPrice(averagePriceRounded(notional, units));
}

export function quantityText(value: Quantity): string {
  return grouped(formatQuantity(value));
}

/** New York date and time, as every market event is shown. */
export function newYorkText(atMs: EpochMs | null): string {
  return atMs === null ? NONE : `${newYorkDate(atMs)} ${newYorkTimeOfDay(atMs)}`;
}

/** New York time of day. */
export function newYorkClockText(atMs: EpochMs): string {
  return newYorkTimeOfDay(atMs);
}

/** RFC 3339 for programs. */
export function instantJson(atMs: EpochMs | null): string | null {
  return atMs === null ? null : formatInstant(atMs);
}

/** How long something was held or took: `2 h 05 min`, `14 min`, `48 s`. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** `1 order`, `2 orders`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** An instant that came as a plain number. */
export function instantOf(ms: number): EpochMs {
  return epochMs(ms);
}

function grouped(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  const separated = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}
