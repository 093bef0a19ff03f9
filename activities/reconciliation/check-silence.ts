import type { BrokerOrder } from '../../adapters/broker/port.js';
import { eventOfBrokerStatus, isClosed, type Order } from '../../domain/order/index.js';
import { epochMs, parseInstant } from '../../domain/values/index.js';
import type { World } from '../world.js';
import { haltAsNewcomer } from './foreign-writer.js';
import { heldOpenOrders, isExplainable, repairActivities } from './repair-all.js';
import { repairShown } from './repair-shown.js';

/** How far back, in market time, orders are compared that may have ended meanwhile. */
const RECENT_MS = 15 * 60_000;

export interface SilenceReport {
  readonly compared: number;
  /** Client order ids of which the broker showed something that nobody had told. */
  readonly silent: readonly string[];
}

/**
 * Compares what the broker has filled of recent orders, open or over, with what the books hold: a
 * stream that looks healthy can drop single frames. What differs is repaired. Older orders that are
 * still open are compared with the positions, right after this.
 */
export async function checkSilence(world: World): Promise<SilenceReport> {
  const sinceMs = epochMs(Math.max(0, world.marketClock.nowMs() - RECENT_MS));
  const recent = await world.broker.ordersSubmittedSince(sinceMs);
  const held = await heldOpenOrders(world);
  const account = await world.reader.account();
  const silent: string[] = [];
  for (const order of recent) {
    const { clientOrderId } = order;
    const row =
      held.get(clientOrderId) ?? (await world.reader.orders.byClientOrderId(clientOrderId));
    if (row !== null && isKnown(row.order, order)) continue;
    // What ended before the books began is in their opening balance; its sender may still matter.
    if (row === null && isBefore(order, account?.createdAtMs ?? 0)) {
      await haltAsNewcomer(world, order);
      continue;
    }
    silent.push(clientOrderId);
    await repairShown(world, order);
  }
  if (await isGuessing(world)) await repairActivities(world);
  if (silent.length > 0) world.log.warn({ silent }, 'the stream was silent about orders');
  return { compared: recent.length, silent };
}

/** Whether an order was submitted before the books began. */
export function isBefore({ submittedAt }: BrokerOrder, openedAtMs: number): boolean {
  const submittedAtMs = submittedAt === null ? null : parseInstant(submittedAt);
  return submittedAtMs !== null && submittedAtMs < openedAtMs;
}

/** As much filled, and as much over, as the broker shows. */
function isKnown(order: Order, shown: BrokerOrder): boolean {
  if (order.filledQuantity !== shown.filledQuantity) return false;
  return isClosed(order.progress.state) || !hasEnded(shown);
}

/** Whether the broker shows an order as over. */
export function hasEnded({ status }: BrokerOrder): boolean {
  const event = eventOfBrokerStatus(status);
  return (
    status === 'filled' ||
    event === 'reported_canceled' ||
    event === 'reported_expired' ||
    event === 'reported_replaced' ||
    event === 'reported_rejected'
  );
}

async function isGuessing(world: World): Promise<boolean> {
  const inferred = await world.reader.fills.inferred();
  return inferred.some((fill) => isExplainable(world, fill));
}
