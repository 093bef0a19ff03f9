import type { OrderRow } from '../../adapters/store/port.js';
import { brokerOrderIdOf, type Order } from '../../domain/order/index.js';
import { averagePriceRounded, formatPrice, formatQuantity } from '../../domain/values/index.js';
import type { OrderView } from '../../workflows/contract/index.js';

/** What drivers and people are told of an order. */
export function viewOf(row: Pick<OrderRow, 'order'>): OrderView {
  const { order } = row;
  return {
    clientOrderId: order.intent.clientOrderId,
    state: order.progress.state,
    version: order.version,
    brokerOrderId: brokerOrderIdOf(order),
    quantity: formatQuantity(order.orderedQuantity),
    filledQuantity: formatQuantity(order.filledQuantity),
    averagePrice: averageOf(order),
    detail: detailOf(order),
    needsAttention: order.parkedReason !== null || order.progress.state === 'unknown',
  };
}

function averageOf(order: Order): string | null {
  if (order.filledQuantity === 0 || order.filledNotional <= 0) return null;
  return formatPrice(averagePriceRounded(order.filledNotional, order.filledQuantity));
}

function detailOf(order: Order): string | null {
  if (order.parkedReason !== null) return order.parkedReason;
  switch (order.progress.state) {
    case 'denied':
    case 'refused':
      return `${order.progress.code}: ${order.progress.message}`;
    case 'abandoned':
      return order.progress.evidence;
    default:
      return null;
  }
}
