import type { BrokerOrder } from '../../adapters/broker/port.js';
import {
  compareBrokerInstants,
  type FillInterval,
  missingIntervals,
  type Order,
} from '../../domain/order/index.js';

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

/**
 * Whether a snapshot that is not older shows as much as the books hold, while the books hold some
 * of it above that: a trade was taken back that nobody has told, and another one never told either.
 */
export function isHeldElsewhere(
  order: Order,
  live: readonly FillInterval[],
  shown: BrokerOrder,
): boolean {
  return (
    !isOlder(order, shown.updatedAt) &&
    shown.filledQuantity === order.filledQuantity &&
    missingIntervals(live, shown.filledQuantity).length > 0
  );
}
