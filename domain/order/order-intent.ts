import type { EpochMs, Price, Quantity, Usd } from '../values/index.js';
import type { ClientOrderId } from './client-order-id.js';

export type Side = 'buy' | 'sell';
export type OrderType = 'market' | 'limit' | 'stop' | 'stop_limit';
export type TimeInForce = 'day' | 'gtc' | 'ioc' | 'fok' | 'opg' | 'cls';

/**
 * Alone, or a group: an entry with two exits (`bracket`) or one (`oto`), or two exits of what is
 * held (`oco`, whose own order is the take-profit).
 */
export type OrderClass = 'simple' | 'bracket' | 'oco' | 'oto';

/** The exit that ends a losing position; with a limit it becomes a limit order when reached. */
export interface StopLoss {
  readonly stopPrice: Price;
  readonly limitPrice: Price | null;
}

/**
 * Whether the order opens exposure or takes it away, as its originator means it. The gate proves it
 * again.
 */
export type OrderPurpose = 'entry' | 'exit';

/** What an order has that stands alone. */
export const WITHOUT_EXITS = { orderClass: 'simple', takeProfit: null, stopLoss: null } as const;

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
  /** Of a wish by amount zero, until the quote that judges it has sized it. */
  readonly quantity: Quantity;
  /** The money that was wished instead of a quantity. Null: a quantity was. */
  readonly amount: Usd | null;
  readonly type: OrderType;
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
  readonly timeInForce: TimeInForce;
  readonly extendedHours: boolean;
  /** Of an order that the broker made as a leg: the class of its group, without exits. */
  readonly orderClass: OrderClass;
  /** The limit price of the exit with a profit. Of an oco it is the order's own limit as well. */
  readonly takeProfit: Price | null;
  readonly stopLoss: StopLoss | null;
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
