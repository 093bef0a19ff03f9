import {
  type EpochMs,
  epochMs,
  type Price,
  parseInstant,
  parsePrice,
  parseQuantity,
  type Quantity,
  quantity,
} from '../values/index.js';
import type { Bar } from './bar.js';
import { RowRefusal, type RowsResult, readCsvRows } from './csv-rows.js';
import type { QuoteBar, QuoteSide } from './quote-bar.js';
import type { RecordedTick } from './recorded-tick.js';

export const BAR_HEADER = 't,o,h,l,c,v';
export const QUOTE_BAR_HEADER = 't,bo,bh,bl,bc,bs,ao,ah,al,ac,as';
export const TICK_HEADER = 't,p,s,x,cond_hex,suspicious';

/** Text of one recorded file, what it is about, and how long each of its intervals is. */
export interface BarFile {
  readonly text: string;
  readonly symbol: string;
  readonly intervalMs: number;
}

/** Trade bars of a CSV text, in rising time; the first malformed row refuses the file. */
export function parseBars(file: BarFile): RowsResult<Bar> {
  const readTime = risingTime();
  return readCsvRows(file.text, BAR_HEADER, (fields) => {
    const startAtMs = readTime(fields[0]);
    return {
      symbol: file.symbol,
      startAtMs,
      endAtMs: epochMs(startAtMs + file.intervalMs),
      ...readPrices(fields.slice(1, 5)),
      volume: readQuantity(fields[5]),
    };
  });
}

/** Quote bars of a CSV text, in rising time; five empty fields are a side that nobody quotes. */
export function parseQuoteBars(file: BarFile): RowsResult<QuoteBar> {
  const readTime = risingTime();
  return readCsvRows(file.text, QUOTE_BAR_HEADER, (fields) => {
    const startAtMs = readTime(fields[0]);
    return {
      symbol: file.symbol,
      startAtMs,
      endAtMs: epochMs(startAtMs + file.intervalMs),
      bid: readSide(fields.slice(1, 6)),
      ask: readSide(fields.slice(6, 11)),
    };
  });
}

/** Trades of the tape, in time order; several may share an instant. */
export function parseTicks(file: Omit<BarFile, 'intervalMs'>): RowsResult<RecordedTick> {
  const readTime = orderedTime();
  return readCsvRows(file.text, TICK_HEADER, (fields) => ({
    symbol: file.symbol,
    atMs: readTime(fields[0]),
    price: readPrice(fields[1]),
    size: readQuantity(fields[2]),
    exchange: fields[3] ?? '',
    conditionFlags: fields[4] ?? '',
    isSuspicious: readFlag(fields[5]),
  }));
}

type TimeReader = (field: string | undefined) => EpochMs;

/** Each bar starts after the one before it. */
function risingTime(): TimeReader {
  return timeReader((atMs, previousAtMs) => atMs > previousAtMs);
}

function orderedTime(): TimeReader {
  return timeReader((atMs, previousAtMs) => atMs >= previousAtMs);
}

function timeReader(isInOrder: (atMs: number, previousAtMs: number) => boolean): TimeReader {
  let previousAtMs = Number.NEGATIVE_INFINITY;
  return (field) => {
    const atMs = parseInstant(field ?? '');
    if (atMs === null) throw refusal('bad_instant', 'an RFC 3339 instant', field);
    if (!isInOrder(atMs, previousAtMs)) throw refusal('time_not_rising', 'a later time', field);
    previousAtMs = atMs;
    return atMs;
  };
}

function readSide(fields: readonly string[]): QuoteSide | null {
  const emptyCount = fields.filter((field) => field === '').length;
  if (emptyCount === fields.length) return null;
  if (emptyCount > 0) throw refusal('half_empty_side', 'all or none of a side', fields.join(','));
  return { ...readPrices(fields.slice(0, 4)), size: readQuantity(fields[4]) };
}

function readPrices(fields: readonly string[]): Omit<QuoteSide, 'size'> {
  const open = readPrice(fields[0]);
  const high = readPrice(fields[1]);
  const low = readPrice(fields[2]);
  const close = readPrice(fields[3]);
  if (low > Math.min(open, close) || high < Math.max(open, close)) {
    throw refusal('prices_out_of_order', 'low <= open, close <= high', fields.join(','));
  }
  return { open, high, low, close };
}

function readPrice(field: string | undefined): Price {
  const parsed = parsePrice(field ?? '');
  if (parsed === null) {
    throw refusal('bad_price', 'a positive price with at most nine decimals', field);
  }
  return parsed;
}

function readQuantity(field: string | undefined): Quantity {
  const parsed = parseQuantity(field ?? '');
  if (!parsed.ok) throw refusal('bad_quantity', 'a size of at most 9007199 units', field);
  return quantity(parsed.value);
}

function readFlag(field: string | undefined): boolean {
  if (field !== '0' && field !== '1') throw refusal('bad_flag', '0 or 1', field);
  return field === '1';
}

function refusal(
  code: RowRefusal['code'],
  expected: string,
  found: string | undefined,
): RowRefusal {
  return new RowRefusal(code, `expected ${expected}, found ${JSON.stringify(found ?? '')}`);
}
