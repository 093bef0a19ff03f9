import type { FillActivity } from '../../adapters/broker/port.js';
import type { FillRow, OrderRow } from '../../adapters/store/port.js';
import { isWorking, liveFills, missingIntervals, OPEN_STATES } from '../../domain/order/index.js';
import { type EpochMs, epochMs, parseInstant } from '../../domain/values/index.js';
import { applyEvidence } from '../order/apply-evidence.js';
import { completeGroup } from '../order/complete-group.js';
import { publishAfter } from '../order/publish-after.js';
import { holdsAll, standingEvidence } from '../order/repair-order.js';
import { bookShown, resolveOrder } from '../order/resolve-order.js';
import type { World } from '../world.js';
import { recentlyShown } from './recent-orders.js';
import { repairShown, type ShownRepair } from './repair-shown.js';

/** Fill activities are read again from this far before the last complete repair. */
const OVERLAP_MS = 10 * 60_000;

export interface RepairReport {
  readonly openAtBroker: number;
  readonly lookedUp: number;
  readonly activities: number;
  readonly external: number;
  /** Orders of which nobody can say yet whose they are: the cursor waits for them. */
  readonly later: number;
}

/**
 * Brings the books up to the broker after a gap: every open order of the broker, every order of
 * ours that is open and not among them, and every execution since the last complete repair, with
 * overlap. Says how much it looked at; the cursor moves only when all of it is done.
 */
export async function repairAll(world: World): Promise<RepairReport> {
  const repairedThroughMs = world.marketClock.nowMs();
  const open = await world.broker.openOrders();
  const held = await heldOpenOrders(world);
  const repairs: ShownRepair[] = [];
  for (const shown of open) {
    const row = held.get(shown.clientOrderId);
    const isKnown = row !== undefined && holdsAll(row.order, shown);
    repairs.push(isKnown ? 'own' : await repairShown(world, shown));
    // Legs that wait are on no list of open orders: nothing else here leads to them.
    if (!isKnown) await completeGroup(world, shown.clientOrderId);
  }
  const listed = new Set(open.map((order) => order.clientOrderId));
  const lookedUp = await repairUnlisted(world, held, listed);
  const activities = await repairActivities(world);
  world.crashPoint('before-cursor');
  repairs.push(...activities.repairs);
  const later = repairs.filter((repair) => repair === 'later').length;
  if (later === 0) await moveCursor(world, repairedThroughMs);
  const external = repairs.filter((repair) => repair === 'external').length;
  return { openAtBroker: open.length, lookedUp, activities: activities.count, external, later };
}

/**
 * Our open orders by client order id, in one reading: a restart may find a thousand of them.
 */
export async function heldOpenOrders(world: World): Promise<ReadonlyMap<string, OrderRow>> {
  const rows = await world.reader.orders.inStates(OPEN_STATES);
  return new Map(rows.map((row) => [row.order.intent.clientOrderId, row]));
}

/** Never back: of two repairs that overlap the later one knows more. */
async function moveCursor(world: World, toMs: EpochMs): Promise<void> {
  await world.books.transaction(world.account, async (transaction) => {
    const stream = await transaction.streamState.get();
    if (stream === null || stream.repairedThroughMs >= toMs) return;
    await transaction.streamState.set({ ...stream, repairedThroughMs: toMs });
  });
}

/** Orders of ours that the broker does not list as open: ended, never received, or waiting legs. */
async function repairUnlisted(
  world: World,
  held: ReadonlyMap<string, OrderRow>,
  listed: ReadonlySet<string>,
): Promise<number> {
  const unlisted = [...held.values()].filter(
    ({ order }) => !listed.has(order.intent.clientOrderId),
  );
  const shown = await recentlyShown(world, unlisted.filter(isPlain));
  for (const row of unlisted) {
    const { clientOrderId } = row.order.intent;
    const own = isPlain(row) ? shown.get(clientOrderId) : undefined;
    if (own !== undefined) await bookShown(world, own);
    else await resolveOrder(world, clientOrderId);
  }
  return unlisted.length;
}

/** The broker has it and nothing hangs on it: to book what a list shows of it is all. */
function isPlain({ order, parent }: OrderRow): boolean {
  const isAlone = order.intent.orderClass === 'simple' || parent !== null;
  return isAlone && isWorking(order.progress.state);
}

/** Older guesses that no execution has explained by then are left as they are. */
const GUESSED_MS_MAX = 24 * 3_600_000;

/** Whether the broker may still list the execution that an inferred fill stands for. */
export function isExplainable({ marketClock }: World, { atMs }: FillRow): boolean {
  return marketClock.nowMs() - atMs <= GUESSED_MS_MAX;
}

/**
 * Books what the list of executions tells and the books lack, from the last complete repair on, and
 * from the oldest inferred fill on that it may still explain.
 */
export async function repairActivities(
  world: World,
): Promise<{ readonly count: number; readonly repairs: readonly ShownRepair[] }> {
  const stream = await world.reader.streamState.get();
  const account = await world.reader.account();
  const fromMs = stream?.repairedThroughMs ?? account?.createdAtMs ?? world.marketClock.nowMs();
  const inferred = await world.reader.fills.inferred();
  const explainable = inferred.filter((fill) => isExplainable(world, fill));
  const sinceMs = Math.min(fromMs, ...explainable.map((fill) => fill.atMs)) - OVERLAP_MS;
  // What was executed before the books began is in their opening balance.
  const beganAtMs = account?.createdAtMs ?? epochMs(0);
  const listed = await world.broker.fillActivitiesSince(epochMs(Math.max(0, sinceMs)));
  const activities = listed.filter(({ at }) => (parseInstant(at) ?? beganAtMs) >= beganAtMs);
  const guessed = new Set(inferred.map((fill) => fill.brokerOrderId));
  const repairs: ShownRepair[] = [];
  for (const [brokerOrderId, own] of byOrder(activities)) {
    const repair = await repairFromActivities(world, {
      brokerOrderId,
      own,
      isGuessed: guessed.has(brokerOrderId),
    });
    repairs.push(repair);
  }
  return { count: activities.length, repairs };
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
): Promise<ShownRepair> {
  const { brokerOrderId, own, isGuessed } = listed;
  const row = await world.reader.orders.byBrokerOrderId(brokerOrderId);
  const highest = Math.max(...own.map((one) => one.cumulativeQuantity));
  if (row === null || highest > row.order.brokerFilledQuantity) {
    const shown = await world.broker.orderById(brokerOrderId);
    if (shown !== null) return repairShown(world, shown);
    // An execution of an order that cannot be read yet: reads lag.
    if (row === null) return 'later';
  }
  const { filledQuantity, brokerFilledQuantity, intent } = row.order;
  if (!isGuessed && filledQuantity === brokerFilledQuantity && filledQuantity >= highest) {
    const live = liveFills(await world.reader.fills.byOrder(intent.clientOrderId));
    // Without gaps and guesses, everything up to here is held: no transaction to pay for.
    if (missingIntervals(live, filledQuantity).length === 0) return 'own';
    const shown = await world.broker.orderById(brokerOrderId);
    return shown === null ? 'later' : repairShown(world, shown);
  }
  for (const evidence of standingEvidence(world, own, intent.clientOrderId)) {
    await publishAfter(world, (transaction) => applyEvidence(transaction, world, evidence));
  }
  const shown = isGuessed ? await world.broker.orderById(brokerOrderId) : null;
  return shown === null ? 'own' : repairShown(world, shown);
}
