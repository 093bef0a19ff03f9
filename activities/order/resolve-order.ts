import type { BrokerOrder } from '../../adapters/broker/port.js';
import type { OrderRow } from '../../adapters/store/port.js';
import { isClosed, isWorking } from '../../domain/order/index.js';
import { assert } from '../../domain/values/index.js';
import type { OrderView } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { completeGroup } from './complete-group.js';
import { SEND_WINDOW_MS } from './gate.js';
import { guardAgainstOverfill } from './guard-overfill.js';
import { viewOf } from './order-view.js';
import { publishAfter } from './publish-after.js';
import { recordFound } from './record-answer.js';
import { repairOrder } from './repair-order.js';
import { recordMiss } from './record-miss.js';
import { watchPending } from './watch-pending.js';

/**
 * Finds out what became of an order whose outcome nobody knows, by looking and never by waiting:
 * found is adopted; not found stays unknown, and is sent again with the same id by the driver while
 * it is still wanted.
 */
export async function resolveOrder(world: World, clientOrderId: string): Promise<OrderView> {
  const row = await world.reader.orders.byClientOrderId(clientOrderId);
  assert(row !== null, `expected order ${clientOrderId} in the books`);
  const { progress } = row.order;
  if (isClosed(progress.state)) return viewOf(row);
  if (isWorking(progress.state)) return pollOrder(world, clientOrderId);
  if (progress.state === 'created') return viewOf(row);
  if (isStillUnderWay(world, row)) return viewOf(row);
  world.crashPoint('before-lookup');
  const found = await world.broker.orderByClientOrderId(clientOrderId);
  world.crashPoint('after-lookup');
  if (found === null) return recordMiss(world, clientOrderId);
  await publishAfter(world, async (transaction) => ({
    view: await recordFound(transaction, world, { order: row.order, found, source: 'poll' }),
  }));
  return bookShown(world, found);
}

/** What an order needs beside its own state: its legs, a limit to what it replaces, an alarm. */
async function followUp(world: World, view: OrderView, shown: BrokerOrder): Promise<void> {
  await completeGroup(world, view.clientOrderId);
  await guardAgainstOverfill(world, view.clientOrderId);
  await watchPending(world, view, shown);
}

/** Asks the broker about an order that it holds, and books what it shows. */
export async function pollOrder(world: World, clientOrderId: string): Promise<OrderView> {
  const row = await world.reader.orders.byClientOrderId(clientOrderId);
  assert(row !== null, `expected order ${clientOrderId} in the books`);
  const shown = await world.broker.orderByClientOrderId(clientOrderId);
  // A lookup that misses is no proof of anything: the lists and the reconciliation decide.
  return shown === null ? viewOf(row) : bookShown(world, shown);
}

/** Books what the broker shows of an order of ours that it holds. */
export async function bookShown(world: World, shown: BrokerOrder): Promise<OrderView> {
  const view = await repairOrder(world, shown);
  await followUp(world, view, shown);
  return view;
}

/**
 * An attempt of this process may reach the wire until its deadline and time-out; one of a dead
 * process cannot.
 */
function isStillUnderWay(world: World, { order }: OrderRow): boolean {
  if (order.progress.state !== 'submitting') return false;
  const beganAtMs = order.progress.sendDeadlineAtMs - SEND_WINDOW_MS;
  if (beganAtMs < world.startedAtWallMs) return false;
  const lastPossibleAtMs = order.progress.sendDeadlineAtMs + world.settings.submitTimeoutMs;
  return world.wallClock.nowMs() <= lastPossibleAtMs;
}
