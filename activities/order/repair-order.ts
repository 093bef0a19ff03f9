import type { BrokerOrder, FillActivity } from '../../adapters/broker/port.js';
import {
  brokerOrderIdOf,
  liveFills,
  type Order,
  withoutOverlaid,
} from '../../domain/order/index.js';
import {
  assert,
  averagePriceRounded,
  epochMs,
  notionalRounded,
  parseInstant,
  price,
  quantity,
  subtractUsd,
  type Usd,
} from '../../domain/values/index.js';
import type { OrderView } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { type AppliedEvidence, applyEvidence, missingFillsOf } from './apply-evidence.js';
import { activityEvidence, type Evidence, snapshotEvidence } from './evidence.js';
import { isHeldElsewhere } from './newness.js';
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
    if (applied.isHoldingMore) latest = await lowerOrder(world, latest, source);
    else if (applied.isMissingFills) await fillGaps(world, latest, source);
    else if (await holdsElsewhere(world, latest)) latest = await lowerOrder(world, latest, source);
    else break;
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
    order.filledQuantity === shown.filledQuantity
  );
}

type RepairSource = 'poll' | 'reconciliation' | 'stream';

/** Filling gaps can show that something must go, and the other way about: once each, and again. */
const ROUNDS_MAX = 3;

async function fillGaps(world: World, shown: BrokerOrder, source: RepairSource): Promise<void> {
  await applyActivities(world, shown);
  const second = await applyOne(world, snapshotEvidence(source, shown));
  if (!second.isMissingFills || second.isHoldingMore) return;
  for (const evidence of await inferredEvidence(world, shown)) await applyOne(world, evidence);
}

async function holdsElsewhere(world: World, shown: BrokerOrder): Promise<boolean> {
  if (shown.filledQuantity === 0) return false;
  const row = await world.reader.orders.byClientOrderId(shown.clientOrderId);
  const live = liveFills(await world.reader.fills.byOrder(shown.clientOrderId));
  return row !== null && isHeldElsewhere(row.order, live, shown);
}

/** The broker took a trade back, and nothing has told which: its totals, seen twice, decide. */
async function lowerOrder(
  world: World,
  shown: BrokerOrder,
  source: RepairSource,
): Promise<BrokerOrder> {
  const again = await world.broker.orderById(shown.brokerOrderId);
  if (again === null) return shown; // Reads lag: the next look decides.
  if (again.filledQuantity === shown.filledQuantity) {
    await applyOne(world, { ...snapshotEvidence(source, again), event: 'lowered' });
  }
  return again;
}

async function applyActivities(world: World, shown: BrokerOrder): Promise<void> {
  const row = await world.reader.orders.byClientOrderId(shown.clientOrderId);
  assert(row !== null, `expected order ${shown.clientOrderId} in the books`);
  // An order that somebody else placed may have filled long before it came into the books.
  const submittedAtMs = parseInstant(shown.submittedAt ?? '') ?? row.order.createdAtMs;
  const sinceMs = epochMs(Math.min(row.order.createdAtMs, submittedAtMs) - OVERLAP_MS);
  const listed = await world.broker.fillActivitiesSince(sinceMs);
  const own = listed.filter(({ brokerOrderId }) => brokerOrderId === shown.brokerOrderId);
  for (const evidence of standingEvidence(world, own, shown.clientOrderId)) {
    // What lies above the broker's own total was taken back, or comes with the next look.
    const end = evidence.execution?.cumulativeAfter ?? shown.filledQuantity;
    if (end <= shown.filledQuantity) await applyOne(world, evidence);
  }
}

/** The activities of one order that still stand, as evidence, oldest first. */
export function standingEvidence(
  world: World,
  activities: readonly FillActivity[],
  clientOrderId: string,
): readonly Evidence[] {
  const nowAtMs = world.marketClock.nowMs();
  const told = activities.map((one) => {
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

/**
 * The gaps that neither stream nor activities explain, at the price that makes the broker's average
 * come true.
 */
async function inferredEvidence(world: World, shown: BrokerOrder): Promise<readonly Evidence[]> {
  const row = await world.reader.orders.byClientOrderId(shown.clientOrderId);
  if (row === null || shown.filledAveragePrice === null) return [];
  // Reads lag: totals of before a gap cannot tell its price; the next look does.
  if (shown.filledQuantity < row.order.brokerFilledQuantity) return [];
  const held = await world.reader.fills.byOrder(shown.clientOrderId);
  const gaps = missingFillsOf(row.order, held);
  const total = notionalRounded(shown.filledAveragePrice, shown.filledQuantity);
  const left = subtractUsd(total, row.order.filledNotional);
  const units = quantity(
    gaps.reduce((sum, gap) => sum + gap.cumulativeAfter - gap.cumulativeBefore, 0),
  );
  if (units === 0) return [];
  const unitPrice = inferredPrice(left, units, shown.filledAveragePrice);
  return gaps.map((gap) => ({
    ...snapshotEvidence('poll', shown),
    event: 'inferred',
    execution: {
      ...gap,
      price: unitPrice,
      executionId: null,
      activityId: null,
      atMs: world.marketClock.nowMs(),
    },
  }));
}

function inferredPrice(
  left: Usd,
  units: ReturnType<typeof quantity>,
  average: number,
): ReturnType<typeof price> {
  return left > 0 ? averagePriceRounded(left, units) : price(average);
}
