import type { OrderPurpose, OrderType, Side, StopLoss, TimeInForce } from '../order/index.js';
import type { Price, Quantity, Usd } from '../values/index.js';

/**
 * How much a strategy wants. `notionalUsd`: the whole units that so much money buys at the price of
 * the decision. `amountUsd`: an order by amount, to nine decimals at the quote that judges it.
 * `closePosition`: as much as the position holds when the order is planned.
 */
export type SignalSize =
  | { readonly units: Quantity }
  | { readonly notionalUsd: Usd }
  | { readonly amountUsd: Usd }
  | { readonly closePosition: true };

/** The exits of a signal that wants none. */
export const NO_EXITS = { takeProfit: null, stopLoss: null } as const;

/** The opinion that an order should be placed. Sizing and risk come after it. */
export interface OrderSignal {
  readonly kind: 'order';
  /**
   * Distinguishes several signals of one strategy, symbol and instant: one to eight of a-z and 0-9.
   */
  readonly leg: string;
  readonly symbol: string;
  readonly side: Side;
  readonly size: SignalSize;
  readonly type: OrderType;
  readonly limitPrice: Price | null;
  readonly stopPrice: Price | null;
  readonly timeInForce: Exclude<TimeInForce, 'fok'>;
  readonly purpose: OrderPurpose;
  /**
   * The exits that the broker is to make of the order: with an entry both are a bracket and one is
   * an oto; with an exit both are an oco, whose limit is the take-profit. Null: none.
   */
  readonly takeProfit: Price | null;
  readonly stopLoss: StopLoss | null;
  /** A few words for people. */
  readonly reason: string;
}

/** The opinion that this strategy's open orders of one leg and symbol should go. */
export interface CancelSignal {
  readonly kind: 'cancel';
  readonly symbol: string;
  readonly leg: string;
  readonly reason: string;
}

/**
 * The opinion that the position should go through zero: what is held is closed, and when that has
 * filled the other side is opened by the order that is described here. It becomes a turn, since one
 * order may not turn a position and protection stands in the way of an exit.
 */
export interface TurnSignal
  extends Omit<OrderSignal, 'kind' | 'leg' | 'size' | 'purpose' | keyof typeof NO_EXITS> {
  readonly kind: 'turn';
  /** One to four of a-z and 0-9: the legs of its orders begin with it. */
  readonly leg: string;
  /** Of the side that is opened: `sell` turns long into short. */
  readonly side: Side;
  readonly size: Exclude<
    SignalSize,
    { readonly closePosition: true } | { readonly amountUsd: Usd }
  >;
}

/** A strategy's opinion; it moves nothing by itself. */
export type Signal = OrderSignal | CancelSignal | TurnSignal;

const LEG = /^[a-z0-9]{1,8}$/;

/** Whether a text can name a leg: it becomes part of the client order id. */
export function isLeg(text: string): boolean {
  return LEG.test(text);
}
