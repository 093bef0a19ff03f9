import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import { assert, epochMs } from '../../domain/values/index.js';
import type { OrderView } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { abandonmentEvidence } from './abandon-order.js';
import { viewOf } from './order-view.js';
import { publishAfter } from './publish-after.js';
import { appendOwnEvent, writeOrderEvent } from './write-order-event.js';

/** After how long an order that nobody can prove is told to a person, once each. */
const ESCALATIONS_MS = [60_000, 5 * 60_000, 30 * 60_000, 4 * 3_600_000];

/**
 * Writes that a lookup found nothing: an attempt of a dead process becomes unknown; an unknown
 * order stays so, with one more miss in its history, until the whole proof of its absence is there.
 */
export async function recordMiss(world: World, clientOrderId: string): Promise<OrderView> {
  const evidence = await abandonmentEvidence(world, clientOrderId);
  const { view } = await publishAfter(world, async (transaction) => {
    const row = await transaction.orders.byClientOrderId(clientOrderId);
    assert(row !== null, `expected order ${clientOrderId} in the books`);
    const order = await writeMiss(transaction, world, { row, evidence });
    return { view: viewOf({ order }) };
  });
  return view;
}

async function writeMiss(
  transaction: BooksTransaction,
  world: World,
  { row, evidence }: { readonly row: OrderRow; readonly evidence: string | null },
): Promise<OrderRow['order']> {
  const { progress } = row.order;
  if (progress.state === 'submitting') {
    const lastPossibleSendAtMs = epochMs(
      progress.sendDeadlineAtMs + world.settings.submitTimeoutMs,
    );
    const event = { kind: 'answer_unknown', lastPossibleSendAtMs } as const;
    const lastError = 'the process ended before an answer was recorded';
    return writeOrderEvent(transaction, world, { row, event, source: 'poll', lastError });
  }
  if (progress.state !== 'unknown') return row.order;
  const line = { before: row.order, after: row.order, source: 'poll' } as const;
  await appendOwnEvent(transaction, world, { ...line, event: { kind: 'lookup_missed' } });
  if (evidence !== null) {
    const event = { kind: 'abandoned', evidence } as const;
    return writeOrderEvent(transaction, world, { row, event, source: 'poll' });
  }
  const unknownForMs = world.wallClock.nowMs() - progress.lastPossibleSendAtMs;
  await escalate(transaction, world, { row, unknownForMs });
  return row.order;
}

/** Tells a person that an order is unknown: after a minute, and again ever more rarely. */
async function escalate(
  transaction: BooksTransaction,
  world: World,
  { row, unknownForMs }: { readonly row: OrderRow; readonly unknownForMs: number },
): Promise<void> {
  const level = ESCALATIONS_MS.filter((afterMs) => unknownForMs >= afterMs).length;
  if (level === 0) return;
  const { clientOrderId, symbol } = row.order.intent;
  await transaction.alerts.record({
    alertId: `unknown/${clientOrderId}/${row.order.attempts}/${level}`,
    type: 'api_connectivity',
    severity: 'critical',
    title: `Nobody can prove what became of order ${clientOrderId}`,
    message: `unknown for ${Math.round(unknownForMs / 1_000)} s; it counts as filled at its worst`,
    metadata: JSON.stringify({ clientOrderId, symbol }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  });
}
