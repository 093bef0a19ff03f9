import type { OrderIntent, Side } from '../order/index.js';
import {
  addUsd,
  basisPointsRoundedUp,
  type EpochMs,
  formatUsdCents,
  NANOS_PER_UNIT,
  notionalRoundedUp,
  type Price,
  price,
  type Quantity,
  type Usd,
  usd,
} from '../values/index.js';
import type { DenyCode } from './deny-reason.js';
import {
  type OpenOrderRemainder,
  type SignedUnits,
  splitOrder,
  worstCaseUnits,
} from './exposure.js';
import { sessionFault } from './session-rules.js';
import { groupFault } from './validate-group.js';
import { type Denial, validateIntent } from './validate-intent.js';

/** What a market or stop order may cost above its reference price before it fills: 1 %. */
export const PRICE_COLLAR_BASIS_POINTS = 100;

export interface RiskLimits {
  readonly orderNotionalMax: Usd;
  readonly positionNotionalMax: Usd;
  /** Multiple of own money, in hundredths: 100 is cash only. */
  readonly leverageHundredths: number;
}

export interface RiskTotals {
  readonly cash: Usd;
  readonly longCostBasis: Usd;
  readonly shortCostBasis: Usd;
  readonly reserved: Usd;
}

export interface RiskInputs {
  readonly intent: OrderIntent;
  /** Market time. */
  readonly nowAtMs: EpochMs;
  /** Market time up to which decisions are void: the process stood still after them. */
  readonly voidThroughMs: EpochMs;
  readonly haltMode: 'none' | 'reduce_only' | 'halted';
  readonly instrument: {
    readonly tradable: boolean;
    readonly shortable: boolean;
    readonly fractionable: boolean;
    readonly parkedReason: string | null;
  } | null;
  readonly position: SignedUnits;
  /** Open, unknown and in-flight orders of the symbol; never the order itself. */
  readonly openOrders: readonly OpenOrderRemainder[];
  /**
   * What the order is to take the place of, left out of `openOrders`: it may fill beside it, so the
   * position is judged with both, and what is held is free for the one that comes.
   */
  readonly replaced: OpenOrderRemainder | null;
  readonly limits: RiskLimits;
  /** Its own reservation left out. */
  readonly totals: RiskTotals;
  /** Far side of a quote that is fresh enough, or null. */
  readonly quotedPrice: Price | null;
}

/** The buying power that the order takes until it fills or ends. */
export interface RiskReservation {
  readonly openingQuantity: Quantity;
  readonly unitPrice: Price;
  readonly amount: Usd;
}

export type RiskAssessment =
  /** `reservation` null: the order only reduces. */
  | { readonly decision: 'admitted'; readonly reservation: RiskReservation | null }
  | { readonly decision: 'denied'; readonly code: DenyCode; readonly message: string };

/**
 * Decides whether an order may be sent, at the worst case: everything open on its side fills first,
 * at the worst expected price. Denials come in the order of `DENY_REASONS`.
 */
export function assessRisk(inputs: RiskInputs): RiskAssessment {
  const split = splitOrder(inputs.position, inputs.openOrders, asRemainder(inputs.intent));
  const denial =
    instrumentDenial(inputs) ??
    expiryDenial(inputs) ??
    haltDenial(inputs, split.opening) ??
    directionDenial(inputs, split.reducing, split.opening);
  if (denial !== null) return { decision: 'denied', ...denial };
  // A wish by amount that no quote has sized is none yet, whichever way it goes.
  if (inputs.intent.quantity === 0) return { decision: 'denied', ...noFreshPrice(inputs.intent) };
  if (split.opening === 0) return { decision: 'admitted', reservation: null };
  const unitPrice = worstPrice(inputs.intent, inputs.quotedPrice);
  if (unitPrice === null) return { decision: 'denied', ...noFreshPrice(inputs.intent) };
  if (unitPrice === 'beyond') return { decision: 'denied', ...tooLarge(inputs.intent) };
  const amount = notionalOrNull(unitPrice, split.opening);
  const limit = limitDenial(inputs, unitPrice, amount);
  if (limit !== null || amount === null) {
    return { decision: 'denied', ...(limit ?? tooLarge(inputs.intent)) };
  }
  const reservation = { openingQuantity: split.opening, unitPrice, amount };
  return { decision: 'admitted', reservation };
}

/** What own money, at cost, may still take on. Negative when the limits were lowered meanwhile. */
export function availableBuyingPower(totals: RiskTotals, leverageHundredths: number): Usd {
  const own = addUsd(totals.cash, totals.longCostBasis) - totals.shortCostBasis;
  const allowed = Number((BigInt(own) * BigInt(leverageHundredths)) / 100n);
  return usd(allowed - totals.longCostBasis - totals.shortCostBasis - totals.reserved);
}

function asRemainder(intent: OrderIntent): OpenOrderRemainder {
  return { side: intent.side, remaining: intent.quantity };
}

function instrumentDenial({ intent, instrument, quotedPrice, nowAtMs }: RiskInputs): Denial | null {
  if (instrument === null) {
    return { code: 'unknown_symbol', message: `the broker does not list ${intent.symbol}` };
  }
  const malformed =
    validateIntent(intent, instrument.fractionable) ??
    groupFault(intent, quotedPrice) ??
    sessionFault(intent, nowAtMs);
  if (malformed !== null) return malformed;
  if (!instrument.tradable) {
    return { code: 'not_tradable', message: `${intent.symbol} is not tradable now` };
  }
  return null;
}

