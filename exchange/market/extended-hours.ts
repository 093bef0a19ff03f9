import type { Bar, Quote, TradingDay } from '../../domain/market/index.js';
import { type EpochMs, epochMs, MINUTE_MS, wholeUnits } from '../../domain/values/index.js';
import { Draws } from './draws.js';
import { fromCents, type SymbolDay } from './market-source.js';

/** How far a minute strays from the way between two prices, as a share of the price. */
const STRAY = 0.0004;
/** How much of it is still there a minute later. */
const STRAY_KEPT = 0.9;
/** How far the evening may lead away from the close, as a share of it. */
const EVENING_DRIFT = 0.002;
/** Most minutes of extended hours see no trade at all. */
const TRADED_SHARE = 0.3;
const SPREAD_SHARE = 0.0006;

interface ExtendedInput {
  readonly seed: string;
  readonly symbol: string;
  readonly day: TradingDay;
  /** Close of the day before, then open and close of the regular session, in cents. */
  readonly previousCents: number;
  readonly openCents: number;
  readonly closeCents: number;
  /** Where the quotes before the open begin that a day has anyway. */
  readonly quotedFromMs: EpochMs;
}

/**
 * The hours before the open and after the close: few trades, wide quotes, from the close of the day
 * before to the open, and from the close a little away from it. Drawn apart from the regular
 * session, which is the same with and without them.
 */
export function generateExtendedHours(input: ExtendedInput): {
  readonly before: SymbolDay;
  readonly after: SymbolDay;
} {
  const { preOpenAtMs, closeAtMs, postCloseAtMs } = input.day;
  const draws = new Draws(`${input.seed}/${input.symbol}/${input.day.date}/extended`);
  const eveningCents = input.closeCents * (1 + EVENING_DRIFT * draws.normal());
  const { symbol, previousCents, openCents, closeCents, quotedFromMs } = input;
  return {
    before: walk(draws, {
      symbol,
      startAtMs: preOpenAtMs,
      endAtMs: quotedFromMs,
      fromCents: previousCents,
      toCents: openCents,
    }),
    after: walk(draws, {
      symbol,
      startAtMs: closeAtMs,
      endAtMs: postCloseAtMs,
      fromCents: closeCents,
      toCents: eveningCents,
    }),
  };
}

interface Way {
  readonly symbol: string;
  readonly startAtMs: EpochMs;
  readonly endAtMs: EpochMs;
  readonly fromCents: number;
  readonly toCents: number;
}

function walk(draws: Draws, way: Way): SymbolDay {
  const bars: Bar[] = [];
  const quotes: Quote[] = [];
  const minutes = (way.endAtMs - way.startAtMs) / MINUTE_MS;
  let stray = 0;
  let last = Math.round(way.fromCents);
  for (let minute = 0; minute < minutes; minute += 1) {
    const startAtMs = epochMs(way.startAtMs + minute * MINUTE_MS);
    const endAtMs = epochMs(startAtMs + MINUTE_MS);
    stray = STRAY_KEPT * stray + STRAY * draws.normal();
    const base = way.fromCents + ((way.toCents - way.fromCents) * (minute + 1)) / minutes;
    const cents = Math.max(1, Math.round(base * (1 + stray)));
    if (draws.uniform() < TRADED_SHARE) {
      bars.push({ symbol: way.symbol, startAtMs, endAtMs, ...traded(draws, last, cents) });
    }
    quotes.push(quoted(draws, { symbol: way.symbol, atMs: endAtMs, cents }));
    last = cents;
  }
  return { bars, quotes };
}

function traded(
  draws: Draws,
  openCents: number,
  closeCents: number,
): Pick<Bar, 'open' | 'high' | 'low' | 'close' | 'volume'> {
  return {
    open: fromCents(openCents),
    high: fromCents(Math.max(openCents, closeCents)),
    low: fromCents(Math.min(openCents, closeCents)),
    close: fromCents(closeCents),
    volume: wholeUnits(1 + Math.floor(draws.uniform() * 400)),
  };
}

function quoted(
  draws: Draws,
  { symbol, atMs, cents }: { symbol: string; atMs: EpochMs; cents: number },
): Quote {
  const width = Math.max(2, Math.round(cents * SPREAD_SHARE * (0.5 + draws.uniform())));
  const bid = Math.max(1, cents - Math.floor(width / 2));
  return {
    symbol,
    atMs,
    bidPrice: fromCents(bid),
    bidSize: wholeUnits(100 * (1 + Math.floor(draws.uniform() * 5))),
    askPrice: fromCents(bid + width),
    askSize: wholeUnits(100 * (1 + Math.floor(draws.uniform() * 5))),
  };
}
