import type { BrokerOrder } from '../../adapters/broker/port.js';
import { isExitOfGroup, type OrderIntent } from '../../domain/order/index.js';
import { formatPrice, formatQuantity, type Quantity } from '../../domain/values/index.js';

/** What the broker holds differently from the wish; null: the same. */
export function differenceOf(intent: OrderIntent, found: BrokerOrder): string | null {
  const expected = {
    symbol: intent.symbol,
    side: intent.side,
    quantity: formatQuantity(isShrunk(intent, found) ? found.quantity : intent.quantity),
    type: intent.type,
    orderClass: intent.orderClass,
    limitPrice: intent.limitPrice === null ? null : formatPrice(intent.limitPrice),
    stopPrice: intent.stopPrice === null ? null : formatPrice(intent.stopPrice),
  };
  const shown = {
    symbol: found.symbol,
    side: found.side,
    quantity: found.quantity === null ? null : formatQuantity(found.quantity),
    type: found.type,
    orderClass: found.orderClass === '' ? 'simple' : found.orderClass,
    limitPrice: found.limitPrice === null ? null : formatPrice(found.limitPrice),
    stopPrice: found.stopPrice === null ? null : formatPrice(found.stopPrice),
  };
  const [left, right] = [JSON.stringify(expected), JSON.stringify(shown)];
  return left === right ? null : `the broker holds ${right} under this id, expected ${left}`;
}

/** The broker makes an exit of a group smaller when another one fills in part. */
function isShrunk(
  intent: OrderIntent,
  found: BrokerOrder,
): found is BrokerOrder & { readonly quantity: Quantity } {
  return isExitOfGroup(intent) && found.quantity !== null && found.quantity < intent.quantity;
}

/**
 * The difference where the broker has something else under our id: of another symbol or side, so
 * that no fill of it belongs to the wish. Null: it is the order that was wished, in that at least.
 */
export function mistakenIdentityOf(intent: OrderIntent, shown: BrokerOrder): string | null {
  const isSame = shown.symbol === intent.symbol && shown.side === intent.side;
  return isSame ? null : differenceOf(intent, shown);
}
