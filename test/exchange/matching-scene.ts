import {
  MatchingEngine,
  type OrderEvent,
  type OrderRequest,
  type WashTradeGuard,
} from '../../exchange/matching/index.js';
import { type Bar, marketDate, type Quote, tradingDay } from '../../domain/market/index.js';
import {
  assert,
  type EpochMs,
  epochMs,
  MINUTE_MS,
  type Price,
  parsePrice,
  parseQuantity,
  type Quantity,
  quantity,
  wholeUnits,
  wholeUsd,
} from '../../domain/values/index.js';

export const SYMBOL = 'SPY';

const day = tradingDay(marketDate('2013-10-07'));
assert(day !== null, 'expected 2013-10-07 to be a trading day');
const nextDay = tradingDay(marketDate('2013-10-08'));
assert(nextDay !== null, 'expected 2013-10-08 to be a trading day');

export const OPEN = day.openAtMs;
export const CLOSE = day.closeAtMs;
export const NEXT_CLOSE = nextDay.closeAtMs;

export function priceOf(text: string): Price {
  const parsed = parsePrice(text);
  assert(parsed !== null, `expected a price, found ${text}`);
  return parsed;
}

export function unitsOf(text: string): Quantity {
  const parsed = parseQuantity(text);
  assert(parsed.ok, `expected a quantity, found ${text}`);
  return quantity(parsed.value);
}

/** An instant of the regular session, in minutes after its open. */
export function minute(minutes: number): EpochMs {
  return epochMs(OPEN + minutes * MINUTE_MS);
}

/** An engine on 2013-10-07 before its open, with 100,000 dollars. */
export function engineBeforeOpen(
  options: {
    readonly seed?: string;
    readonly partialFillShare?: number;
    readonly washTradeGuard?: WashTradeGuard;
  } = {},
): MatchingEngine {
  const engine = new MatchingEngine({
    seed: options.seed ?? 'scene',
    startingCash: wholeUsd(100_000),
    partialFillShare: options.partialFillShare ?? 0,
    washTradeGuard: options.washTradeGuard ?? 'crossing',
  });
  const { date, openAtMs, closeAtMs } = day as NonNullable<typeof day>;
  engine.beginDay({ date, openAtMs, closeAtMs, previousCloses: new Map() });
  return engine;
}

/** The same day with its extended hours. */
export function dayEngine(partialFillShare = 0, seed = 'scene'): MatchingEngine {
  const engine = new MatchingEngine({
    seed,
    startingCash: wholeUsd(100_000),
    partialFillShare,
  });
  engine.beginDay({ ...(day as NonNullable<typeof day>), previousCloses: new Map() });
  return engine;
}

/** The same with the session open and, where given, a first quote such as '99.99/100.01'. */
export function openEngine(
  options: Parameters<typeof engineBeforeOpen>[0] & { readonly quote?: string } = {},
): MatchingEngine {
  const engine = engineBeforeOpen(options);
  engine.openSession(OPEN);
  if (options.quote !== undefined) engine.onQuote(quoteOf(options.quote, 0));
  return engine;
}

/** A quote 'bid/ask' at so many minutes after the open; an empty side is nobody. */
export function quoteOf(text: string, atMinute: number): Quote {
  const [bid = '', ask = ''] = text.split('/');
  return {
    symbol: SYMBOL,
    atMs: minute(atMinute),
    bidPrice: bid === '' ? null : priceOf(bid),
    bidSize: wholeUnits(100),
    askPrice: ask === '' ? null : priceOf(ask),
    askSize: wholeUnits(100),
  };
}

/** A minute bar 'open high low close' that starts so many minutes after the open. */
export function barOf(text: string, startMinute: number): Bar {
  const [open, high, low, close] = text.split(' ').map(priceOf);
  assert(
    open !== undefined && high !== undefined && low !== undefined && close !== undefined,
    `expected four prices, found ${text}`,
  );
  const startAtMs = minute(startMinute);
  const endAtMs = minute(startMinute + 1);
  return { symbol: SYMBOL, startAtMs, endAtMs, open, high, low, close, volume: wholeUnits(1_000) };
}

/**
 * An order in words: 'buy 10 limit 99.5 gtc', 'sell 5 stop_limit 99/98.5 day', 'buy 1 market ioc'.
 */
export function orderOf(text: string, clientOrderId: string | null = null): OrderRequest {
  const words = text.split(' ');
  const [side, units = '', type = ''] = words;
  const prices = words.length === 5 ? (words[3] ?? '').split('/') : [];
  const timeInForce = words.at(-1);
  const [first, second] = prices.map(priceOf);
  return {
    clientOrderId,
    symbol: SYMBOL,
    side: side as OrderRequest['side'],
    type: type as OrderRequest['type'],
    timeInForce: timeInForce as OrderRequest['timeInForce'],
    quantity: unitsOf(units),
    stopPrice: type.startsWith('stop') ? (first ?? null) : null,
    limitPrice: type === 'limit' ? (first ?? null) : (second ?? null),
    extendedHours: false,
  };
}

/** Places an order that must be taken; answers its id and its events. */
export function placed(
  engine: MatchingEngine,
  text: string,
  atMs: EpochMs = minute(0),
): { readonly id: string; readonly events: readonly OrderEvent[] } {
  const result = engine.place(orderOf(text), atMs);
  assert(result.ok, `expected ${text} to be taken, found ${JSON.stringify(result)}`);
  return { id: result.order.id, events: result.events };
}

/** Events in words: 'new', 'fill 10@100.01'. */
export function told(events: readonly OrderEvent[]): readonly string[] {
  return events.map(({ type, execution }) => {
    if (execution === null) return type;
    return `${type} ${execution.quantity / 1e9}@${execution.price / 1e9}`;
  });
}
