import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import { assert, epochMs } from '../../domain/values/index.js';
import type { OrderView } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { abandonmentEvidence } from './abandon-order.js';
import { appendOwnEvent } from './append-event.js';
import { escalate } from './escalate.js';
import { viewOf } from './order-view.js';
import { publishAfter } from './publish-after.js';
import { writeOrderEvent } from './write-order-event.js';

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
  const { clientOrderId } = row.order.intent;
  await escalate(transaction, world, {
    order: row.order,
    subject: `unknown/${clientOrderId}/${row.order.attempts}`,
    waitedMs: world.wallClock.nowMs() - progress.lastPossibleSendAtMs,
    title: `Nobody can prove what became of order ${clientOrderId}`,
    message: 'unknown',
  });
  return row.order;
}
