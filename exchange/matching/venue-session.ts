import type { Bar } from '../../domain/market/index.js';
import { assert, DAY_MS, type EpochMs, epochMs } from '../../domain/values/index.js';
import type { EngineDay } from './engine-contract.js';
import type { OrderRequest, VenueOrder } from './venue-order.js';

const GOOD_TILL_CANCELED_DAYS = 90;

/** A stretch of market time. */
interface Span {
  readonly startAtMs: EpochMs;
  readonly endAtMs: EpochMs;
}

/** Where the market is in its day, and what that means for orders. Knows no order itself. */
export class VenueSession {
  private current: 'closed' | 'open' = 'closed';
  private trading: EngineDay | null = null;
  private close: EpochMs | null = null;
  private readonly openedSymbols = new Set<string>();

  get phase(): 'closed' | 'open' {
    return this.current;
  }

  /** The day that is traded. */
  get day(): EngineDay {
    assert(this.trading !== null, 'expected a trading day before the first order');
    return this.trading;
  }

  /** The close that the next day order lives to; null before the first day. */
  get nextCloseAtMs(): EpochMs | null {
    return this.close;
  }

  beginDay(day: EngineDay): void {
    assert(this.current === 'closed', 'expected a closed session before the next day begins');
    this.trading = day;
    this.close = day.closeAtMs;
    this.openedSymbols.clear();
  }

  openRegular(): void {
    this.current = 'open';
  }

  closeRegular(nextCloseAtMs: EpochMs): void {
    this.current = 'closed';
    this.close = nextCloseAtMs;
  }

  /** Whether this bar is the first of its symbol in the regular session; asked once a bar. */
  noteBarOf({ symbol, startAtMs }: Pick<Bar, 'symbol' | 'startAtMs'>): boolean {
    if (this.current !== 'open' || startAtMs < this.day.openAtMs) return false;
    if (this.openedSymbols.has(symbol)) return false;
    this.openedSymbols.add(symbol);
    return true;
  }

  /** Whether a bar or an instant lies in the day's extended hours, before the open or after. */
  isExtended({ startAtMs, endAtMs }: Span): boolean {
    const { preOpenAtMs, openAtMs, closeAtMs, postCloseAtMs } = this.day;
    const isBefore = preOpenAtMs !== undefined && startAtMs >= preOpenAtMs && endAtMs <= openAtMs;
    const isAfter =
      postCloseAtMs !== undefined && startAtMs >= closeAtMs && endAtMs <= postCloseAtMs;
    return isBefore || isAfter;
  }

  /** Whether the market can fill an order now: in the regular session any, else extended ones. */
  trades({ extendedHours }: Pick<OrderRequest, 'extendedHours'>, atMs: EpochMs): boolean {
    if (this.current === 'open') return true;
    // An extended session ends with the instant at which it is over.
    return extendedHours && this.isExtended({ startAtMs: atMs, endAtMs: epochMs(atMs + 1) });
  }

  /** Whether an order outlives the regular close. */
  livesOn(order: VenueOrder): boolean {
    return order.extendedHours && this.day.postCloseAtMs !== undefined;
  }

  /** When an order that is placed now is over. */
  expiryOf({ timeInForce, extendedHours }: OrderRequest, atMs: EpochMs): EpochMs {
    if (timeInForce === 'gtc') return epochMs(atMs + GOOD_TILL_CANCELED_DAYS * DAY_MS);
    assert(this.close !== null, 'expected a trading day before the first order');
    const { postCloseAtMs = null } = this.day;
    return extendedHours && postCloseAtMs !== null && atMs < postCloseAtMs
      ? postCloseAtMs
      : this.close;
  }
}
