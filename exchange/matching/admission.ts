import {
  addUsd,
  type EpochMs,
  MINUTE_MS,
  NANOS_PER_UNIT,
  notionalRoundedUp,
  type Price,
  price,
  type Quantity,
  quantity,
  type Usd,
  ZERO_USD,
} from '../../domain/values/index.js';
import { type Ledger, MARGIN_EQUITY_MIN } from './ledger.js';
import { type OrderBook, reservationOf } from './order-book.js';
import {
  type OrderRequest,
  type PositionIntent,
  remainingQuantity,
  type VenueOrder,
} from './venue-order.js';

/** Why the venue did not do what a client asked. Stable codes with the facts behind them. */
export type Refusal =
  | { readonly code: 'duplicate_client_order_id' }
  | { readonly code: 'order_not_found' }
  | { readonly code: 'order_not_open'; readonly status: string }
  | { readonly code: 'order_not_replaceable'; readonly status: string }
  | { readonly code: 'order_not_changed' }
  | { readonly code: 'no_price'; readonly symbol: string }
  | { readonly code: 'quantity_not_positive' }
  | { readonly code: 'fraction_not_allowed'; readonly rule: 'short' | 'time_in_force' }
  | { readonly code: 'short_needs_margin'; readonly equity: Usd }
  | { readonly code: 'outside_window'; readonly timeInForce: 'opg' | 'cls' }
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
    };

export interface AdmissionInput {
  readonly request: OrderRequest;
  readonly ledger: Ledger;
  readonly book: OrderBook;
  /** An order that the request takes the place of: what it holds counts as free. */
  readonly replaced: VenueOrder | null;
}

const LOW_PRICE_BELOW: Price = price(50 * NANOS_PER_UNIT);
const SHORT_COLLAR_PERMILLE = 30;

/**
 * Whether the account may send this order: closing orders need the quantity, opening ones the
 * buying power, and no order crosses from long to short or back. Tells the intent and what to
 * reserve a unit.
 */
export function admitOrder(input: AdmissionInput): Admission {
  const { request, ledger, book } = input;
  const held = ledger.position(request.symbol)?.signedNanos ?? 0;
  const isClosing = request.side === 'buy' ? held < 0 : held > 0;
  const fractionRefusal = refuseFraction(request, isClosing);
  if (fractionRefusal !== null) return refused(fractionRefusal);
  if (isClosing) return admitClosing(input, quantity(Math.abs(held)));
  const reservedPrice = openingPrice(request, ledger);
  if (reservedPrice === null) return refused({ code: 'no_price', symbol: request.symbol });
  const equity = ledger.values().equity;
  if (request.side === 'sell' && equity < MARGIN_EQUITY_MIN) {
    return refused({ code: 'short_needs_margin', equity });
  }
  const cost = notionalRoundedUp(reservedPrice, request.quantity);
  const buyingPower = addUsd(ledger.buyingPower(book.reservedCash), freedBy(input.replaced));
  if (cost > buyingPower) {
    return refused({ code: 'insufficient_buying_power', buyingPower, cost });
  }
  return { ok: true, positionIntent: `${request.side}_to_open`, reservedPrice };
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
  const endAtMs = session.closeAtMs + 180 * MINUTE_MS;
  const { timeInForce } = request;
  if (timeInForce !== 'opg' && timeInForce !== 'cls') return null;
  const startAtMs =
    timeInForce === 'opg' ? session.openAtMs - 2 * MINUTE_MS : session.closeAtMs - 10 * MINUTE_MS;
  return atMs >= startAtMs && atMs < endAtMs ? { code: 'outside_window', timeInForce } : null;
}

function admitClosing(input: AdmissionInput, existing: Quantity): Admission {
  const { request, book, replaced } = input;
  const held = book
    .openOf(request.symbol)
    .filter((order) => order.side === request.side && order.id !== replaced?.id)
    .reduce((sum, order) => sum + remainingQuantity(order), 0);
  const available = quantity(Math.max(0, existing - held));
  if (request.quantity > available) {
    return refused({
      code: 'insufficient_quantity',
      symbol: request.symbol,
      requested: request.quantity,
      available,
      existing,
      held: quantity(held),
    });
  }
  return { ok: true, positionIntent: `${request.side}_to_close`, reservedPrice: null };
}

function refuseFraction(request: OrderRequest, isClosing: boolean): Refusal | null {
  if (request.quantity === 0) return { code: 'quantity_not_positive' };
  if (request.quantity % NANOS_PER_UNIT === 0) return null;
  if (request.timeInForce !== 'day') return { code: 'fraction_not_allowed', rule: 'time_in_force' };
  if (request.side === 'sell' && !isClosing) return { code: 'fraction_not_allowed', rule: 'short' };
  return null;
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
  return reference === null ? null : raisedPermille(reference, collarPermille(reference));
}

/** How far a market order may run from what was quoted: 4 % below 50 dollars, else 2.5 %. */
function collarPermille(reference: Price): number {
  return reference < LOW_PRICE_BELOW ? 40 : 25;
}

function raisedPermille(base: Price, permille: number): Price {
  return price(base + Number((BigInt(base) * BigInt(permille) + 999n) / 1000n));
}

function freedBy(replaced: VenueOrder | null): Usd {
  return replaced === null ? ZERO_USD : reservationOf(replaced);
}

function refused(refusal: Refusal): Admission {
  return { ok: false, refusal };
}
