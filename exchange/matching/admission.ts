import {
  addUsd,
  type EpochMs,
  MINUTE_MS,
  NANOS_PER_UNIT,
  notionalRoundedUp,
  type Price,
  type Quantity,
  quantity,
  unitsWorthAtLeast,
  type Usd,
  wholeUsd,
  ZERO_USD,
} from '../../domain/values/index.js';
import type { BorrowList } from './borrow-list.js';
import { collaredPrice, raisedPermille } from './collar.js';
import { type Ledger, MARGIN_EQUITY_MIN } from './ledger.js';
import { unitsForNotional } from './notional.js';
import { type OrderBook, reservationOf } from './order-book.js';
import { brokenGroupRule, type GroupRule } from './order-group.js';
import {
  type OrderRequest,
  type PositionIntent,
  remainingQuantity,
  type VenueOrder,
} from './venue-order.js';
import { findWashTrade, type WashTrade, type WashTradeGuard } from './wash-trade.js';

/** Why the venue did not do what a client asked. Stable codes with the facts behind them. */
export type Refusal =
  | { readonly code: 'duplicate_client_order_id' }
  | { readonly code: 'order_not_found' }
  | { readonly code: 'order_not_open'; readonly status: string }
  | { readonly code: 'order_not_cancelable'; readonly status: string }
  | { readonly code: 'order_not_replaceable'; readonly status: string }
  | { readonly code: 'order_not_changed' }
  | { readonly code: 'notional_not_replaceable' }
  | { readonly code: 'fraction_not_changeable' }
  | { readonly code: 'leg_change'; readonly member: 'qty' | 'time_in_force' }
  | { readonly code: 'no_price'; readonly symbol: string }
  | { readonly code: 'quantity_not_positive' }
  | { readonly code: 'notional_too_small' }
  | { readonly code: 'fraction_not_allowed'; readonly rule: 'short' | 'time_in_force' }
  | { readonly code: 'short_needs_margin'; readonly equity: Usd }
  | { readonly code: 'hard_to_borrow'; readonly symbol: string }
  | { readonly code: 'outside_window'; readonly timeInForce: 'opg' | 'cls' }
  | { readonly code: 'group_rule'; readonly orderClass: string; readonly rule: GroupRule }
  | ({ readonly code: 'wash_trade' } & WashTrade)
  | {
      readonly code: 'position_intent_mismatch';
      readonly inferred: PositionIntent;
      readonly specified: PositionIntent;
    }
  | { readonly code: 'insufficient_buying_power'; readonly buyingPower: Usd; readonly cost: Usd }
  | {
      readonly code: 'insufficient_quantity';
      readonly symbol: string;
      readonly requested: Quantity;
      readonly available: Quantity;
      readonly existing: Quantity;
      readonly held: Quantity;
    };

/** The session that an order meets. */
export interface SessionHours {
  readonly openAtMs: EpochMs;
  readonly closeAtMs: EpochMs;
}

export type Admission =
  | { readonly ok: false; readonly refusal: Refusal }
  | {
      readonly ok: true;
      readonly positionIntent: PositionIntent;
      readonly reservedPrice: Price | null;
      /** What is ordered, in units also where dollars were asked for. */
      readonly quantity: Quantity;
    };

export interface AdmissionInput {
  readonly request: OrderRequest;
  readonly ledger: Ledger;
  readonly book: OrderBook;
  readonly borrowList: BorrowList;
  /** An order that the request takes the place of: what it holds counts as free. */
  readonly replaced: VenueOrder | null;
  readonly washTradeGuard: WashTradeGuard;
  /** How often the equity may be spent at most: 1, 2 or 4. */
  readonly multiplierMax: number;
}

const SHORT_COLLAR_PERMILLE = 30;
/** From 09:30 to 19:00, also on days that close early. */
const AUCTION_WINDOW_END_MINUTES = 9.5 * 60;
const NOTIONAL_MIN: Usd = wholeUsd(1);

/**
 * Whether the account may send this order: the class is well made, nothing trades against itself,
 * closing orders need the quantity, opening ones the buying power, and no order crosses from long
 * to short or back. Tells the intent, the quantity and what to reserve a unit.
 */
export function admitOrder(input: AdmissionInput): Admission {
  const { request, ledger, book, replaced } = input;
  const held = ledger.position(request.symbol)?.signedNanos ?? 0;
  const isClosing = request.side === 'buy' ? held < 0 : held > 0;
  const size = sizeOf(request, ledger);
  if (size === null) return refused({ code: 'no_price', symbol: request.symbol });
  const { units } = size;
  const refusal =
    refuseFraction(request, size, isClosing) ??
    refuseIntent(request, isClosing) ??
    (replaced === null ? refuseGroup(request, ledger, isClosing) : null);
  if (refusal !== null) return refused(refusal);
  const replacedId = replaced?.id ?? null;
  const washTrade = findWashTrade(request, book, { guard: input.washTradeGuard, replacedId });
  if (washTrade !== null) return refused({ code: 'wash_trade', ...washTrade });
  return isClosing
    ? admitClosing(input, units, quantity(Math.abs(held)))
    : admitOpening(input, units);
}

/**
 * Auction orders are taken only in their windows, New York time: not from 9:28 (open) or 15:50
 * (close) to 19:00.
 */
export function refuseAuctionWindow(
  request: OrderRequest,
  session: SessionHours,
  atMs: EpochMs,
): Refusal | null {
  const endAtMs = session.openAtMs + AUCTION_WINDOW_END_MINUTES * MINUTE_MS;
  const { timeInForce } = request;
  if (timeInForce !== 'opg' && timeInForce !== 'cls') return null;
  const startAtMs =
    timeInForce === 'opg' ? session.openAtMs - 2 * MINUTE_MS : session.closeAtMs - 10 * MINUTE_MS;
  return atMs >= startAtMs && atMs < endAtMs ? { code: 'outside_window', timeInForce } : null;
}

