import {
  type MarketDate,
  minuteFolder,
  nextTradingDay,
  parseMarketDate,
  previousTradingDay,
  type RecordedDay,
  tradingDay,
} from '../workers/reference.js';
import { resolve } from 'node:path';
import { type Faults, quoted, readChoice, readSymbols } from './flag-values.js';

/** The market that `start` and `exchange` trade, as a person wrote it. */
export interface MarketFlags {
  readonly market?: string;
  readonly marketData?: string;
  readonly date?: string;
  readonly symbols?: string;
}

/** A market that exists: its data was looked for. */
export type CheckedMarket =
  | { readonly kind: 'synthetic'; readonly date: MarketDate; readonly symbols: readonly string[] }
  | {
      readonly kind: 'recorded';
      readonly directory: string;
      readonly date: MarketDate;
      readonly symbols: readonly string[];
    };

export const MARKETS = ['synthetic', 'recorded'] as const;
export const DEFAULT_MARKET: (typeof MARKETS)[number] = 'synthetic';
export const DEFAULT_SYMBOLS = 'SPY,QQQ';
/** The same day for everybody, so that what the pages show is what a reader sees. */
export const DEFAULT_SYNTHETIC_DATE = '2025-03-03';
const LISTED_MAX = 12;

/**
 * The market of the flags, with every fault noted: a date that is none or no trading day, symbols
 * and dates without data (with what there is), a folder that cannot be read. Null with any fault.
 */
export async function readMarket(
  faults: Faults,
  flags: MarketFlags,
  workingDirectory: string,
): Promise<CheckedMarket | null> {
  const before = faults.lines.length;
  const kind = faults.take(readChoice('--market', flags.market ?? DEFAULT_MARKET, MARKETS));
  const date = readTradingDate(faults, flags.date, kind);
  const symbols = readSymbolsFlag(faults, flags.symbols, kind);
  if (kind === 'synthetic' && flags.marketData !== undefined) {
    faults.add(
      `expected no --market-data with --market synthetic, found ${quoted(flags.marketData)}; ` +
        'add --market recorded',
    );
  }
  if (kind !== 'recorded') {
    const isSound = faults.lines.length === before && kind !== null && date !== null;
    return isSound ? { kind, date, symbols: symbols ?? [] } : null;
  }
  const directory = folderOf(faults, flags.marketData, workingDirectory);
  const days = directory === null ? null : await daysOf(faults, directory);
  if (days === null || directory === null) return null;
  const found = date === null ? null : recordedSymbols(faults, days, { directory, date, symbols });
  checkNames(faults, days, { directory, date, symbols });
  return faults.lines.length === before && date !== null && found !== null
    ? { kind: 'recorded', directory, date, symbols: found }
    : null;
}

function readTradingDate(
  faults: Faults,
  text: string | undefined,
  kind: (typeof MARKETS)[number] | null,
): MarketDate | null {
  if (text === undefined && kind === 'recorded') {
    return faults.add('expected --date YYYY-MM-DD with --market recorded, found none; add it');
  }
  const date = parseMarketDate(text ?? DEFAULT_SYNTHETIC_DATE);
  if (date === null) {
    return faults.add(
      `expected --date to be a day from 1998-01-01 to 2028-12-31 as YYYY-MM-DD, found ` +
        `${quoted(text ?? '')}; correct it`,
    );
  }
  if (tradingDay(date) !== null) return date;
  const next = nextTradingDay(date).date;
  const previous = previousTradingDay(date).date;
  return faults.add(
    `expected --date to be a day on which the NYSE is open, found ${date}; ` +
      `take ${previous} or ${next}`,
  );
}

/** Null: all that the folder has for the date. */
function readSymbolsFlag(
  faults: Faults,
  text: string | undefined,
  kind: (typeof MARKETS)[number] | null,
): readonly string[] | null {
  if (text !== undefined) return faults.take(readSymbols('--symbols', text));
  return kind === 'recorded' ? null : DEFAULT_SYMBOLS.split(',');
}

function folderOf(
  faults: Faults,
  text: string | undefined,
  workingDirectory: string,
): string | null {
  if (text !== undefined) return resolve(workingDirectory, text);
  return faults.add('expected --market-data DIR with --market recorded, found none; add it');
}

async function daysOf(faults: Faults, directory: string): Promise<readonly RecordedDay[] | null> {
  const days = await minuteFolder(directory).days();
  if (!days.ok) return faults.add(`${days.fault.message}; correct --market-data`);
  if (days.value.length > 0) return days.value;
  return faults.add(
    `expected files such as SPY/20131007_trade.csv in ${directory}, found none; ` +
      'correct --market-data',
  );
}

interface Wish {
  readonly directory: string;
  readonly date: MarketDate | null;
  readonly symbols: readonly string[] | null;
}

function recordedSymbols(
  faults: Faults,
  days: readonly RecordedDay[],
  { directory, date, symbols }: Wish,
): readonly string[] | null {
  if (symbols !== null) return symbols;
  const found = days.filter((day) => day.date === date).map((day) => day.symbol);
  if (found.length > 0) return found;
  const dates = [...new Set(days.map((day) => day.date))].sort();
  return faults.add(
    `expected data for --date ${date} in ${directory}, found ${listed(dates)}; choose one`,
  );
}

/** Each symbol must have data, and data of the day. */
function checkNames(
  faults: Faults,
  days: readonly RecordedDay[],
  { directory, date, symbols }: Wish,
): void {
  for (const symbol of symbols ?? []) {
    const dates = days.filter((day) => day.symbol === symbol).map((day) => day.date);
    if (dates.length === 0) {
      const names = [...new Set(days.map((day) => day.symbol))];
      faults.add(
        `expected data of symbol ${symbol} in ${directory}, found ${listed(names)}; ` +
          'choose among them',
      );
    } else if (date !== null && !dates.includes(date)) {
      faults.add(
        `expected data of ${symbol} for --date ${date} in ${directory}, found ` +
          `${listed(dates)}; choose one`,
      );
    }
  }
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, LISTED_MAX).join(', ');
  const more = names.length - LISTED_MAX;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
