import {
  type EpochMs,
  type Price,
  type Quantity,
  subtractQuantity,
  type Usd,
} from '../../domain/values/index.js';

export type OrderSide = 'buy' | 'sell';
export type OrderType = 'market' | 'limit' | 'stop' | 'stop_limit';
export type TimeInForce = 'day' | 'gtc' | 'ioc' | 'fok' | 'opg' | 'cls';
export type PositionIntent = 'buy_to_open' | 'buy_to_close' | 'sell_to_open' | 'sell_to_close';

/** Alone, or with legs: entry and exits (bracket, oto), or two exits (oco). */
export type OrderClass = 'simple' | 'bracket' | 'oco' | 'oto';

export type OrderStatus =
  | 'pending_new'
  | 'accepted'
  | 'new'
  | 'held'
  | 'pending_cancel'
  | 'pending_replace'
  | 'rejected'
  | 'partially_filled'
  | 'filled'
  | 'canceled'
  | 'expired'
  | 'replaced';

/** The stop that ends a losing position; with a limit it becomes a limit order when reached. */
export interface StopLoss {
  readonly stopPrice: Price;
  readonly limitPrice: Price | null;
}

/** What a client asks for. Prices that the type needs are present; the venue checks the rest. */
export interface OrderRequest {
  readonly clientOrderId: string | null;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly quantity: Quantity;
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
  readonly extendedHours: boolean;
  /** Simple unless said. */
  readonly orderClass?: OrderClass;
  readonly takeProfit?: Price | null;
  readonly stopLoss?: StopLoss | null;
  /** Dollars instead of units; the quantity is then what the venue makes of it. */
  readonly notional?: Usd | null;
  /** What the client believes that the order does; refused when it would do something else. */
  readonly positionIntent?: PositionIntent | null;
}

/** What a replacement changes; null keeps what the replaced order has. */
export interface OrderChange {
  readonly clientOrderId: string | null;
  readonly quantity: Quantity | null;
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
  readonly timeInForce: TimeInForce | null;
}

/** An order as the venue knows it. Never edited: each change makes a new value. */
export interface VenueOrder {
  readonly id: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  /** Of a notional order: what the last known price makes of it, exact once it has filled. */
  readonly quantity: Quantity;
  readonly notional: Usd | null;
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
  readonly extendedHours: boolean;
  readonly orderClass: OrderClass;
  /** The order whose leg this is. */
  readonly parentId: string | null;
  readonly legIds: readonly string[];
  /** Rises by one with each order of the account: age and priority. */
  readonly sequence: number;
  readonly positionIntent: PositionIntent;
  readonly status: OrderStatus;
  /** What it was before a cancel or a replacement began to pend; null while none does. */
  readonly suspendedFrom: OrderStatus | null;
  readonly filledQuantity: Quantity;
  /** Sum of price × quantity over its fills in 1e-18 dollars, as an integer in digits. */
  readonly filledProduct: string;
  /** A stop that the market has reached. */
  readonly isElected: boolean;
  /** What one unit holds back from the buying power while it is open; null for a closing order. */
  readonly reservedPrice: Price | null;
  readonly createdAtMs: EpochMs;
  readonly submittedAtMs: EpochMs;
  readonly updatedAtMs: EpochMs;
  /** Since when the market can fill it; null while it waits for the open. */
  readonly workingSinceMs: EpochMs | null;
  readonly expiresAtMs: EpochMs;
  readonly filledAtMs: EpochMs | null;
  readonly canceledAtMs: EpochMs | null;
  readonly expiredAtMs: EpochMs | null;
  readonly failedAtMs: EpochMs | null;
  readonly replacedAtMs: EpochMs | null;
  readonly replacedBy: string | null;
  readonly replaces: string | null;
}

/** One execution: who traded what at which price, and what it did to cash and position. */
export interface Execution {
  readonly id: string;
  readonly activityId: string;
  readonly orderId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly quantity: Quantity;
  readonly price: Price;
  readonly cumulativeQuantity: Quantity;
  readonly leavesQuantity: Quantity;
  /** Signed: what it added to the cash, negative for a buy. */
  readonly cash: Usd;
  readonly atMs: EpochMs;
}

export type OrderEventType =
  | 'pending_new'
  | 'accepted'
  | 'new'
  | 'partial_fill'
  | 'fill'
  | 'canceled'
  | 'expired'
  | 'replaced'
  | 'rejected'
  | 'held'
  | 'pending_cancel'
  | 'pending_replace'
  | 'order_cancel_rejected'
  | 'order_replace_rejected'
  | 'trade_bust'
  | 'trade_correct';

/** One step in the life of an order, as the trade-updates stream tells it. */
export interface OrderEvent {
  readonly type: OrderEventType;
  /** Orders all events of the account; sorts as text. */
  readonly eventId: string;
  /** Null before the venue has taken the order. */
  readonly executionId: string | null;
  readonly atMs: EpochMs;
  /** The order after this event. */
  readonly order: VenueOrder;
  /** Signed nano-units held in the symbol after this event. */
  readonly positionNanos: number;
  readonly execution: Execution | null;
  /** The execution that a bust or a correction takes back. */
  readonly previousExecutionId: string | null;
}

const CLOSED: ReadonlySet<OrderStatus> = new Set([
  'filled',
  'canceled',
  'expired',
  'replaced',
  'rejected',
]);

/** Whether an order can still fill, be canceled or expire. */
export function isOpen(order: VenueOrder): boolean {
  return !CLOSED.has(order.status);
}

/** What an order has not filled, in nano-units. */
export function remainingQuantity(order: VenueOrder): Quantity {
  return subtractQuantity(order.quantity, order.filledQuantity);
}

/** The order that a group is named after: the entry of a bracket, the first exit of an oco. */
export function rootIdOf(order: VenueOrder): string {
  return order.parentId ?? order.id;
}

/** A leg that waits for its group; it neither trades nor holds any quantity of its own. */
export function isHeld(order: VenueOrder): boolean {
  return (order.suspendedFrom ?? order.status) === 'held';
}

export function oppositeSide(side: OrderSide): OrderSide {
  return side === 'buy' ? 'sell' : 'buy';
}

/** Whether an order trades in an auction only. */
export function isAuctionOrder(order: VenueOrder): boolean {
  return order.timeInForce === 'opg' || order.timeInForce === 'cls';
}
