import type { BrokerOrder } from '../../adapters/broker/port.js';
import {
  areTotalsOf,
  compareBrokerInstants,
  type FillInterval,
  missingIntervals,
  type Order,
  totalsOf,
} from '../../domain/order/index.js';
import { parseInstant } from '../../domain/values/index.js';
import type { Evidence } from './evidence.js';

/** Whether a snapshot is older, as old, or newer than the last that was applied. Null: unknown. */
export function compareWithApplied(order: Order, updatedAt: string | null): number | null {
  if (updatedAt === null || order.brokerUpdatedAt === null) return null;
  return compareBrokerInstants(updatedAt, order.brokerUpdatedAt);
}

export function isOlder(order: Order, updatedAt: string | null): boolean {
  return (compareWithApplied(order, updatedAt) ?? 0) < 0;
}

/** Whether evidence tells of before the last snapshot that was applied. */
export function isLate(order: Order, { order: shown, execution }: Evidence): boolean {
  if (shown !== null) return isOlder(order, shown.updatedAt);
  const appliedAtMs = order.brokerUpdatedAt === null ? null : parseInstant(order.brokerUpdatedAt);
  return execution !== null && appliedAtMs !== null && execution.atMs < appliedAtMs;
}

/** Whether a snapshot that is not older shows less filled than the books hold. */
export function isShowingLess(order: Order, shown: BrokerOrder | null): boolean {
  if (shown === null || isOlder(order, shown.updatedAt)) return false;
  return shown.filledQuantity < order.filledQuantity;
}

/** Whether these fills are what a snapshot shows: no gap below, its quantity and its money. */
export function areTotalsOfBooks(live: readonly FillInterval[], shown: BrokerOrder): boolean {
  return (
    missingIntervals(live, shown.filledQuantity).length === 0 &&
    areTotalsOf(live, totalsOf(shown.filledQuantity, shown.filledAveragePrice))
  );
}

/**
 * Whether a snapshot that is not older shows as much as the books hold, and yet something else: a
 * trade was taken back that nobody has told, and another one stands that was never told either.
 */
export function isHeldOtherwise(
  order: Order,
  live: readonly FillInterval[],
  shown: BrokerOrder,
): boolean {
  return (
    !isOlder(order, shown.updatedAt) &&
    shown.filledQuantity === order.filledQuantity &&
    !areTotalsOfBooks(live, shown)
  );
}
