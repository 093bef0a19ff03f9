import type { Bar, Quote, TradePrint } from '../../domain/market/index.js';
import {
  type EpochMs,
  NANOS_PER_UNIT,
  type Price,
  PRICE_DECIMALS,
  formatDecimal,
  type Quantity,
} from '../../domain/values/index.js';
import { wireInstant } from '../wire/instant.js';

/** Market data is JSON numbers on this wire; the text of a decimal gives the nearest one. */
function wirePrice(value: Price | null): number {
  return value === null ? 0 : Number(formatDecimal(value, PRICE_DECIMALS));
}

function wireSize(value: Quantity): number {
  return Math.floor(value / NANOS_PER_UNIT);
}

/** A bar as the data API writes it. */
export interface WireBar {
  readonly t: string;
  readonly o: number;
  readonly h: number;
  readonly l: number;
  readonly c: number;
  readonly v: number;
  readonly n: number;
  readonly vw: number;
}

/**
 * The recordings do not count trades: one a hundred shares stands in, and the close for the
 * weighted price.
 */
export function wireBar(bar: Bar): WireBar {
  const volume = wireSize(bar.volume);
  return {
    t: wireInstant(bar.startAtMs),
    o: wirePrice(bar.open),
    h: wirePrice(bar.high),
    l: wirePrice(bar.low),
    c: wirePrice(bar.close),
    v: volume,
    n: Math.max(1, Math.floor(volume / 100)),
    vw: wirePrice(bar.close),
  };
}

export function wireQuote(quote: Quote) {
  return {
    t: wireInstant(quote.atMs),
    bx: 'N',
    bp: wirePrice(quote.bidPrice),
    bs: wireSize(quote.bidSize),
    ax: 'N',
    ap: wirePrice(quote.askPrice),
    as: wireSize(quote.askSize),
    c: ['R'],
    z: 'A',
  };
}

export function wireTrade(trade: TradePrint) {
  return {
    t: wireInstant(trade.atMs),
    x: 'N',
    p: wirePrice(trade.price),
    s: wireSize(trade.size),
    c: ['@'],
    i: trade.atMs,
    z: 'A',
  };
}

/** The last trade of a bar, as far as a bar knows it. */
export function lastTradeOf(bar: Bar): TradePrint {
  return { symbol: bar.symbol, atMs: bar.endAtMs, price: bar.close, size: bar.volume };
}

/**
 * Joins bars of one symbol into longer ones; `startOf` says where the longer bar of each begins. On
 * the wire, because the volume of a day can pass what a quantity of ours may be.
 */
export function joinBars(bars: readonly Bar[], startOf: (bar: Bar) => EpochMs): readonly WireBar[] {
  const joined: WireBar[] = [];
  for (const bar of bars) {
    const part = { ...wireBar(bar), t: wireInstant(startOf(bar)) };
    const last = joined.at(-1);
    if (last === undefined || last.t !== part.t) joined.push(part);
    else joined[joined.length - 1] = joinTwo(last, part);
  }
  return joined;
}

function joinTwo(left: WireBar, right: WireBar): WireBar {
  return {
    ...left,
    h: Math.max(left.h, right.h),
    l: Math.min(left.l, right.l),
    c: right.c,
    v: left.v + right.v,
    n: left.n + right.n,
    vw: right.vw,
  };
}
