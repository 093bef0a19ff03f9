import type { Bar, Quote } from '../../../domain/market/index.js';
import {
  epochMs,
  MINUTE_MS,
  parseQuantity,
  type Price,
  type Quantity,
  quantity,
} from '../../../domain/values/index.js';
import {
  decimalTextOf,
  instantOf,
  listOf,
  priceOf,
  quantityOf,
  recordOf,
  textOrNull,
  type WireRecord,
} from '../../broker/alpaca/wire-record.js';

/** A one-minute bar; the wire stamps it with its first instant. */
export function readMinuteBar(symbol: string, value: unknown): Bar {
  const bar = recordOf(value, `a bar of ${symbol}`);
  const startAtMs = instantOf(bar, 't');
  return {
    symbol,
    startAtMs,
    endAtMs: epochMs(startAtMs + MINUTE_MS),
    open: priceOf(bar, 'o'),
    high: priceOf(bar, 'h'),
    low: priceOf(bar, 'l'),
    close: priceOf(bar, 'c'),
    volume: sizeOf(bar, 'v'),
  };
}

/** A quote; a price of zero is an empty side. */
export function readQuote(symbol: string, value: unknown): Quote {
  const quote = recordOf(value, `a quote of ${symbol}`);
  return {
    symbol,
    atMs: instantOf(quote, 't'),
    bidPrice: sidePrice(quote, 'bp'),
    bidSize: sizeOf(quote, 'bs'),
    askPrice: sidePrice(quote, 'ap'),
    askSize: sizeOf(quote, 'as'),
  };
}

/** A page of bars by symbol and the token of the next one. */
export function readBarPage(json: unknown): {
  readonly bars: readonly Bar[];
  readonly nextPageToken: string | null;
} {
  const page = recordOf(json, 'a page of bars');
  const bySymbol = page['bars'] === null ? {} : recordOf(page['bars'], 'bars by symbol');
  const bars = Object.entries(bySymbol).flatMap(([symbol, list]) =>
    listOf(list, `bars of ${symbol}`).map((bar) => readMinuteBar(symbol, bar)),
  );
  return { bars, nextPageToken: textOrNull(page, 'next_page_token') };
}

export function readQuotes(json: unknown): ReadonlyMap<string, Quote> {
  const quotes = recordOf(recordOf(json, 'the latest quotes')['quotes'], 'quotes by symbol');
  return new Map(
    Object.entries(quotes).map(([symbol, quote]) => [symbol, readQuote(symbol, quote)]),
  );
}

/**
 * A size of the market. It can pass what an order of ours may be (an auction trades millions of
 * shares in its minute), and no order is counted by it: then it is told as the most there is.
 */
function sizeOf(record: WireRecord, member: 'v' | 'bs' | 'as'): Quantity {
  const parsed = parseQuantity(decimalTextOf(record, member));
  const isBeyond = !parsed.ok && parsed.fault === 'out_of_range';
  return isBeyond ? quantity(Number.MAX_SAFE_INTEGER) : quantityOf(record, member);
}

function sidePrice(quote: WireRecord, member: 'bp' | 'ap'): Price | null {
  return Number(decimalTextOf(quote, member)) === 0 ? null : priceOf(quote, member);
}
