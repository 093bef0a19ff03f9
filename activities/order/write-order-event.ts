import type { BooksTransaction, EvidenceSource, OrderRow } from '../../adapters/store/port.js';
import {
  applyOrderEvent,
  isClosed,
  type Order,
  type OrderEvent,
} from '../../domain/order/index.js';
import { assert } from '../../domain/values/index.js';
import type { World } from '../world.js';
import { announceChange } from './announce-change.js';
import { appendOwnEvent } from './append-event.js';
import { shrinkReservation } from './reservation.js';
import { undoReplacement } from './undo-replacement.js';

export interface OwnEvent {
  readonly row: OrderRow;
  /** The order is not in the books yet: it enters as what this event makes of it. */
  readonly isNew?: boolean;
  readonly event: OrderEvent;
  readonly source: EvidenceSource;
  readonly lastError?: string | null;
  readonly rawBody?: string | null;
  /** What is asked with a send that begins. */
  readonly request?: string;
}

/**
 * Writes an event of our own making (a send begun, an answer classified): repeated evidence writes
 * nothing, and what the table calls impossible is a broken invariant of ours.
 */
export async function writeOrderEvent(
  transaction: BooksTransaction,
  world: World,
  { row, isNew = false, event, source, request, ...beside }: OwnEvent,
): Promise<Order> {
  const before = row.order;
  const applied = applyOrderEvent(before, event, world.marketClock.nowMs());
  const { clientOrderId } = before.intent;
  assert(
    applied.outcome !== 'impossible',
    `order ${clientOrderId}: ${event.kind} in state ${before.progress.state} cannot be`,
  );
  if (applied.outcome === 'repeated') return before;
  const { order } = applied;
  if (isNew) await enterOrder(transaction, world, { row, order });
  else await transaction.orders.update(order, before.version, beside);
  const raw = request ?? beside.rawBody ?? null;
  await appendOwnEvent(transaction, world, { before, after: order, event, source, raw });
  // A send that began changes nothing for anybody else; it is in the order's own history.
  if (event.kind === 'send_began') return order;
  await shrinkReservation(transaction, order, isClosed(order.progress.state));
  await announceChange(transaction, world, { before, after: order });
  await undoReplacement(transaction, world, { ...row, order });
  return order;
}

/** One insert instead of an insert and an update; the history still tells both steps. */
async function enterOrder(
  transaction: BooksTransaction,
  world: World,
  { row, order }: { readonly row: OrderRow; readonly order: Order },
): Promise<void> {
  await transaction.orders.create({ ...row, order });
  await appendOwnEvent(transaction, world, {
    before: null,
    after: row.order,
    event: { kind: 'created' },
    source: 'ordinis',
  });
}
