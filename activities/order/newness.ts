import type { BrokerOrder } from '../../adapters/broker/port.js';
import { compareBrokerInstants, type Order } from '../../domain/order/index.js';

/** Whether a snapshot is older, as old, or newer than the last that was applied. Null: unknown. */
export function compareWithApplied(order: Order, updatedAt: string | null): number | null {
  if (updatedAt === null || order.brokerUpdatedAt === null) return null;
  return compareBrokerInstants(updatedAt, order.brokerUpdatedAt);
}

export function isOlder(order: Order, updatedAt: string | null): boolean {
  return (compareWithApplied(order, updatedAt) ?? 0) < 0;
}

/** Whether a snapshot that is not older shows less filled than the books hold. */
export function isShowingLess(order: Order, shown: BrokerOrder | null): boolean {
  if (shown === null || isOlder(order, shown.updatedAt)) return false;
  return shown.filledQuantity < order.filledQuantity;
}
