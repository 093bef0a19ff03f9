import type { BrokerOrder, FillActivity } from '../../adapters/broker/port.js';
import type { OrderRow } from '../../adapters/store/port.js';
import {
  brokerOrderIdOf,
  holdsGuess,
  isMoneyOf,
  liveFills,
  type Order,
  totalsOf,
  withoutOverlaid,
} from '../../domain/order/index.js';
import { assert, epochMs, parseInstant, quantity } from '../../domain/values/index.js';
import type { OrderView } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { type AppliedEvidence, applyEvidence } from './apply-evidence.js';
import {
  activityEvidence,
  type Evidence,
  isInPlace,
  listedExecutions,
  snapshotEvidence,
} from './evidence.js';
import { isHeldOtherwise } from './newness.js';
import { publishAfter } from './publish-after.js';

/**
 * The broker stamps in market time, and its lists lag its orders: look this much further back than
 * needed.
 */
const OVERLAP_MS = 10 * 60_000;

/**
 * Brings one order of ours to what the broker shows: the snapshot first; when fills are missing,
 * the executions of the activities; and only when those do not add up, one inferred interval a gap,
 * at the average that is left. When the books hold more than the broker shows, it is asked again,
 * and a second look that agrees takes the rest back.
 */
export async function repairOrder(
  world: World,
  shown: BrokerOrder,
  source: RepairSource = 'poll',
): Promise<OrderView> {
  let latest = shown;
  let applied = await applyOne(world, snapshotEvidence(source, latest));
  world.crashPoint('in-repair');
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const isMissing = applied.isMissingFills && !applied.isHoldingMore;
    if (isMissing) latest = await fillGaps(world, latest, source);
    else if (applied.isHoldingMore || (await holdsOtherwise(world, latest, round))) {
      latest = await bringToTotals(world, latest, source);
    } else break;
    applied = await applyOne(world, snapshotEvidence(source, latest));
  }
  return applied.view;
}

/**
 * Whether the books hold everything that a snapshot shows, so that nothing would be written: the
 * same order, its last change seen already, and as many units filled as it shows. An order of a
 * group is always looked at: its legs may be missing.
 */
export function holdsAll(order: Order, shown: BrokerOrder): boolean {
  return (
    order.intent.orderClass === 'simple' &&
    brokerOrderIdOf(order) === shown.brokerOrderId &&
    shown.updatedAt !== null &&
    order.brokerUpdatedAt === shown.updatedAt &&
    order.brokerStatus === shown.status &&
    order.brokerFilledQuantity === shown.filledQuantity &&
    order.filledQuantity === shown.filledQuantity &&
    isMoneyOf(order.filledNotional, totalsOf(shown.filledQuantity, shown.filledAveragePrice))
  );
}

/** Who found that an order has to be repaired. */
export type RepairSource = 'poll' | 'reconciliation' | 'stream';

/** Filling gaps can show that something must go, and the other way about: once each, and again. */
const ROUNDS_MAX = 3;

async function fillGaps(
  world: World,
  shown: BrokerOrder,
  source: RepairSource,
): Promise<BrokerOrder> {
  await applyActivities(world, shown);
  const second = await applyOne(world, snapshotEvidence(source, shown));
  const isRight = !second.isMissingFills && !second.isHoldingMore;
  return isRight ? shown : bringToTotals(world, shown, source);
}

/** Something else than is shown; or, once a repair, as much of which some is only a guess. */
async function holdsOtherwise(world: World, shown: BrokerOrder, round: number): Promise<boolean> {
  if (shown.filledQuantity === 0) return false;
  const row = await world.reader.orders.byClientOrderId(shown.clientOrderId);
  const live = liveFills(await world.reader.fills.byOrder(shown.clientOrderId));
  const isGuessed = round === 0 && holdsGuess(live);
  return row !== null && (isGuessed || isHeldOtherwise(row.order, live, shown));
}

