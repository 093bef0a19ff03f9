import type { Bar, Quote, TradePrint } from '../../domain/market/index.js';
import {
  absoluteUsd,
  addUsd,
  assert,
  maxUsd,
  type Price,
  subtractUsd,
  type Usd,
  usd,
  ZERO_USD,
} from '../../domain/values/index.js';
import { marketValue, type PositionChange, positionAfter, type VenuePosition } from './position.js';

/** Money of the account at the latest prices. */
export interface AccountValues {
  readonly cash: Usd;
  readonly equity: Usd;
  readonly longMarketValue: Usd;
  /** Never positive. */
  readonly shortMarketValue: Usd;
  /** Equity at the previous close; the starting cash on the first day. */
  readonly lastEquity: Usd;
}

/** The latest prices of one symbol. */
export interface SymbolMarks {
  readonly quote: Quote | null;
  readonly lastTrade: TradePrint | null;
  readonly lastBar: Bar | null;
  readonly previousClose: Price | null;
}

const NO_MARKS: SymbolMarks = {
  quote: null,
  lastTrade: null,
  lastBar: null,
  previousClose: null,
};

/** Cash, positions and the latest prices of one account. Knows nothing of orders. */
export class Ledger {
  private readonly positions = new Map<string, VenuePosition>();
  private readonly marks = new Map<string, SymbolMarks>();
  private lastEquity: Usd;
  /** Equity at the regular close, which the next day begins from; null until it has come. */
  private closeEquity: Usd | null = null;
  private marketDate = '';

  constructor(private cash: Usd) {
    this.lastEquity = cash;
  }

  /**
   * Starts a market date: equity at the last regular close becomes last equity, whatever extended
   * hours did to prices after it.
   */
  beginDay(marketDate: string, previousCloses: ReadonlyMap<string, Price>): void {
    if (this.marketDate !== '') this.lastEquity = this.closeEquity ?? this.values().equity;
    this.closeEquity = null;
    this.marketDate = marketDate;
    for (const [symbol, close] of previousCloses) {
      this.marks.set(symbol, { ...this.marksOf(symbol), previousClose: close });
    }
  }

  /** The regular close: what the account is worth now is what the next day compares with. */
  noteClose(): void {
    this.closeEquity = this.values().equity;
  }

  noteQuote(quote: Quote): void {
    this.marks.set(quote.symbol, { ...this.marksOf(quote.symbol), quote });
  }

  noteTrade(lastTrade: TradePrint): void {
    this.marks.set(lastTrade.symbol, { ...this.marksOf(lastTrade.symbol), lastTrade });
  }

  noteBar(lastBar: Bar): void {
    const { symbol, endAtMs, close, volume } = lastBar;
    const lastTrade = { symbol, atMs: endAtMs, price: close, size: volume };
    this.marks.set(symbol, { ...this.marksOf(symbol), lastBar, lastTrade });
  }

  /** Books an execution. Its cash was rounded once, by whoever made it. */
  post(change: PositionChange): VenuePosition | null {
    const before = this.positions.get(change.symbol) ?? null;
    const after = positionAfter(before, change, this.marketDate);
    if (after === null) this.positions.delete(change.symbol);
    else this.positions.set(change.symbol, after);
    this.cash = addUsd(this.cash, change.cash);
    if (this.marksOf(change.symbol).lastTrade === null) this.markFromExecution(change);
    return after;
  }

  marksOf(symbol: string): SymbolMarks {
    return this.marks.get(symbol) ?? NO_MARKS;
  }

  position(symbol: string): VenuePosition | null {
    return this.positions.get(symbol) ?? null;
  }

  allPositions(): readonly VenuePosition[] {
    return [...this.positions.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  }

  /** The price at which a position of a symbol is valued: its last trade. */
  valuationPrice(symbol: string): Price {
    const { lastTrade } = this.marksOf(symbol);
    assert(lastTrade !== null, `expected a price for a held symbol, found none for ${symbol}`);
    return lastTrade.price;
  }

  values(): AccountValues {
    let longMarketValue = ZERO_USD;
    let shortMarketValue = ZERO_USD;
    for (const position of this.positions.values()) {
      const value = marketValue(position, this.valuationPrice(position.symbol));
      if (value >= 0) longMarketValue = addUsd(longMarketValue, value);
      else shortMarketValue = addUsd(shortMarketValue, value);
    }
    const equity = addUsd(this.cash, longMarketValue, shortMarketValue);
    const { cash, lastEquity } = this;
    return { cash, equity, longMarketValue, shortMarketValue, lastEquity };
  }

  /** What opening orders may still use: the multiplied equity less what is held and reserved. */
  buyingPower(reserved: Usd, multiplierMax = MARGIN_MULTIPLIER): Usd {
    const { equity, longMarketValue, shortMarketValue } = this.values();
    const used = addUsd(longMarketValue, absoluteUsd(shortMarketValue), reserved);
    const whole = usd(equity * Math.min(multiplierMax, marginMultiplier(equity)));
    return maxUsd(ZERO_USD, subtractUsd(whole, used));
  }

  /** The account as it is now; what happens later does not show in it. */
  copy(): Ledger {
    const copied = new Ledger(this.cash);
    copied.lastEquity = this.lastEquity;
    copied.closeEquity = this.closeEquity;
    copied.marketDate = this.marketDate;
    for (const [symbol, position] of this.positions) copied.positions.set(symbol, position);
    for (const [symbol, marks] of this.marks) copied.marks.set(symbol, marks);
    return copied;
  }

  /** A symbol that nobody has traded yet is valued at what we paid. */
  private markFromExecution(change: PositionChange): void {
    const { symbol, price, quantity: size } = change;
    const quote = this.marksOf(symbol).quote;
    if (quote !== null) this.noteTrade({ symbol, atMs: quote.atMs, price, size });
  }
}

/** Margin needs 2,000 dollars of equity; below it an account trades with its cash only. */
export const MARGIN_EQUITY_MIN: Usd = usd(2_000_000_000);
export const MARGIN_MULTIPLIER = 4;

export function marginMultiplier(equity: Usd): number {
  return equity >= MARGIN_EQUITY_MIN ? MARGIN_MULTIPLIER : 1;
}
