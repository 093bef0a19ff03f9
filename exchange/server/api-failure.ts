import { formatQuantity, formatUsd } from '../../domain/values/index.js';
import type { GroupRule, Refusal } from '../matching/index.js';

/** A kind of answer: its HTTP status and the broker's own code. */
export interface FailureKind {
  readonly status: number;
  readonly code: number;
}

export const MALFORMED: FailureKind = { status: 400, code: 40010000 };
export const INVALID_FIELD: FailureKind = { status: 422, code: 40010001 };
export const BAD_KEYS: FailureKind = { status: 401, code: 40110000 };
export const FORBIDDEN: FailureKind = { status: 403, code: 40310000 };
export const NOT_FOUND: FailureKind = { status: 404, code: 40410000 };
export const UNPROCESSABLE: FailureKind = { status: 422, code: 42210000 };
export const RATE_LIMITED: FailureKind = { status: 429, code: 42910000 };
export const INTERNAL: FailureKind = { status: 500, code: 50010000 };

/**
 * An answer in Alpaca's error envelope: `{code, message, ...extras}`. Thrown by handlers, written
 * in one place.
 */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';

  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly extras: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  /** The body of the answer. */
  get envelope(): Readonly<Record<string, string | number>> {
    return { code: this.kind.code, message: this.message, ...this.extras };
  }
}

export function unprocessable(message: string): ApiFailure {
  return new ApiFailure(UNPROCESSABLE, message);
}

export function notFound(message: string): ApiFailure {
  return new ApiFailure(NOT_FOUND, message);
}

/** How the broker words a refusal of its rules. */
export function failureOf(refusal: Refusal): ApiFailure {
  switch (refusal.code) {
    case 'duplicate_client_order_id':
      return new ApiFailure(INVALID_FIELD, 'client_order_id must be unique');
    case 'order_not_found':
      return notFound('order not found');
    case 'order_not_open':
      return unprocessable(`order is already in "${refusal.status}" state`);
    case 'order_not_cancelable':
      return unprocessable(`unable to cancel order in ${refusal.status} state`);
    case 'notional_not_replaceable':
      return unprocessable('notional orders cannot be replaced');
    case 'fraction_not_changeable':
      return unprocessable('qty of a fractional order cannot be changed');
    case 'leg_change':
      return unprocessable(`${refusal.member} of complex orders cannot be replaced`);
    case 'notional_too_small':
      return unprocessable('cost basis must be >= minimal amount of order 1');
    case 'group_rule':
      return unprocessable(groupRuleMessage(refusal.orderClass, refusal.rule));
    case 'wash_trade':
      return washTrade(refusal);
    case 'position_intent_mismatch':
      return unprocessable(
        `position intent mismatch, inferred: ${refusal.inferred}, ` +
          `specified: ${refusal.specified}`,
      );
    case 'order_not_replaceable':
      return unprocessable(`cannot replace order in ${refusal.status} status`);
    case 'order_not_changed':
      return unprocessable('order parameters are not changed');
    case 'no_price':
      return unprocessable(`no market price available for ${refusal.symbol}`);
    case 'quantity_not_positive':
      return unprocessable('qty must be > 0');
    case 'fraction_not_allowed':
      return unprocessable(
        refusal.rule === 'short'
          ? 'fractional orders cannot be sold short'
          : 'fractional orders must be DAY orders',
      );
    case 'short_needs_margin':
      return new ApiFailure(FORBIDDEN, 'account is not allowed to short', {
        equity: formatUsd(refusal.equity),
      });
    case 'hard_to_borrow':
      return unprocessable(`asset "${refusal.symbol}" cannot be sold short`);
    case 'outside_window':
      return unprocessable(`${refusal.timeInForce} orders are not accepted at this time`);
    case 'insufficient_buying_power':
      return new ApiFailure(FORBIDDEN, 'insufficient buying power', {
        buying_power: formatUsd(refusal.buyingPower),
        cost_basis: formatUsd(refusal.cost),
      });
    case 'insufficient_quantity':
      return insufficientQuantity(refusal);
  }
}

function insufficientQuantity(
  refusal: Extract<Refusal, { code: 'insufficient_quantity' }>,
): ApiFailure {
  const requested = formatQuantity(refusal.requested);
  const available = formatQuantity(refusal.available);
  const numbers = `requested: ${requested}, available: ${available}`;
  const message = `insufficient qty available for order (${numbers})`;
  return new ApiFailure(FORBIDDEN, message, {
    available,
    existing_qty: formatQuantity(refusal.existing),
    held_for_orders: formatQuantity(refusal.held),
    symbol: refusal.symbol,
  });
}

function washTrade(refusal: Extract<Refusal, { code: 'wash_trade' }>): ApiFailure {
  const kind = refusal.reason === 'limit' ? 'limit' : 'market/stop';
  return new ApiFailure(FORBIDDEN, 'potential wash trade detected. use complex orders', {
    existing_order_id: refusal.existingOrderId,
    reject_reason: `opposite side ${kind} order exists`,
  });
}

function groupRuleMessage(orderClass: string, rule: GroupRule): string {
  const messages: Readonly<Record<GroupRule, string>> = {
    bracket_needs_both_exits: 'bracket orders require take_profit and stop_loss',
    oto_needs_one_exit: 'oto orders require exactly one of take_profit and stop_loss',
    oco_needs_both_exits: 'oco orders require take_profit and stop_loss',
    simple_has_no_exits: 'take_profit and stop_loss require an order_class',
    entry_only: `${orderClass} orders must be entry orders`,
    exit_only: `${orderClass} orders must be exit orders`,
    time_in_force: `${orderClass} orders must be DAY or GTC orders`,
    extended_hours: `${orderClass} orders cannot be extended hours orders`,
    type: `invalid type for ${orderClass} order`,
    whole_units_only: `${orderClass} orders cannot be fractional`,
    take_profit_price: 'take_profit.limit_price must be beyond the base price and the stop',
    stop_loss_price: 'stop_loss.stop_price must be at least 0.01 away from the base price',
  };
  return messages[rule];
}
