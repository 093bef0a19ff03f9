import type { BrokerOrder, FillActivity } from '../../adapters/broker/port.js';
import { OPEN_STATES } from '../../domain/order/index.js';
import { epochMs } from '../../domain/values/index.js';
import { applyEvidence } from '../order/apply-evidence.js';
import { publishAfter } from '../order/publish-after.js';
import { repairOrder, standingEvidence } from '../order/repair-order.js';
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
  const inferred = await world.reader.fills.inferred();
  const sinceMs = Math.min(fromMs, ...inferred.map((fill) => fill.atMs)) - OVERLAP_MS;
  const activities = await world.broker.fillActivitiesSince(epochMs(Math.max(0, sinceMs)));
  const guessed = new Set(inferred.map((fill) => fill.brokerOrderId));
  for (const [brokerOrderId, own] of byOrder(activities)) {
    await repairFromActivities(world, {
      brokerOrderId,
      own,
      isGuessed: guessed.has(brokerOrderId),
    });
  }
  return activities.length;
}

function byOrder(activities: readonly FillActivity[]): ReadonlyMap<string, FillActivity[]> {
  const groups = new Map<string, FillActivity[]>();
  for (const activity of activities) {
    const own = groups.get(activity.brokerOrderId);
    if (own === undefined) groups.set(activity.brokerOrderId, [activity]);
    else own.push(activity);
  }
  return groups;
}

/** An execution says that there is more than the books hold; the order itself says how much. */
async function repairFromActivities(
  world: World,
  listed: {
    readonly brokerOrderId: string;
    readonly own: readonly FillActivity[];
    readonly isGuessed: boolean;
  },
): Promise<void> {
  const { brokerOrderId, own, isGuessed } = listed;
  const row = await world.reader.orders.byBrokerOrderId(brokerOrderId);
  const highest = Math.max(...own.map((one) => one.cumulativeQuantity));
  if (row === null || highest > row.order.brokerFilledQuantity) {
    const shown = await world.broker.orderById(brokerOrderId);
    if (shown !== null) await repairShown(world, shown);
    if (shown !== null || row === null) return;
  }
  // Without gaps and guesses, everything up to here is held: no transaction to pay for.
  const { filledQuantity, brokerFilledQuantity, intent } = row.order;
  if (!isGuessed && filledQuantity === brokerFilledQuantity && filledQuantity >= highest) return;
  for (const evidence of standingEvidence(world, own, intent.clientOrderId)) {
    await publishAfter(world, (transaction) => applyEvidence(transaction, world, evidence));
  }
}
