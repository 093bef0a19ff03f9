import type { Bar, MarketDate, Quote } from '../../domain/market/index.js';
import { type Price, price } from '../../domain/values/index.js';

/** Everything one symbol showed on one date, extended hours included, in rising time. */
export interface SymbolDay {
  readonly bars: readonly Bar[];
  /** Each quote is current from its `atMs` on. */
  readonly quotes: readonly Quote[];
}

/**
 * Where market data comes from. Deterministic: the same question has the same answer, also after a
 * restart.
 */
export interface MarketSource {
  readonly symbols: readonly string[];
  /** The first date that is traded. */
  readonly firstDate: MarketDate;
  /** What a reader should know about this data, one line each. */
  readonly notes: readonly string[];
  /**
   * The day of a symbol, or null where there is no data. Earlier dates than the first serve as
   * history.
   */
  symbolDay(symbol: string, date: MarketDate): SymbolDay | null;
  /** The date to trade after this one, or null when the run ends. */
  nextDate(date: MarketDate): MarketDate | null;
  /** The latest date before this one that has data of the symbol, or null. */
  previousDate(symbol: string, date: MarketDate): MarketDate | null;
}

/** Why a market cannot be opened. Stable codes; the message is one line for people. */
export type MarketFaultCode =
  | 'bad_date'
  | 'not_a_trading_day'
  | 'bad_symbol'
  | 'no_symbols'
  | 'unreadable_directory'
  | 'unknown_symbol'
  | 'no_data_for_date'
  | 'malformed_file';

/**
 * The market that was asked for does not exist. An error of the caller, never of the running
 * exchange.
 */
export class MarketFault extends Error {
  override readonly name = 'MarketFault';

  constructor(
    readonly code: MarketFaultCode,
    message: string,
  ) {
    super(message);
  }
}

export const NANOS_PER_CENT = 10_000_000;

export function fromCents(cents: number): Price {
  return price(cents * NANOS_PER_CENT);
}

/** The whole cent at or below a price; at least one cent. */
export function floorToCent(value: Price): Price {
  return price(Math.max(1, Math.floor(value / NANOS_PER_CENT)) * NANOS_PER_CENT);
}
