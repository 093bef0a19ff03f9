import {
  type MarketDate,
  marketDate,
  nextTradingDay,
  parseMarketDate,
  tradingDay,
} from '../../domain/market/index.js';
import { MarketFault } from './market-source.js';

/** A market day looks a few days back and forth, so the edges of the calendar are not traded. */
const FIRST_DATE = marketDate('1998-01-15');
export const LAST_DATE = marketDate('2028-12-15');

const SYMBOL = /^[A-Z][A-Z0-9]{0,9}(?:\.[A-Z]{1,2})?$/;
const SYMBOLS_MAX = 100;

/** The trading day of a date as a caller wrote it, or a fault that says what is wrong with it. */
export function readTradingDate(text: string): MarketDate {
  const date = parseMarketDate(text);
  if (date === null || date < FIRST_DATE || date > LAST_DATE) {
    throw new MarketFault(
      'bad_date',
      `expected a date as YYYY-MM-DD from ${FIRST_DATE} to ${LAST_DATE}, found ${quoted(text)}`,
    );
  }
  if (tradingDay(date) === null) {
    const next = nextTradingDay(date).date;
    throw new MarketFault(
      'not_a_trading_day',
      `expected a day on which the NYSE is open, found ${date}; the next one is ${next}`,
    );
  }
  return date;
}

/**
 * Symbols as a caller wrote them, each once, or a fault. A symbol is also a folder name, so nothing
 * else passes.
 */
export function readSymbols(symbols: readonly string[]): readonly string[] {
  if (symbols.length === 0 || symbols.length > SYMBOLS_MAX) {
    throw new MarketFault(
      'no_symbols',
      `expected 1 to ${SYMBOLS_MAX} symbols, found ${symbols.length}`,
    );
  }
  const malformed = symbols.find((symbol) => !SYMBOL.test(symbol));
  if (malformed !== undefined) {
    throw new MarketFault(
      'bad_symbol',
      `expected a symbol such as SPY, found ${quoted(malformed)}`,
    );
  }
  return [...new Set(symbols)];
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}