function expiryDenial({ intent, nowAtMs, voidThroughMs }: RiskInputs): Denial | null {
  if (intent.decidedAtMs <= voidThroughMs) {
    return { code: 'intent_expired', message: 'it was decided before the process stood still' };
  }
  if (nowAtMs <= intent.validUntilMs) return null;
  const lateMs = nowAtMs - intent.validUntilMs;
  return { code: 'intent_expired', message: `the intent expired ${lateMs} ms of market time ago` };
}

function haltDenial(inputs: RiskInputs, opening: Quantity): Denial | null {
  if (inputs.haltMode === 'halted') return { code: 'halted', message: 'trading is halted' };
  if (opening === 0) return null;
  if (inputs.haltMode === 'reduce_only') {
    return { code: 'reduce_only', message: 'the order would raise exposure in reduce-only mode' };
  }
  const parked = inputs.instrument?.parkedReason ?? null;
  return parked === null ? null : { code: 'symbol_parked', message: parked };
}

function directionDenial(
  { intent, instrument, position }: RiskInputs,
  reducing: Quantity,
  opening: Quantity,
): Denial | null {
  const isAgainst = intent.side === 'sell' ? position > 0 : position < 0;
  if (opening > 0 && (reducing > 0 || isAgainst)) {
    const message = `the ${intent.side} is larger than what is held and not already on its way out`;
    return { code: 'turns_position', message };
  }
  if (opening > 0 && intent.purpose === 'exit') {
    const message = `the exit finds nothing of ${intent.symbol} to close`;
    return { code: 'nothing_to_close', message };
  }
  if (reducing > 0 && intent.orderClass !== 'simple' && intent.purpose === 'entry') {
    const message = `an entry with exits opens a position, and this one only closes one`;
    return { code: 'invalid_order_class', message };
  }
  const opensShort = intent.side === 'sell' && opening > 0;
  if (opensShort && intent.quantity % NANOS_PER_UNIT !== 0) {
    const message = 'fractions of a unit cannot be sold short';
    return { code: 'not_shortable', message };
  }
  if (opensShort && instrument?.shortable !== true) {
    return { code: 'not_shortable', message: `${intent.symbol} cannot be sold short` };
  }
  return null;
}

function limitDenial(inputs: RiskInputs, unitPrice: Price, amount: Usd | null): Denial | null {
  const { intent, limits } = inputs;
  const orderNotional = notionalOrNull(unitPrice, intent.quantity);
  if (orderNotional === null || orderNotional > limits.orderNotionalMax) {
    return tooLarge(intent, orderNotional, limits.orderNotionalMax);
  }
  const open =
    inputs.replaced === null ? inputs.openOrders : [...inputs.openOrders, inputs.replaced];
  const units = worstCaseUnits(inputs.position, open, asRemainder(intent));
  const positionNotional = units === null ? null : notionalOrNull(unitPrice, units);
  if (positionNotional === null || positionNotional > limits.positionNotionalMax) {
    return {
      code: 'position_notional_above_limit',
      message: beyond('position', positionNotional, limits.positionNotionalMax),
    };
  }
  const available = availableBuyingPower(inputs.totals, limits.leverageHundredths);
  if (amount !== null && amount > available) {
    return {
      code: 'insufficient_buying_power',
      message: beyond('order', amount, available),
    };
  }
  return null;
}

function noFreshPrice({ symbol }: OrderIntent): Denial {
  return { code: 'no_fresh_price', message: `no fresh quote for ${symbol}` };
}

function tooLarge(intent: OrderIntent, found: Usd | null = null, limit: Usd | null = null): Denial {
  const message =
    limit === null ? `${intent.symbol} order is too large` : beyond('order', found, limit);
  return { code: 'order_notional_above_limit', message };
}

function beyond(what: string, found: Usd | null, limit: Usd): string {
  const amount = found === null ? 'more than can be counted' : `${formatUsdCents(found)} USD`;
  return `the ${what} is worth ${amount}, the limit is ${formatUsdCents(limit)} USD`;
}

/**
 * A limit order cannot cost more than its limit; any other is judged by its reference plus the
 * collar. `beyond`: more than a price can be.
 */
export function worstPrice(intent: OrderIntent, quoted: Price | null): Price | 'beyond' | null {
  if (intent.side === 'buy' && intent.limitPrice !== null) return intent.limitPrice;
  const reference = highest([intent.limitPrice, intent.stopPrice, quoted]);
  const needsQuote = intent.type === 'market' && quoted === null;
  if (reference === null || needsQuote) return null;
  return withCollar(reference, intent.side);
}

function withCollar(reference: Price, side: Side): Price | 'beyond' {
  // A short that fills lower brings in less and costs no more; what can hurt is the way back up.
  const collar = side === 'buy' ? PRICE_COLLAR_BASIS_POINTS : PRICE_COLLAR_BASIS_POINTS * 3;
  const collared = reference + basisPointsRoundedUp(usd(reference), collar);
  return Number.isSafeInteger(collared) ? price(collared) : 'beyond';
}

function highest(prices: readonly (Price | null)[]): Price | null {
  const known = prices.filter((candidate) => candidate !== null);
  return known.length === 0 ? null : price(Math.max(...known));
}

/** Null: the product is beyond what the books can hold, hence beyond every limit. */
function notionalOrNull(unitPrice: Price, units: Quantity): Usd | null {
  const beyondBooks = BigInt(unitPrice) * BigInt(units) > 9_000_000_000_000_000_000_000_000_000n;
  return beyondBooks ? null : notionalRoundedUp(unitPrice, units);
}
