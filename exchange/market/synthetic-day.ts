import type { Bar, Quote, TradingDay } from '../../domain/market/index.js';
import {
  type EpochMs,
  epochMs,
  MINUTE_MS,
  wholeUnits,
  ZERO_QUANTITY,
} from '../../domain/values/index.js';
import { Draws } from './draws.js';
import { generateExtendedHours } from './extended-hours.js';
import { fromCents, type SymbolDay } from './market-source.js';
import { drawTurbulence } from './turbulence.js';

/** How much a price moves in an average minute of the day, as a share of itself. */
const MINUTE_VOLATILITY = 0.0007;
const TICKS_A_MINUTE = 6;
/**
 * Trend strengths in standard deviations a minute; what a moving average can ride, and what whips
 * it.
 */
const REGIME_DRIFTS = [-0.32, -0.18, 0, 0, 0.18, 0.32];
const REGIME_MINUTES_MIN = 18;
const REGIME_MINUTES_SPAN = 45;
const PRE_MARKET_MINUTES = 5;
const CENTS_MIN = 200;

export interface DayInput {
  readonly seed: string;
  readonly symbol: string;
  readonly day: TradingDay;
  readonly previousCents: number;
  /** Whether gaps, halts and wide spreads disturb the day. */
  readonly isTurbulent: boolean;
  /** Whether its extended hours are made up too. */
  readonly hasExtendedHours: boolean;
}

/**
 * One regular session of minute bars and quotes, and quotes of the last minutes before the open;
 * around it the extended hours where they are asked for. Only sums, products and roots: every
 * machine makes the same day.
 */
export function generateDay(input: DayInput): {
  readonly symbolDay: SymbolDay;
  readonly closeCents: number;
} {
  const walk = new PriceWalk(input);
  const openCents = walk.cents;
  const { openAtMs, closeAtMs } = input.day;
  const bars: Bar[] = [];
  const quotes: Quote[] = [];
  for (let minute = -PRE_MARKET_MINUTES; minute < 0; minute += 1) {
    quotes.push(walk.quoteAt(epochMs(openAtMs + (minute + 1) * MINUTE_MS)));
  }
  const minutes = (closeAtMs - openAtMs) / MINUTE_MS;
  const name = `${input.seed}/${input.symbol}/${input.day.date}/turbulence`;
  const turbulence = input.isTurbulent ? drawTurbulence(name, minutes) : [];
  for (let minute = 0; minute < minutes; minute += 1) {
    const startAtMs = epochMs(openAtMs + minute * MINUTE_MS);
    const endAtMs = epochMs(startAtMs + MINUTE_MS);
    const { isHalted = false, jump = 1, spreadFactor = 1 } = turbulence[minute] ?? {};
    if (isHalted) {
      quotes.push(nobody(input.symbol, endAtMs));
      continue;
    }
    walk.jump(jump);
    const bar = walk.minute((startAtMs - openAtMs) / (closeAtMs - openAtMs));
    bars.push({ symbol: input.symbol, startAtMs, endAtMs, ...bar });
    quotes.push(walk.quoteAt(endAtMs, spreadFactor));
  }
  const closeCents = walk.cents;
  const regular = { bars, quotes };
  if (!input.hasExtendedHours) return { symbolDay: regular, closeCents };
  return { symbolDay: withExtendedHours(input, regular, { openCents, closeCents }), closeCents };
}

function withExtendedHours(
  input: DayInput,
  { bars, quotes }: SymbolDay,
  cents: { readonly openCents: number; readonly closeCents: number },
): SymbolDay {
  const quotedFromMs = epochMs(input.day.openAtMs - PRE_MARKET_MINUTES * MINUTE_MS);
  const { before, after } = generateExtendedHours({ ...input, ...cents, quotedFromMs });
  return {
    bars: [...before.bars, ...bars, ...after.bars],
    quotes: [...before.quotes, ...quotes, ...after.quotes],
  };
}

