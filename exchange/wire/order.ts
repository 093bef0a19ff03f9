import { formatPrice, formatQuantity, formatUsd, price } from '../../domain/values/index.js';
import type { VenueOrder } from '../matching/index.js';
import { assetIdOf } from './asset.js';
import { wireInstant, wireInstantOrNull } from './instant.js';

/** An order exactly as the trading API writes it: every nullable member is there. */
export interface WireOrder {
  readonly [member: string]: string | boolean | null | readonly WireOrder[];
}

/** `legs` only where the caller shows a group as one. */
export function wireOrder(order: VenueOrder, legs: readonly WireOrder[] | null = null): WireOrder {
  return {
    id: order.id,
    client_order_id: order.clientOrderId,
    created_at: wireInstant(order.createdAtMs),
    updated_at: wireInstant(order.updatedAtMs),
    submitted_at: wireInstant(order.submittedAtMs),
    filled_at: wireInstantOrNull(order.filledAtMs),
    expired_at: wireInstantOrNull(order.expiredAtMs),
    expires_at: wireInstant(order.expiresAtMs),
    canceled_at: wireInstantOrNull(order.canceledAtMs),
    failed_at: wireInstantOrNull(order.failedAtMs),
    replaced_at: wireInstantOrNull(order.replacedAtMs),
    replaced_by: order.replacedBy,
    replaces: order.replaces,
    asset_id: assetIdOf(order.symbol),
    symbol: order.symbol,
    asset_class: 'us_equity',
    notional: order.notional === null ? null : formatUsd(order.notional),
    qty: order.notional === null ? formatQuantity(order.quantity) : null,
    filled_qty: formatQuantity(order.filledQuantity),
    filled_avg_price: averagePrice(order),
    order_class: order.orderClass === 'simple' ? '' : order.orderClass,
    order_type: order.type,
    type: order.type,
    side: order.side,
    position_intent: order.positionIntent,
    time_in_force: order.timeInForce,
    limit_price: order.limitPrice === null ? null : formatPrice(order.limitPrice),
    stop_price: order.stopPrice === null ? null : formatPrice(order.stopPrice),
    status: order.status,
    extended_hours: order.extendedHours,
    legs,
    trail_percent: null,
    trail_price: null,
    hwm: null,
    subtag: null,
    source: null,
  };
}

/** An order with its legs under it. */
export function wireGroup(order: VenueOrder, find: (id: string) => VenueOrder): WireOrder {
  const legs = order.legIds.map((id) => wireOrder(find(id)));
  return wireOrder(order, legs.length === 0 ? null : legs);
}

/** The average over all fills, rounded half up to nano-dollars. */
function averagePrice(order: VenueOrder): string | null {
  if (order.filledQuantity === 0) return null;
  const units = BigInt(order.filledQuantity);
  const rounded = (BigInt(order.filledProduct) + units / 2n) / units;
  return formatPrice(price(Number(rounded)));
}