/** Nothing told makes the totals of the broker: seen twice, they decide. */
async function bringToTotals(
  world: World,
  shown: BrokerOrder,
  source: RepairSource,
): Promise<BrokerOrder> {
  const again = await world.broker.orderById(shown.brokerOrderId);
  if (again === null) return shown; // Reads lag: the next look decides.
  if (
    again.filledQuantity === shown.filledQuantity &&
    again.filledAveragePrice === shown.filledAveragePrice
  ) {
    const listed = listedExecutions(await listedOf(world, again), world.marketClock.nowMs());
    await applyOne(world, { ...snapshotEvidence(source, again), event: 'totals', listed });
  }
  return again;
}

async function applyActivities(world: World, shown: BrokerOrder): Promise<void> {
  const own = await listedOf(world, shown);
  for (const evidence of standingEvidence(world, own, shown.clientOrderId)) {
    // What lies above the broker's own total was taken back, or comes with the next look.
    const end = evidence.execution?.cumulativeAfter ?? shown.filledQuantity;
    if (end <= shown.filledQuantity) await applyOne(world, evidence);
  }
}

/** What the broker lists of the executions of one order. */
async function listedOf(world: World, shown: BrokerOrder): Promise<readonly FillActivity[]> {
  const row = await world.reader.orders.byClientOrderId(shown.clientOrderId);
  assert(row !== null, `expected order ${shown.clientOrderId} in the books`);
  // An order that somebody else placed may have filled long before it came into the books.
  const submittedAtMs = parseInstant(shown.submittedAt ?? '') ?? row.order.createdAtMs;
  const sinceMs = epochMs(Math.min(row.order.createdAtMs, submittedAtMs) - OVERLAP_MS);
  const listed = await world.broker.fillActivitiesSince(sinceMs);
  const own = listed.filter(({ brokerOrderId }) => brokerOrderId === shown.brokerOrderId);
  await tellOdd(world, row, own);
  return own;
}

/** A line that tells no trade in its place is told to a person, once; it stops nothing. */
async function tellOdd(
  world: World,
  { order }: OrderRow,
  listed: readonly FillActivity[],
): Promise<void> {
  const odd = listed.filter((one) => !isInPlace(one));
  if (odd.length === 0) return;
  const { clientOrderId, symbol } = order.intent;
  await world.books.transaction(world.account, async (transaction) => {
    for (const { activityId, raw } of odd) {
      await transaction.alerts.record({
        alertId: `odd-execution/${activityId}`,
        type: 'position_reconciliation',
        severity: 'warning',
        title: `The broker lists an execution of ${symbol} that cannot be placed`,
        message: `the totals of order ${clientOrderId} decide; the line is ${raw}`,
        metadata: JSON.stringify({ clientOrderId, symbol, activityId }),
        atMs: world.marketClock.nowMs(),
        recordedAtWallMs: world.wallClock.nowMs(),
        acknowledgedBy: null,
      });
    }
  });
}

/** The activities of one order that still stand, as evidence, oldest first. */
export function standingEvidence(
  world: World,
  activities: readonly FillActivity[],
  clientOrderId: string,
): readonly Evidence[] {
  const nowAtMs = world.marketClock.nowMs();
  const told = activities.filter(isInPlace).map((one) => {
    const evidence = activityEvidence(one, clientOrderId, nowAtMs);
    const cumulativeBefore = quantity(one.cumulativeQuantity - one.quantity);
    return { evidence, cumulativeBefore, cumulativeAfter: one.cumulativeQuantity };
  });
  return withoutOverlaid(told).map(({ evidence }) => evidence);
}

async function applyOne(
  world: World,
  evidence: Evidence,
): Promise<Extract<AppliedEvidence, { readonly view: OrderView }>> {
  const applied = await publishAfter(world, (transaction) =>
    applyEvidence(transaction, world, evidence),
  );
  assert(applied.outcome !== 'no_order', `expected order ${evidence.clientOrderId} in the books`);
  return applied;
}