/** The quote of a halt. */
function nobody(symbol: string, atMs: EpochMs): Quote {
  const sizes = { bidSize: ZERO_QUANTITY, askSize: ZERO_QUANTITY };
  return { symbol, atMs, bidPrice: null, askPrice: null, ...sizes };
}

class PriceWalk {
  cents: number;
  private exact: number;
  private readonly draws: Draws;
  private drift = 0;
  private regimeMinutesLeft = 0;
  private readonly baseVolume: number;

  constructor(private readonly input: DayInput) {
    this.draws = new Draws(`${input.seed}/${input.symbol}/${input.day.date}`);
    const gap = 1 + this.draws.normal() * 0.004;
    this.exact = Math.max(CENTS_MIN, input.previousCents * gap);
    this.cents = Math.round(this.exact);
    this.baseVolume = 4_000 + this.draws.uniform() * 30_000;
  }

  /** The next trade is this far away from the last one. */
  jump(factor: number): void {
    if (factor === 1) return;
    this.exact = Math.max(CENTS_MIN, this.exact * factor);
    this.cents = Math.round(this.exact);
  }

  minute(progress: number): Pick<Bar, 'open' | 'high' | 'low' | 'close' | 'volume'> {
    this.enterRegime();
    const shape = intradayShape(progress);
    const open = this.cents;
    let high = open;
    let low = open;
    for (let tick = 0; tick < TICKS_A_MINUTE; tick += 1) {
      this.move(shape);
      high = Math.max(high, this.cents);
      low = Math.min(low, this.cents);
    }
    const turnover = this.baseVolume * shape * shape * (0.4 + 1.2 * this.draws.uniform());
    return {
      open: fromCents(open),
      high: fromCents(high),
      low: fromCents(low),
      close: fromCents(this.cents),
      volume: wholeUnits(Math.max(100, Math.round(turnover))),
    };
  }

  /** A cent wide below 100 dollars, about a basis point above, sometimes a cent more. */
  quoteAt(atMs: EpochMs, spreadFactor = 1): Quote {
    const usual =
      Math.max(1, Math.round(this.cents / 10_000)) + (this.draws.uniform() < 0.15 ? 1 : 0);
    const width = Math.max(1, Math.round(usual * spreadFactor));
    const bid = this.cents - Math.floor(this.draws.uniform() * (width + 1));
    return {
      symbol: this.input.symbol,
      atMs,
      bidPrice: fromCents(bid),
      bidSize: wholeUnits(100 * (1 + Math.floor(this.draws.uniform() * 20))),
      askPrice: fromCents(bid + width),
      askSize: wholeUnits(100 * (1 + Math.floor(this.draws.uniform() * 20))),
    };
  }

  private enterRegime(): void {
    this.regimeMinutesLeft -= 1;
    if (this.regimeMinutesLeft > 0) return;
    this.regimeMinutesLeft =
      REGIME_MINUTES_MIN + Math.floor(this.draws.uniform() * REGIME_MINUTES_SPAN);
    const index = Math.floor(this.draws.uniform() * REGIME_DRIFTS.length);
    this.drift = REGIME_DRIFTS[index] ?? 0;
  }

  private move(shape: number): void {
    const deviation = (MINUTE_VOLATILITY * shape) / Math.sqrt(TICKS_A_MINUTE);
    const trend = (this.drift * MINUTE_VOLATILITY * shape) / TICKS_A_MINUTE;
    this.exact = Math.max(CENTS_MIN, this.exact * (1 + trend + deviation * this.draws.normal()));
    this.cents = Math.round(this.exact);
  }
}

/**
 * High at the open, low at noon, high again at the close; about 1 on average. `progress` runs from
 * 0 to 1.
 */
function intradayShape(progress: number): number {
  const fromMiddle = 2 * progress - 1;
  return 0.7 + 0.9 * fromMiddle * fromMiddle + (progress < 0.05 ? 0.3 : 0);
}
