import { newYorkBehindUtcMs } from '../../domain/market/index.js';
import { type EpochMs, formatInstant, MINUTE_MS } from '../../domain/values/index.js';

/** RFC 3339 in UTC without trailing zeros of the fraction, as the broker writes order times. */
export function wireInstant(atMs: EpochMs): string {
  return trimFraction(formatInstant(atMs));
}

export function wireInstantOrNull(atMs: EpochMs | null): string | null {
  return atMs === null ? null : wireInstant(atMs);
}

/** RFC 3339 with New York's offset, as the broker's clock writes it. */
export function newYorkInstantText(atMs: EpochMs): string {
  const behindMs = newYorkBehindUtcMs(atMs);
  const shown = trimFraction(new Date(atMs - behindMs).toISOString()).replace('Z', '');
  const hours = Math.floor(behindMs / (60 * MINUTE_MS));
  return `${shown}-${String(hours).padStart(2, '0')}:00`;
}

/** `YYYYMMDDhhmmssSSS` of a New York clock: how activity ids begin. */
export function newYorkDigits(atMs: EpochMs): string {
  const shown = new Date(atMs - newYorkBehindUtcMs(atMs)).toISOString();
  return shown.replace(/\D/g, '').slice(0, 17);
}

function trimFraction(text: string): string {
  return text.replace(/\.000Z$/, 'Z').replace(/(\.\d*[1-9])0+Z$/, '$1Z');
}
