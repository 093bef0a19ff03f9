import {
  averagePriceRounded,
  type EpochMs,
  type Price,
  type Quantity,
  subtractUsd,
  type Usd,
} from '../values/index.js';

interface RoundTrip {
  /** The fill that opened it. */
  readonly tradeId: string;
  readonly symbol: string;
  /** Whose fill opened it. */
  readonly strategy: string;
  readonly side: 'long' | 'short';
  readonly entryQuantity: Quantity;
  readonly entryNotional: Usd;
  readonly exitQuantity: Quantity;
  readonly exitNotional: Usd;
  /** Before fees. */
  readonly realizedPnl: Usd;
  readonly fees: Usd;
  /**
   * What its fills cost beyond their decision prices: positive is worse. Fills without one count as
   * zero.
   */
  readonly slippage: Usd;
  /** The fill of a flip is the last exit of one trade and the first entry of the next. */
  readonly entryFillIds: readonly string[];
  readonly exitFillIds: readonly string[];
  readonly openedAtMs: EpochMs;
}

/** A round trip that has begun and is not flat yet. */
export interface TradeInProgress extends RoundTrip {
  readonly closedAtMs: null;
}

/** A closed round trip: from flat to flat, or to a flip. */
export interface Trade extends RoundTrip {
  readonly closedAtMs: EpochMs;
}

/** What the trade earned after fees: what counts for a losing streak. */
export function netPnl(trade: Pick<RoundTrip, 'realizedPnl' | 'fees'>): Usd {
  return subtractUsd(trade.realizedPnl, trade.fees);
}

/** How long it was held, in milliseconds of market time. */
export function durationMs(trade: Trade): number {
  return trade.closedAtMs - trade.openedAtMs;
}

/** For display only. Null: too little money to average. */
export function averageEntry(trade: RoundTrip): Price | null {
  return average(trade.entryNotional, trade.entryQuantity);
}

/** For display only. Null: nothing closed yet, or too little money to average. */
export function averageExit(trade: RoundTrip): Price | null {
  return average(trade.exitNotional, trade.exitQuantity);
}

function average(notional: Usd, units: Quantity): Price | null {
  return notional > 0 && units > 0 ? averagePriceRounded(notional, units) : null;
}
