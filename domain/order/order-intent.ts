import type { EpochMs, Price, Quantity } from '../values/index.js';
import type { ClientOrderId } from './client-order-id.js';

export type Side = 'buy' | 'sell';
export type OrderType = 'market' | 'limit' | 'stop' | 'stop_limit';
export type TimeInForce = 'day' | 'gtc' | 'ioc' | 'fok' | 'opg' | 'cls';

/**
 * Whether the order opens exposure or takes it away, as its originator means it. The gate proves it
 * again.
 */
export type OrderPurpose = 'entry' | 'exit';

/** The name under which orders of a person run; strategies have names of their own. */
export const MANUAL_STRATEGY = 'manual';

/** A wish to trade, sized and complete, with its id. Fixed for ever once it is in the books. */
export interface OrderIntent {
  readonly account: string;
  readonly clientOrderId: ClientOrderId;
  readonly strategy: string;
  /** Distinguishes several orders of one strategy, symbol and instant. */
  readonly leg: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: Quantity;
  readonly type: OrderType;
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
  readonly timeInForce: TimeInForce;
  readonly extendedHours: boolean;
  readonly purpose: OrderPurpose;
  /** Market time of the decision. */
  readonly decidedAtMs: EpochMs;
  /** Market time after which the wish may no longer be sent. */
  readonly validUntilMs: EpochMs;
  /** The price that the decision was made at: the reference of slippage. Null: none was known. */
  readonly decisionPrice: Price | null;
  /** Why, in a few words for people. */
  readonly reason: string;
}
