import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  type Bar,
  type MarketDate,
  parseBars,
  parseMarketDate,
  parseQuoteBars,
  type Quote,
  type QuoteBar,
  type RowsResult,
} from '../../domain/market/index.js';
import { MINUTE_MS, price, ZERO_QUANTITY } from '../../domain/values/index.js';
import { readSymbols, readTradingDate } from './market-request.js';
import {
  floorToCent,
  MarketFault,
  type MarketSource,
  NANOS_PER_CENT,
  type SymbolDay,
} from './market-source.js';

export interface RecordedMarketOptions {
  /** Holds one folder a symbol with `YYYYMMDD_trade.csv[.gz]` and `YYYYMMDD_quote.csv[.gz]`. */
  readonly directory: string;
  readonly date: string;
  readonly symbols: readonly string[];
}

const TRADE_FILE = /^(\d{4})(\d{2})(\d{2})_trade\.csv(?:\.gz)?$/;

/**
 * One recorded date, with the dates recorded before it as history. A date without quotes gets
 * quotes made from its trades, one cent wide, and a note. Throws a `MarketFault` when the data is
 * not there or malformed.
 */
export function openRecordedMarket(options: RecordedMarketOptions): MarketSource {
  const symbols = readSymbols(options.symbols);
  const date = readTradingDate(options.date);
  const folders = new Map(symbols.map((symbol) => [symbol, openFolder(options.directory, symbol)]));
  const notes: string[] = [];
  for (const [symbol, folder] of folders) {
    if (!folder.dates.includes(date))
      throw noData(join(options.directory, symbol), folder.dates, date);
    if (folder.load(date).areQuotesDerived) {
      notes.push(`${symbol} ${date} has no recorded quotes: made from trades, one cent wide`);
    }
  }
  const datesOf = (symbol: string) => folders.get(symbol)?.dates ?? [];
  return {
    symbols,
    firstDate: date,
    notes,
    symbolDay: (symbol, asked) =>
      datesOf(symbol).includes(asked) ? (folders.get(symbol)?.load(asked).day ?? null) : null,
    nextDate: () => null,
    previousDate: (symbol, before) => datesOf(symbol).findLast((one) => one < before) ?? null,
  };
}

interface LoadedDay {
  readonly day: SymbolDay;
  readonly areQuotesDerived: boolean;
}

interface SymbolFolder {
  readonly dates: readonly MarketDate[];
  load(date: MarketDate): LoadedDay;
}

function openFolder(directory: string, symbol: string): SymbolFolder {
  const known = folderNames(directory);
  if (!known.includes(symbol)) {
    throw new MarketFault(
      'unknown_symbol',
      `no data for ${symbol} in ${directory}: expected one of ${known.join(', ') || 'nothing'}`,
    );
  }
  const folder = join(directory, symbol);
  const dates = readdirSync(folder)
    .map((name) => dateOfTradeFile(name))
    .filter((date) => date !== null)
    .sort();
  const loaded = new Map<MarketDate, LoadedDay>();
  return {
    dates,
    load: (date) => {
      const day = loaded.get(date) ?? loadDay(folder, symbol, date);
      loaded.set(date, day);
      return day;
    },
  };
}

function folderNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === null) throw error;
    throw new MarketFault(
      'unreadable_directory',
      `expected a readable folder of market data at ${directory}, found ${code}`,
    );
  }
}

function dateOfTradeFile(name: string): MarketDate | null {
  const match = TRADE_FILE.exec(name);
  return match === null ? null : parseMarketDate(`${match[1]}-${match[2]}-${match[3]}`);
}

function loadDay(folder: string, symbol: string, date: MarketDate): LoadedDay {
  const read = (kind: 'trade' | 'quote') => readCsv(folder, `${date.replaceAll('-', '')}_${kind}`);
  const trades = read('trade');
  const quotes = read('quote');
  if (trades === null)
    throw new MarketFault('no_data_for_date', `no trades of ${symbol} on ${date}`);
  const bars = rowsOf(parseBars({ ...trades, symbol, intervalMs: MINUTE_MS }), trades.path);
  if (quotes === null) {
    return { day: { bars, quotes: bars.map(quoteFromTrades) }, areQuotesDerived: true };
  }
  const quoteBars = rowsOf(
    parseQuoteBars({ ...quotes, symbol, intervalMs: MINUTE_MS }),
    quotes.path,
  );
  return { day: { bars, quotes: quoteBars.map(lastQuoteOf) }, areQuotesDerived: false };
}

function readCsv(
  folder: string,
  name: string,
): { readonly path: string; readonly text: string } | null {
  const plain = join(folder, `${name}.csv`);
  if (existsSync(plain)) return { path: plain, text: readFileSync(plain, 'utf8') };
  const zipped = `${plain}.gz`;
  if (!existsSync(zipped)) return null;
  return { path: zipped, text: gunzip(zipped) };
}

function gunzip(path: string): string {
  try {
    return gunzipSync(readFileSync(path)).toString('utf8');
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw new MarketFault('malformed_file', `expected gzip in ${path}, found ${error.message}`);
  }
}

function rowsOf<Row>(result: RowsResult<Row>, path: string): readonly Row[] {
  if (result.ok) return result.rows;
  const { line, message } = result.fault;
  throw new MarketFault('malformed_file', `${path} line ${line}: ${message}`);
}

/** The quote that stands when the interval is over. */
function lastQuoteOf(bar: QuoteBar): Quote {
  return {
    symbol: bar.symbol,
    atMs: bar.endAtMs,
    bidPrice: bar.bid?.close ?? null,
    bidSize: bar.bid?.size ?? ZERO_QUANTITY,
    askPrice: bar.ask?.close ?? null,
    askSize: bar.ask?.size ?? ZERO_QUANTITY,
  };
}

function quoteFromTrades(bar: Bar): Quote {
  const bidPrice = floorToCent(bar.close);
  return {
    symbol: bar.symbol,
    atMs: bar.endAtMs,
    bidPrice,
    bidSize: bar.volume,
    askPrice: price(bidPrice + NANOS_PER_CENT),
    askSize: bar.volume,
  };
}

function noData(folder: string, dates: readonly MarketDate[], date: MarketDate): MarketFault {
  return new MarketFault(
    'no_data_for_date',
    `no trades of ${date} in ${folder}: it has ${dates.join(', ') || 'no dates'}`,
  );
}
