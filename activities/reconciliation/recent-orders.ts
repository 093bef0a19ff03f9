import type { BrokerOrder } from '../../adapters/broker/port.js';
import type { OrderRow } from '../../adapters/store/port.js';
import { epochMs } from '../../domain/values/index.js';
import type { World } from '../world.js';

/** From here on one list of recent orders costs the broker's request budget less than lookups. */
const LOOKUPS_MAX = 3;
/** Older orders are looked up one by one: a list of everything since would be long. */
const LISTED_BACK_MS = 24 * 3_600_000;
const SECOND_MS = 1_000;

/**
 * What one list shows of orders of ours, by client order id, whatever has become of them. Few are
 * left out, as are those that are older than it reaches: to look them up is for the caller.
 */
export async function recentlyShown(
  world: World,
  wanted: readonly OrderRow[],
): Promise<ReadonlyMap<string, BrokerOrder>> {
  if (wanted.length <= LOOKUPS_MAX) return new Map();
  const oldestMs = Math.min(...wanted.map(({ order }) => order.intent.decidedAtMs)) - SECOND_MS;
  const sinceMs = Math.max(0, oldestMs, world.marketClock.nowMs() - LISTED_BACK_MS);
  const recent = await world.broker.ordersSubmittedSince(epochMs(sinceMs));
  return new Map(recent.map((shown) => [shown.clientOrderId, shown]));
}
