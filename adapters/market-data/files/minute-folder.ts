import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import {
  type Bar,
  type BarFile,
  type MarketDate,
  parseBars,
  parseMarketDate,
  parseQuoteBars,
  type QuoteBar,
  type RowsResult,
} from '../../../domain/market/index.js';
import { MINUTE_MS } from '../../../domain/values/index.js';

/** Why recorded data could not be had. Stable codes. */
export type FolderFaultCode = 'no_folder' | 'no_file' | 'unreadable' | 'damaged' | 'malformed';

export interface FolderFault {
  readonly code: FolderFaultCode;
  readonly path: string;
  /** One line for people: what was expected, what was found. */
  readonly message: string;
}

export type FolderResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: FolderFault };

/** One recorded day of one symbol. */
export interface RecordedDay {
  readonly symbol: string;
  readonly date: MarketDate;
  /** Trade bars alone can be traded on; quotes make fills honest. */
  readonly hasQuotes: boolean;
}

/**
 * A folder of minute files: `<SYMBOL>/<YYYYMMDD>_trade.csv` and `_quote.csv`, plain or with `.gz`.
 */
export interface MinuteFolder {
  /** Every day that has trade bars, by symbol, then date. */
  days(): Promise<FolderResult<readonly RecordedDay[]>>;
  bars(symbol: string, date: MarketDate): Promise<FolderResult<readonly Bar[]>>;
  quoteBars(symbol: string, date: MarketDate): Promise<FolderResult<readonly QuoteBar[]>>;
}

type Kind = 'trade' | 'quote';

const SYMBOL = /^[A-Z][A-Z0-9.]{0,15}$/;
const DAY_FILE = /^(\d{4})(\d{2})(\d{2})_(trade|quote)\.csv(?:\.gz)?$/;
const unpack = promisify(gunzip);

/** Opens a folder without reading it yet. */
export function minuteFolder(root: string): MinuteFolder {
  return {
    days: () => listDays(root),
    bars: (symbol, date) => readRows({ root, symbol, date, kind: 'trade' }, parseBars),
    quoteBars: (symbol, date) => readRows({ root, symbol, date, kind: 'quote' }, parseQuoteBars),
  };
}

async function listDays(root: string): Promise<FolderResult<readonly RecordedDay[]>> {
  const folders = await read(root, () => readdir(root));
  if (folders === null) {
    return refuse('no_folder', root, `expected a folder of minute files at ${root}, found none`);
  }
  if (!folders.ok) return folders;
  const days: RecordedDay[] = [];
  for (const symbol of folders.value.filter((name) => SYMBOL.test(name)).sort()) {
    const folder = join(root, symbol);
    const names = await read(folder, () => readdir(folder));
    if (names === null) continue;
    if (!names.ok) return names;
    days.push(...daysOf(symbol, names.value));
  }
  return { ok: true, value: days };
}

function daysOf(symbol: string, names: readonly string[]): readonly RecordedDay[] {
  const dates: Record<Kind, Set<MarketDate>> = { trade: new Set(), quote: new Set() };
  for (const name of names) {
    const match = DAY_FILE.exec(name);
    const date = parseMarketDate(`${match?.[1]}-${match?.[2]}-${match?.[3]}`);
    if (date !== null) dates[match?.[4] === 'trade' ? 'trade' : 'quote'].add(date);
  }
  const inOrder = [...dates.trade].sort();
  return inOrder.map((date) => ({ symbol, date, hasQuotes: dates.quote.has(date) }));
}

interface DayFile {
  readonly root: string;
  readonly symbol: string;
  readonly date: MarketDate;
  readonly kind: Kind;
}

async function readRows<Row>(
  file: DayFile,
  parse: (file: BarFile) => RowsResult<Row>,
): Promise<FolderResult<readonly Row[]>> {
  const { root, symbol, date, kind } = file;
  const path = join(root, symbol, `${date.replaceAll('-', '')}_${kind}.csv`);
  // A symbol is part of a path: one that is none could point out of the folder.
  const text = SYMBOL.test(symbol) ? await readText(path) : null;
  if (text === null) {
    return refuse('no_file', path, `expected ${kind} bars of ${symbol} on ${date}, found none`);
  }
  if (!text.ok) return text;
  const parsed = parse({ text: text.value, symbol, intervalMs: MINUTE_MS });
  if (parsed.ok) return { ok: true, value: parsed.rows };
  return refuse('malformed', path, `${path}:${parsed.fault.line}: ${parsed.fault.message}`);
}

/** The plain file if there is one, else the packed one, else null. */
async function readText(path: string): Promise<FolderResult<string> | null> {
  const plain = await read(path, () => readFile(path, 'utf8'));
  if (plain !== null) return plain;
  const packedPath = `${path}.gz`;
  const packed = await read(packedPath, () => readFile(packedPath));
  if (packed === null || !packed.ok) return packed;
  try {
    return { ok: true, value: (await unpack(packed.value)).toString('utf8') };
  } catch (error) {
    if (!isZlibError(error)) throw error;
    return refuse('damaged', packedPath, `expected gzip in ${packedPath}, found ${error.message}`);
  }
}

const MISSING: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR']);
const UNREADABLE: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EISDIR', 'EIO']);

/**
 * What is at a path, null when nothing is there, or a fault when it is there and cannot be read.
 */
async function read<Value>(
  path: string,
  reading: () => Promise<Value>,
): Promise<FolderResult<Value> | null> {
  try {
    return { ok: true, value: await reading() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (MISSING.has(code)) return null;
    if (!UNREADABLE.has(code)) throw error;
    return refuse('unreadable', path, `expected to read ${path}, found ${String(code)}`);
  }
}

function isZlibError(error: unknown): error is Error {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return typeof error.code === 'string' && error.code.startsWith('Z_');
}

function refuse(
  code: FolderFaultCode,
  path: string,
  message: string,
): { readonly ok: false; readonly fault: FolderFault } {
  return { ok: false, fault: { code, path, message } };
}
