import type { Bar, Quote } from '../../domain/market/index.js';
import type {
  OrderClass,
  OrderType,
  Side,
  StopLoss,
  TimeInForce,
} from '../../domain/order/index.js';
import type { EpochMs, Price, Quantity, Usd } from '../../domain/values/index.js';

/** An order as the broker's wire takes it. All values are exact. */
export interface OrderRequest {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: Quantity;
  readonly type: OrderType;
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
  readonly timeInForce: TimeInForce;
  readonly extendedHours: boolean;
  readonly orderClass: OrderClass;
  readonly takeProfit: Price | null;
  readonly stopLoss: StopLoss | null;
}

/** What a replacement changes; null keeps what the replaced order has. */
export interface ReplacementRequest {
  /** The order whose place is taken. */
  readonly brokerOrderId: string;
  /** Of the order that takes it. */
  readonly clientOrderId: string;
  readonly quantity: Quantity | null;
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
  readonly timeInForce: TimeInForce | null;
}

/**
 * An order as the broker tells it. Parsed tolerantly: a strange status is text, a strange quantity
 * is a fault.
 */
export interface BrokerOrder {
  readonly brokerOrderId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  /** Null for orders by amount. */
  readonly quantity: Quantity | null;
  /** Null for orders by units. Rounded. */
  readonly notional: Usd | null;
  /** The broker's word for it; empty for an order that stands alone. */
  readonly orderClass: string;
  /** Where the broker shows a group as one: its other orders. Elsewhere empty. */
  readonly legs: readonly BrokerOrder[];
  readonly type: string;
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
  readonly timeInForce: string;
  readonly extendedHours: boolean;
  /** The broker's own word. */
  readonly status: string;
  /** Cumulative. */
  readonly filledQuantity: Quantity;
  /** Cumulative average, rounded; for comparison and inferred fills only. */
  readonly filledAveragePrice: Price | null;
  readonly submittedAt: string | null;
  /** The broker's own instant of the last change, with all its digits. */
  readonly updatedAt: string | null;
  readonly replacedBy: string | null;
  readonly replaces: string | null;
  /** The body as it came, as JSON text. */
  readonly raw: string;
}

/** What became of a POST or a PATCH. Three answers, and the proof that nothing was asked. */
export type SubmitOutcome =
  | { readonly kind: 'accepted'; readonly order: BrokerOrder }
  /**
   * Proven: the broker said no. `duplicate` says that the id exists already, hence the order does.
   */
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly duplicate: boolean;
      readonly raw: string;
    }
  /** The request may have arrived: a reset, a timeout, a 5xx, an unreadable or wrong-shaped 2xx. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly raw: string | null }
  /**
   * Proven: the request never left this process (no connection was made, or 429: not processed).
   */
  | { readonly kind: 'not_sent'; readonly reason: string; readonly retryAfterMs: number | null };

export type CancelOutcome =
  /** The broker took the request; the cancel is confirmed by the order itself, later. */
  | { readonly kind: 'requested' }
  /**
   * The order is in a state that cannot be canceled (filled, canceled, pending replace …): read it.
   */
  | { readonly kind: 'not_cancelable'; readonly message: string }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface BrokerPosition {
  readonly symbol: string;
  /** Long and short are told by side; the wire's sign is gone. */
  readonly side: 'long' | 'short';
  readonly quantity: Quantity;
  readonly averageEntryPrice: Price | null;
  readonly costBasis: Usd | null;
  readonly currentPrice: Price | null;
  readonly raw: string;
}

export interface BrokerAccount {
  readonly accountNumber: string;
  readonly status: string;
  readonly cash: Usd;
  readonly equity: Usd;
  readonly lastEquity: Usd;
  readonly buyingPower: Usd;
  readonly multiplier: string;
  readonly shortingEnabled: boolean;
  /** Any of account_blocked, trading_blocked, trade_suspended_by_user. */
  readonly blocked: boolean;
  readonly raw: string;
}

export interface BrokerClock {
  /** Market time. */
  readonly atMs: EpochMs;
  readonly isOpen: boolean;
  readonly nextOpenAtMs: EpochMs;
  readonly nextCloseAtMs: EpochMs;
}

export interface BrokerCalendarDay {
  /** YYYY-MM-DD in New York. */
  readonly date: string;
  readonly openAtMs: EpochMs;
  readonly closeAtMs: EpochMs;
}

export interface BrokerAsset {
  readonly assetId: string;
  readonly symbol: string;
  readonly name: string;
  readonly exchange: string;
  readonly tradable: boolean;
  /** Now: what is hard to borrow cannot be sold short today, and perhaps tomorrow. */
  readonly shortable: boolean;
  readonly fractionable: boolean;
}

/** One execution as the activities list tells it. */
export interface FillActivity {
  readonly activityId: string;
  readonly brokerOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly price: Price;
  readonly quantity: Quantity;
  /** Cumulative quantity of the order after this execution. */
  readonly cumulativeQuantity: Quantity;
  readonly at: string;
  readonly raw: string;
}

/** What moved cash at the broker without a fill: a dividend, a fee, interest, a deposit. */
export interface CashActivity {
  readonly activityId: string;
  /** The broker's word: DIV, FEE, INT, CSD … An open set. */
  readonly type: string;
  /** Negative for what was taken. */
  readonly amount: Usd;
  /** When the broker booked it. */
  readonly atMs: EpochMs;
  readonly raw: string;
}

