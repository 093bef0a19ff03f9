import type { BrokerOrder, SubmitOutcome } from '../../adapters/broker/port.js';
import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import type { Order } from '../../domain/order/index.js';
import { assert, epochMs } from '../../domain/values/index.js';
import type { OrderView } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { applyEvidence, applyEvidenceTo } from './apply-evidence.js';
import { differenceOf } from './difference.js';
import { enterLegs } from './enter-legs.js';
import { snapshotEvidence } from './evidence.js';
import { viewOf } from './order-view.js';
import { parkOrder } from './park-order.js';
import { writeOrderEvent } from './write-order-event.js';

/**
 * Writes what came back from a POST, before anybody is told. A stream event that overtook it is not
 * undone.
 */
export async function recordAnswer(
  transaction: BooksTransaction,
  world: World,
  { order, outcome }: { readonly order: Order; readonly outcome: SubmitOutcome },
): Promise<OrderView> {
  const { clientOrderId } = order.intent;
  const row = await transaction.orders.byClientOrderId(clientOrderId);
  assert(row !== null, `expected order ${clientOrderId} in the books before its answer`);
  switch (outcome.kind) {
    case 'accepted':
      return recordFound(transaction, world, {
        order: row.order,
        row,
        found: outcome.order,
        source: 'answer',
      });
    case 'refused': {
      const { code, message, raw } = outcome;
      // The id exists, hence the order does: nothing is refused, and a lookup tells what it is.
      if (outcome.duplicate)
        return recordUnknown(transaction, world, { row, reason: message, raw });
      const event = { kind: 'refused', code, message } as const;
      const written = { event, source: 'answer', lastError: message, rawBody: raw } as const;
      return isSettled(row.order)
        ? viewOf(row)
        : viewOf({ order: await writeOrderEvent(transaction, world, { row, ...written }) });
    }
    case 'unknown':
      return recordUnknown(transaction, world, { row, ...outcome });
    case 'not_sent': {
      // An earlier attempt of the same id may have been answered by the stream meanwhile.
      if (isSettled(row.order)) return viewOf(row);
      const event = { kind: 'not_sent' } as const;
      const written = { event, source: 'ordinis', lastError: outcome.reason } as const;
      return viewOf({ order: await writeOrderEvent(transaction, world, { row, ...written }) });
    }
  }
}

async function recordUnknown(
  transaction: BooksTransaction,
  world: World,
  unknown: { readonly row: OrderRow; readonly reason: string; readonly raw: string | null },
): Promise<OrderView> {
  const { row, reason, raw } = unknown;
  const event = {
    kind: 'answer_unknown',
    lastPossibleSendAtMs: epochMs(world.wallClock.nowMs()),
  } as const;
  const written = { event, source: 'answer', lastError: reason, rawBody: raw } as const;
  return viewOf({ order: await writeOrderEvent(transaction, world, { row, ...written }) });
}

/**
 * The stream told about the order before its answer did: the order exists, whatever the answer
 * says.
 */
function isSettled(order: Order): boolean {
  return order.progress.state !== 'submitting';
}

/**
 * Adopts an order that the broker has under our id, after comparing what it holds with what we
 * wished: a difference parks the order and its symbol. The broker's id is known from then on, so
 * that a cancel reaches it.
 */
export async function recordFound(
  transaction: BooksTransaction,
  world: World,
  found: {
    readonly order: Order;
    /** The order's row, where this transaction has read it already. */
    readonly row?: OrderRow;
    readonly found: BrokerOrder;
    readonly source: 'answer' | 'poll' | 'reconciliation';
  },
): Promise<OrderView> {
  const evidence = snapshotEvidence(found.source, found.found);
  const { row } = found;
  const applied =
    row === undefined
      ? await applyEvidence(transaction, world, evidence)
      : await applyEvidenceTo(transaction, world, { row, evidence });
  const { intent } = found.order;
  const { clientOrderId } = intent;
  assert(applied.outcome !== 'no_order', `expected order ${clientOrderId}`);
  await enterLegs(transaction, world, { parent: applied.row, shown: found.found });
  const difference = differenceOf(intent, found.found);
  if (difference === null) return applied.view;
  return parkOrder(transaction, world, { clientOrderId, reason: difference });
}
