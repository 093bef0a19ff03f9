import type { BrokerOrder } from '../../adapters/broker/port.js';
import {
  assert,
  averagePriceRounded,
  epochMs,
  notionalRounded,
  price,
  quantity,
  subtractUsd,
  type Usd,
} from '../../domain/values/index.js';
import type { OrderView } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { applyEvidence, missingFillsOf } from './apply-evidence.js';
import { activityEvidence, type Evidence, snapshotEvidence } from './evidence.js';
import { publishAfter } from './publish-after.js';

/**
 * The broker stamps in market time, and its lists lag its orders: look this much further back than
 * needed.
 */
const OVERLAP_MS = 10 * 60_000;

/**
 * Brings one order of ours up to what the broker shows: the snapshot first; when fills are missing,
 * the executions of the activities; and only when those do not add up, one inferred interval a gap,
 * at the average that is left.
 */
export async function repairOrder(
  world: World,
  shown: BrokerOrder,
  source: 'poll' | 'reconciliation' | 'stream' = 'poll',
): Promise<OrderView> {
  const snapshot = snapshotEvidence(source, shown);
  const first = await applyOne(world, snapshot);
  if (!first.isMissingFills) return first.view;
  const row = await world.reader.orders.byClientOrderId(shown.clientOrderId);
  assert(row !== null, `expected order ${shown.clientOrderId} in the books`);
  const sinceMs = epochMs(row.order.createdAtMs - OVERLAP_MS);
  const activities = await world.broker.fillActivitiesSince(sinceMs);
  for (const activity of activities) {
    if (activity.brokerOrderId !== shown.brokerOrderId) continue;
    await applyOne(
      world,
      activityEvidence(activity, shown.clientOrderId, world.marketClock.nowMs()),
    );
  }
  const second = await applyOne(world, snapshot);
  if (!second.isMissingFills) return second.view;
  for (const evidence of await inferredEvidence(world, shown)) await applyOne(world, evidence);
  return (await applyOne(world, snapshot)).view;
}

async function applyOne(
  world: World,
  evidence: Evidence,
): Promise<{ readonly view: OrderView; readonly isMissingFills: boolean }> {
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
