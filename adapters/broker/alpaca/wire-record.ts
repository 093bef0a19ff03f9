import {
  type EpochMs,
  type Price,
  parseAveragePriceRounded,
  parseBrokerAggregateRounded,
  parseInstant,
  parsePrice,
  parseQuantity,
  type Quantity,
  quantity,
  type Usd,
} from '../../../domain/values/index.js';

/** A JSON object of the wire. */
export type WireRecord = Readonly<Record<string, unknown>>;

/**
 * A body that is not what the broker documents. The message names the member; the caller decides
 * what it means.
 */
export class UnreadableBody extends Error {
  override readonly name = 'UnreadableBody';
}

const SHOWN_LENGTH_MAX = 120;
/** A JSON number with more digits may have lost some on the way through a float. */
const EXACT_DIGITS_MAX = 15;

/** The value of a JSON text; cut or foreign text is unreadable. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UnreadableBody(`expected JSON, found ${shown(text)}`);
  }
}

export function isRecord(value: unknown): value is WireRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function recordOf(value: unknown, what: string): WireRecord {
  if (isRecord(value)) return value;
  throw new UnreadableBody(`expected ${what} as an object, found ${shown(value)}`);
}

export function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new UnreadableBody(`expected ${what} as a list, found ${shown(value)}`);
}

/** A text that is there and not empty. */
export function textOf(record: WireRecord, member: string): string {
  const value = record[member];
  if (typeof value === 'string' && value !== '') return value;
  throw unreadable(member, 'a text', value);
}

/** A text; absent, null and empty are null. */
export function textOrNull(record: WireRecord, member: string): string | null {
  return isAbsent(record[member]) ? null : textOf(record, member);
}

export function flagOf(record: WireRecord, member: string): boolean {
  const value = record[member];
  if (typeof value === 'boolean') return value;
  throw unreadable(member, 'true or false', value);
}

/** A decimal as text. The wire carries strings; a number is taken only where it is exact. */
export function decimalTextOf(record: WireRecord, member: string): string {
  const value = record[member];
  if (typeof value === 'string') return value;
  if (typeof value === 'number') {
    const text = String(value);
    if (!text.includes('e') && text.replace(/\D/g, '').length <= EXACT_DIGITS_MAX) return text;
  }
  throw unreadable(member, 'a decimal', value);
}

/** Exact, or unreadable. */
export function quantityOf(record: WireRecord, member: string): Quantity {
  const parsed = parseQuantity(decimalTextOf(record, member));
  if (parsed.ok) return quantity(parsed.value);
  throw unreadable(member, `a quantity (${parsed.fault})`, record[member]);
}

export function quantityOrNull(record: WireRecord, member: string): Quantity | null {
  return isAbsent(record[member]) ? null : quantityOf(record, member);
}

/** Exact and positive, or unreadable. */
export function priceOf(record: WireRecord, member: string): Price {
  const parsed = parsePrice(decimalTextOf(record, member));
  if (parsed !== null) return parsed;
  throw unreadable(member, 'an exact price', record[member]);
}

export function priceOrNull(record: WireRecord, member: string): Price | null {
  return isAbsent(record[member]) ? null : priceOf(record, member);
}

/** An average of the broker, rounded. Null where it has none: absent or zero. */
export function averagePriceOrNull(record: WireRecord, member: string): Price | null {
  if (isAbsent(record[member])) return null;
  const text = decimalTextOf(record, member);
  if (/^0+(\.0+)?$/.test(text)) return null;
  const parsed = parseAveragePriceRounded(text);
  if (parsed !== null) return parsed;
  throw unreadable(member, 'an average price', text);
}

/** A total of the broker (equity, cash) or an amount ordered, rounded to micro-dollars. */
export function aggregateOf(record: WireRecord, member: string): Usd {
  const parsed = parseBrokerAggregateRounded(decimalTextOf(record, member));
  if (parsed !== null) return parsed;
  throw unreadable(member, 'an amount', record[member]);
}

export function aggregateOrNull(record: WireRecord, member: string): Usd | null {
  return isAbsent(record[member]) ? null : aggregateOf(record, member);
}

export function instantOf(record: WireRecord, member: string): EpochMs {
  const parsed = parseInstant(textOf(record, member));
  if (parsed !== null) return parsed;
  throw unreadable(member, 'an RFC 3339 instant', record[member]);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

export function unreadable(member: string, wanted: string, found: unknown): UnreadableBody {
  return new UnreadableBody(`expected ${member} to be ${wanted}, found ${shown(found)}`);
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
}