/** One frame of the trade updates stream that could be read. */
export interface TradeUpdate {
  /** The broker's word: new, fill, partial_fill, canceled … An open set. */
  readonly event: string;
  readonly eventId: string | null;
  readonly executionId: string | null;
  /** The execution that a bust takes back, or that a correction replaces. */
  readonly previousExecutionId: string | null;
  /** Of this execution, not cumulative. */
  readonly price: Price | null;
  readonly quantity: Quantity | null;
  readonly at: string | null;
  readonly order: BrokerOrder;
  readonly raw: string;
}

export interface TradeUpdateListener {
  /** Called in the order of arrival; must not throw and must not wait. */
  readonly onUpdate: (update: TradeUpdate) => void;
  /** A frame that could not be read: the books must be repaired from REST. */
  readonly onUnreadable: (raw: string, reason: string) => void;
  /** The connection is gone, whatever the reason. Called once. */
  readonly onClosed: (reason: string) => void;
}

export interface TradeUpdateStream {
  close(): Promise<void>;
}

/**
 * What a read is for. One that a halt waits for may use what is kept for cancels, and is asked
 * although reads fail.
 */
export type ReadUse = 'ordinary' | 'halt';

/**
 * The broker, as Ordinis needs it. Reads throw `BrokerUnavailable`, `BrokerRateLimited` or
 * `BrokerAuthRefused` (`errors.ts`); a failed read is never an empty answer. Every call ends within
 * its own timeout.
 */
export interface Broker {
  submitOrder(request: OrderRequest, signal?: AbortSignal): Promise<SubmitOutcome>;
  /**
   * Asks for an order in the place of another. Accepted is the new order as the broker shows it,
   * and no proof yet that the old one has gone.
   */
  replaceOrder(request: ReplacementRequest, signal?: AbortSignal): Promise<SubmitOutcome>;
  cancelOrder(brokerOrderId: string): Promise<CancelOutcome>;
  /**
   * Asks for the cancel of every open order; answers how many lines were taken and which were not.
   */
  cancelAllOrders(): Promise<{
    readonly requested: number;
    readonly failedBrokerOrderIds: readonly string[];
  }>;
  /** With the legs of its group, where it is the order that they hang on. */
  orderById(brokerOrderId: string): Promise<BrokerOrder | null>;
  orderByClientOrderId(clientOrderId: string): Promise<BrokerOrder | null>;
  /**
   * Every order that is listed as open, all pages. Alpaca lists a leg that waits for its group
   * among the closed ones: that it is missing here proves nothing.
   */
  openOrders(use?: ReadUse): Promise<readonly BrokerOrder[]>;
  /** Every order submitted after the instant, open or closed, all pages, oldest first. */
  ordersSubmittedSince(sinceMs: EpochMs): Promise<readonly BrokerOrder[]>;
  /** The last orders submitted before the instant, open or closed, newest first: one page. */
  ordersSubmittedBefore(untilMs: EpochMs): Promise<readonly BrokerOrder[]>;
  /** Executions after the instant (market time), all pages, oldest first. */
  fillActivitiesSince(sinceMs: EpochMs): Promise<readonly FillActivity[]>;
  /** The last of what moved cash without a fill, booked after the instant: one page. */
  cashActivitiesSince(sinceMs: EpochMs): Promise<readonly CashActivity[]>;
  positions(use?: ReadUse): Promise<readonly BrokerPosition[]>;
  account(): Promise<BrokerAccount>;
  clock(): Promise<BrokerClock>;
  /** Trading days from `fromDate` to `toDate` (YYYY-MM-DD, both included). */
  calendar(fromDate: string, toDate: string): Promise<readonly BrokerCalendarDay[]>;
  asset(symbol: string): Promise<BrokerAsset | null>;
  /**
   * Resolves once the subscription is acknowledged; rejects with `BrokerUnavailable` or
   * `BrokerAuthRefused`.
   */
  openTradeUpdates(listener: TradeUpdateListener): Promise<TradeUpdateStream>;
}

/** Prices, as Ordinis needs them. Same failures as `Broker`. */
export interface MarketData {
  latestQuotes(symbols: readonly string[]): Promise<ReadonlyMap<string, Quote>>;
  /** One-minute bars that are complete at `untilMs`, oldest first. */
  minuteBars(query: {
    readonly symbols: readonly string[];
    readonly fromMs: EpochMs;
    readonly untilMs: EpochMs;
  }): Promise<readonly Bar[]>;
}

/**
 * One step of market time: the bars that became complete, and how far the broker's events have got.
 */
export interface MarketStep {
  readonly atMs: EpochMs;
  /** YYYY-MM-DD in New York. */
  readonly marketDate: string;
  readonly phase: 'before_open' | 'open' | 'after_close' | 'ended';
  readonly bars: readonly Bar[];
  /** The last trade update that the broker sent before this step, where it numbers them. */
  readonly lastEventId: string | null;
}

/**
 * Where the session's time comes from: an exchange in lockstep, or the broker's clock and data
 * stream.
 */
export interface MarketPace {
  /** The step that market time stands at. */
  current(): Promise<MarketStep>;
  /** Says that everything at `step` is done, and waits for the next one. */
  advance(step: MarketStep, signal: AbortSignal): Promise<MarketStep>;
  close(): Promise<void>;
}
