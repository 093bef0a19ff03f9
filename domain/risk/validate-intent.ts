import type { OrderIntent } from '../order/index.js';
import { formatPrice, NANOS_PER_UNIT, type Price } from '../values/index.js';
import type { DenyCode } from './deny-reason.js';
import { amountFault } from './order-by-amount.js';
import { isOnTick } from './price-tick.js';

export interface Denial {
  readonly code: DenyCode;
  /** What was found, in one line. */
  readonly message: string;
}

/**
 * Decides whether an intent is well formed: what any broker would refuse whatever the market does.
 * Null: it is. Sub-penny rule, fractional and session rules as in Alpaca's order documentation.
 */
export function validateIntent(intent: OrderIntent, isFractionable: boolean): Denial | null {
  return (
    quantityFault(intent) ??
    amountFault(intent) ??
    fractionFault(intent, isFractionable) ??
    priceFault(intent) ??
    timeInForceFault(intent)
  );
}

/** A wish by amount has no quantity before it is sized. */
function quantityFault({ quantity, amount }: OrderIntent): Denial | null {
  if (quantity > 0 || amount !== null) return null;
  return { code: 'invalid_quantity', message: 'expected a quantity above zero, found 0' };
}

function fractionFault(intent: OrderIntent, isFractionable: boolean): Denial | null {
  const isFraction = intent.quantity % NANOS_PER_UNIT !== 0 || intent.amount !== null;
  if (isFraction && !isFractionable) {
    return { code: 'not_fractionable', message: `${intent.symbol} trades in whole units only` };
  }
  return null;
}

function priceFault(intent: OrderIntent): Denial | null {
  const { type, limitPrice, stopPrice } = intent;
  const needsLimit = type === 'limit' || type === 'stop_limit';
  const needsStop = type === 'stop' || type === 'stop_limit';
  const limit = { name: 'limit price', value: limitPrice, isNeeded: needsLimit };
  const stop = { name: 'stop price', value: stopPrice, isNeeded: needsStop };
  return onePriceFault(type, limit) ?? onePriceFault(type, stop);
}

interface PriceOfOrder {
  readonly name: string;
  readonly value: Price | null;
  readonly isNeeded: boolean;
}

function onePriceFault(type: string, { name, value, isNeeded }: PriceOfOrder): Denial | null {
  if (isNeeded !== (value !== null)) {
    const wanted = isNeeded ? `a ${name}` : `no ${name}`;
    return { code: 'invalid_price', message: `a ${type} order takes ${wanted}` };
  }
  if (value !== null && !isOnTick(value)) {
    const message = `the ${name} ${formatPrice(value)} is finer than the tick`;
    return { code: 'invalid_price', message };
  }
  return null;
}

function timeInForceFault(intent: OrderIntent): Denial | null {
  const { timeInForce, type } = intent;
  if (intent.quantity % NANOS_PER_UNIT !== 0 && timeInForce !== 'day') {
    const message = `fractions take time in force day, found ${timeInForce}`;
    return { code: 'invalid_time_in_force', message };
  }
  const isAuction = timeInForce === 'opg' || timeInForce === 'cls';
  const isImmediate = timeInForce === 'ioc' || timeInForce === 'fok';
  if ((isAuction || isImmediate) && (type === 'stop' || type === 'stop_limit')) {
    const message = `a ${type} order takes day or gtc, found ${timeInForce}`;
    return { code: 'invalid_time_in_force', message };
  }
  const isExtendable = type === 'limit' && (timeInForce === 'day' || timeInForce === 'gtc');
  if (intent.extendedHours && !isExtendable) {
    const found = `${type} ${timeInForce}`;
    const message = `extended hours take limit orders with day or gtc, found ${found}`;
    return { code: 'invalid_time_in_force', message };
  }
  return null;
}
