import type { BrokerOrder } from '../../adapters/broker/port.js';
import { OPEN_STATES } from '../../domain/order/index.js';
import { epochMs } from '../../domain/values/index.js';
import { applyEvidence } from '../order/apply-evidence.js';
import { activityEvidence } from '../order/evidence.js';
import { publishAfter } from '../order/publish-after.js';
import { repairOrder } from '../order/repair-order.js';
import { resolveOrder } from '../order/resolve-order.js';
import type { World } from '../world.js';
import { adoptExternalOrder } from './adopt-external-order.js';

/** Fill activities are read again from this far before the last complete repair. */
const OVERLAP_MS = 10 * 60_000;

export interface RepairReport {
  readonly openAtBroker: number;
  readonly lookedUp: number;
  readonly activities: number;
  readonly external: number;
}

/**
 * Brings the books up to the broker after a gap: every open order of the broker, every order of
 * ours that is open and not among them, and every execution since the last complete repair, with
 * overlap. Says how much it looked at; the cursor moves only when all of it is done.
 */
export async function repairAll(world: World): Promise<RepairReport> {
  const repairedThroughMs = world.marketClock.nowMs();
  const open = await world.broker.openOrders();
  let external = 0;
  for (const shown of open) {
    if (!(await repairShown(world, shown))) external += 1;
  }
  const lookedUp = await repairOwn(world, new Set(open.map((order) => order.clientOrderId)));
  const activities = await repairActivities(world);
  await world.books.transaction(world.account, async (transaction) => {
    const stream = await transaction.streamState.get();
    if (stream !== null) await transaction.streamState.set({ ...stream, repairedThroughMs });
  });
  return { openAtBroker: open.length, lookedUp, activities, external };
}

async function repairShown(world: World, shown: BrokerOrder): Promise<boolean> {
  const row = await world.reader.orders.byClientOrderId(shown.clientOrderId);
  if (row === null) {
    await adoptExternalOrder(world, shown);
    return false;
  }
  await repairOrder(world, shown, 'reconciliation');
  return true;
}

async function repairOwn(world: World, listed: ReadonlySet<string>): Promise<number> {
  const ours = await world.reader.orders.inStates(OPEN_STATES);
  const missing = ours.filter(({ order }) => !listed.has(order.intent.clientOrderId));
  for (const { order } of missing) await resolveOrder(world, order.intent.clientOrderId);
  return missing.length;
}

async function repairActivities(world: World): Promise<number> {
  const stream = await world.reader.streamState.get();
  const account = await world.reader.account();
  const fromMs = stream?.repairedThroughMs ?? account?.createdAtMs ?? world.marketClock.nowMs();
  const activities = await world.broker.fillActivitiesSince(
    epochMs(Math.max(0, fromMs - OVERLAP_MS)),
  );
  for (const activity of activities) {
    const row = await world.reader.orders.byBrokerOrderId(activity.brokerOrderId);
    if (row === null) {
      const shown = await world.broker.orderById(activity.brokerOrderId);
      if (shown !== null) await repairShown(world, shown);
      continue;
    }
    const { filledQuantity, brokerFilledQuantity } = row.order;
    // Without gaps, everything up to here is held: nothing to apply, no transaction to pay for.
    const isWhole = filledQuantity === brokerFilledQuantity;
    if (isWhole && filledQuantity >= activity.cumulativeQuantity) continue;
    const evidence = activityEvidence(
      activity,
      row.order.intent.clientOrderId,
      world.marketClock.nowMs(),
    );
    await publishAfter(world, (transaction) => applyEvidence(transaction, world, evidence));
  }
  return activities.length;
}
