import type { trading } from '@alpacahq/alpaca-trade-api';
import { formatPrice, formatQuantity, type Price } from '../../../domain/values/index.js';
import type { OrderRequest, ReplacementRequest } from '../port.js';

/** The order as the SDK takes it; decimals are exact strings. */
export function wireOrderOf(request: OrderRequest): trading.PostOrderRequest {
  return {
    clientOrderId: request.clientOrderId,
    symbol: request.symbol,
    side: request.side,
    qty: formatQuantity(request.quantity),
    type: request.type,
    ...ownPricesOf(request),
    timeInForce: request.timeInForce,
    extendedHours: request.extendedHours,
    ...exitsOf(request),
  };
}

/**
 * The replacement as the SDK takes it. A price that is kept must be there all the same, since the
 * broker requires the prices of a type; a quantity that is kept must not, since those of a fraction
 * and of a leg are never taken.
 */
export function wireReplacementOf(request: ReplacementRequest): {
  readonly orderId: string;
  readonly patchOrderRequest: trading.PatchOrderRequest;
} {
  const { quantity, timeInForce } = request;
  return {
    orderId: request.brokerOrderId,
    patchOrderRequest: {
      clientOrderId: request.clientOrderId,
      ...(quantity === null ? {} : { qty: formatQuantity(quantity) }),
      ...pricesOf(request.limitPrice, request.stopPrice),
      ...(timeInForce === null ? {} : { timeInForce }),
    },
  };
}

/** Of an oco the limit is told as its take-profit only. */
function ownPricesOf(request: OrderRequest): ReturnType<typeof pricesOf> {
  const limitPrice = request.orderClass === 'oco' ? null : request.limitPrice;
  return pricesOf(limitPrice, request.stopPrice);
}

function pricesOf(
  limitPrice: Price | null,
  stopPrice: Price | null,
): { limitPrice?: string; stopPrice?: string } {
  return {
    ...(limitPrice === null ? {} : { limitPrice: formatPrice(limitPrice) }),
    ...(stopPrice === null ? {} : { stopPrice: formatPrice(stopPrice) }),
  };
}

function exitsOf({
  orderClass,
  takeProfit,
  stopLoss,
}: OrderRequest): Pick<trading.PostOrderRequest, 'orderClass' | 'takeProfit' | 'stopLoss'> {
  if (orderClass === 'simple') return {};
  return {
    orderClass,
    ...(takeProfit === null ? {} : { takeProfit: { limitPrice: formatPrice(takeProfit) } }),
    ...(stopLoss === null ? {} : { stopLoss: stopLossOf(stopLoss.stopPrice, stopLoss.limitPrice) }),
  };
}

function stopLossOf(
  stopPrice: Price,
  limitPrice: Price | null,
): { stopPrice: string; limitPrice?: string } {
  return { stopPrice: formatPrice(stopPrice), ...pricesOf(limitPrice, null) };
}