function admitOpening(input: AdmissionInput, units: Quantity): Admission {
  const { request, ledger, book, replaced, multiplierMax } = input;
  const { symbol } = request;
  const isLent = input.borrowList.statusOf(symbol) === 'easy_to_borrow';
  if (request.side === 'sell' && !isLent) return refused({ code: 'hard_to_borrow', symbol });
  const reservedPrice = openingPrice(request, ledger);
  if (reservedPrice === null) return refused({ code: 'no_price', symbol });
  const equity = ledger.values().equity;
  if (request.side === 'sell' && (equity < MARGIN_EQUITY_MIN || multiplierMax < 2)) {
    return refused({ code: 'short_needs_margin', equity });
  }
  const cost = notionalRoundedUp(reservedPrice, units);
  const freed = replaced === null ? ZERO_USD : reservationOf(replaced);
  const buyingPower = addUsd(ledger.buyingPower(book.reservedCash, multiplierMax), freed);
  if (cost > buyingPower) {
    return refused({ code: 'insufficient_buying_power', buyingPower, cost });
  }
  return { ok: true, positionIntent: `${request.side}_to_open`, reservedPrice, quantity: units };
}

function admitClosing(input: AdmissionInput, units: Quantity, existing: Quantity): Admission {
  const { request, book, replaced } = input;
  const { symbol, side } = request;
  const isFreed = replaced !== null && replaced.side === side && replaced.status !== 'held';
  const held = book.unfilledOn(symbol, side) - (isFreed ? remainingQuantity(replaced) : 0);
  const available = quantity(Math.max(0, existing - held));
  if (units > available) {
    return refused({
      code: 'insufficient_quantity',
      symbol,
      requested: units,
      available,
      existing,
      held: quantity(held),
    });
  }
  return { ok: true, positionIntent: `${side}_to_close`, reservedPrice: null, quantity: units };
}

/** How much an order is: its units, and whether those of a fraction are worth the least taken. */
interface Size {
  readonly units: Quantity;
  readonly isTooSmall: boolean;
}

/** Null: it is an order for dollars, and the market has shown no price. */
function sizeOf(request: OrderRequest, ledger: Ledger): Size | null {
  const { notional = null, quantity: units, side } = request;
  const { quote, lastTrade } = ledger.marksOf(request.symbol);
  const farSide = side === 'buy' ? quote?.askPrice : quote?.bidPrice;
  const unitPrice = request.limitPrice ?? farSide ?? lastTrade?.price ?? null;
  if (notional !== null) {
    const isTooSmall = side === 'buy' && notional < NOTIONAL_MIN;
    return unitPrice === null ? null : { units: unitsForNotional(notional, unitPrice), isTooSmall };
  }
  const isFraction = units % NANOS_PER_UNIT !== 0;
  const isJudged = side === 'buy' && isFraction && unitPrice !== null;
  return { units, isTooSmall: isJudged && units < unitsWorthAtLeast(NOTIONAL_MIN, unitPrice) };
}

function refuseFraction(
  request: OrderRequest,
  { units, isTooSmall }: Size,
  isClosing: boolean,
): Refusal | null {
  const { notional = null } = request;
  if (isTooSmall) return { code: 'notional_too_small' };
  if (units === 0) return { code: 'quantity_not_positive' };
  if (units % NANOS_PER_UNIT === 0 && notional === null) return null;
  if (request.timeInForce !== 'day') return { code: 'fraction_not_allowed', rule: 'time_in_force' };
  if (request.side === 'sell' && !isClosing) return { code: 'fraction_not_allowed', rule: 'short' };
  return null;
}

function refuseIntent(request: OrderRequest, isClosing: boolean): Refusal | null {
  const { positionIntent: specified = null, side } = request;
  const inferred: PositionIntent = isClosing ? `${side}_to_close` : `${side}_to_open`;
  if (specified === null || specified === inferred) return null;
  return { code: 'position_intent_mismatch', inferred, specified };
}

function refuseGroup(request: OrderRequest, ledger: Ledger, isClosing: boolean): Refusal | null {
  const { quote, lastTrade } = ledger.marksOf(request.symbol);
  const farSide = request.side === 'buy' ? quote?.askPrice : quote?.bidPrice;
  const basePrice = farSide ?? lastTrade?.price ?? null;
  const rule = brokenGroupRule(request, { isClosing, basePrice });
  return rule === null
    ? null
    : { code: 'group_rule', orderClass: request.orderClass ?? 'simple', rule };
}

/**
 * The worst price a unit of an opening order is reserved at, or null where the market has shown
 * none.
 */
function openingPrice(request: OrderRequest, ledger: Ledger): Price | null {
  const { quote, lastTrade } = ledger.marksOf(request.symbol);
  const ask = quote?.askPrice ?? lastTrade?.price ?? null;
  if (request.side === 'sell') {
    const short = ask === null ? null : raisedPermille(ask, SHORT_COLLAR_PERMILLE);
    if (request.limitPrice === null) return short;
    return short === null || request.limitPrice > short ? request.limitPrice : short;
  }
  if (request.limitPrice !== null) return request.limitPrice;
  const reference = request.stopPrice ?? ask;
  return reference === null ? null : collaredPrice(reference);
}

function refused(refusal: Refusal): Admission {
  return { ok: false, refusal };
}
