import {
  type MarketDate,
  nextTradingDay,
  previousTradingDay,
  tradingDay,
} from '../../domain/market/index.js';
import { assert } from '../../domain/values/index.js';
import { drawRandom, randomStateOf, wholeNumberBetween } from '../matching/index.js';
import { LAST_DATE, readSymbols, readTradingDate } from './market-request.js';
import type { MarketSource, SymbolDay } from './market-source.js';
import { generateDay } from './synthetic-day.js';

export interface SyntheticMarketOptions {
  readonly seed: string;
  readonly date: string;
  readonly symbols: readonly string[];
  /** Whether a next trading day follows each one. */
  readonly isRolling: boolean;
  /** Whether gaps, halts and wide spreads disturb its days. */
  readonly isTurbulent: boolean;
  /** Whether its days trade before the open and after the close too; not unless said. */
  readonly hasExtendedHours?: boolean;
}

/** Days before the first one that exist as history, so that indicators can warm up. */
const HISTORY_DAYS = 5;

/**
 * A made-up market of any symbols on any trading date: busy at the open and the close, quiet at
 * noon, with stretches of trend and of noise, each day going on from the close before; with gaps
 * and halts when asked for. Labelled synthetic wherever it is shown.
 */
export function openSyntheticMarket(options: SyntheticMarketOptions): MarketSource {
  const symbols = readSymbols(options.symbols);
  const firstDate = readTradingDate(options.date);
  const historyDate = daysBefore(firstDate, HISTORY_DAYS);
  const chains = new Map(
    symbols.map((symbol) => [symbol, openChain(options, symbol, historyDate)]),
  );
  return {
    symbols,
    firstDate,
    notes: ['synthetic market: prices are made up'],
    symbolDay: (symbol, date) => chains.get(symbol)?.(date) ?? null,
    nextDate: (date) => (options.isRolling && date < LAST_DATE ? nextTradingDay(date).date : null),
    previousDate: (symbol, date) =>
      chains.has(symbol) && date > historyDate ? previousTradingDay(date).date : null,
  };
}

/** The days of one symbol, each made from the close of the one before. */
function openChain(
  { seed, isTurbulent, hasExtendedHours = false }: SyntheticMarketOptions,
  symbol: string,
  startDate: MarketDate,
): (date: MarketDate) => SymbolDay | null {
  const days = new Map<MarketDate, SymbolDay>();
  let latest: { date: MarketDate; closeCents: number } | null = null;
  return (date) => {
    if (date < startDate || tradingDay(date) === null) return null;
    while (latest === null || latest.date < date) {
      const next = latest === null ? startDate : nextTradingDay(latest.date).date;
      const day = tradingDay(next);
      assert(day !== null, `expected a trading day, found ${next}`);
      const previousCents = latest?.closeCents ?? firstCents(seed, symbol);
      const manner = { isTurbulent, hasExtendedHours };
      const made = generateDay({ seed, symbol, day, previousCents, ...manner });
      days.set(next, made.symbolDay);
      latest = { date: next, closeCents: made.closeCents };
    }
    return days.get(date) ?? null;
  };
}

/** Where a symbol starts: 25 to 400 dollars. */
function firstCents(seed: string, symbol: string): number {
  return wholeNumberBetween(drawRandom(randomStateOf(`${seed}/price/${symbol}`)), 2_500, 40_000);
}

function daysBefore(date: MarketDate, count: number): MarketDate {
  let earlier = date;
  for (let index = 0; index < count; index += 1) earlier = previousTradingDay(earlier).date;
  return earlier;
}
