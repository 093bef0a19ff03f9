import type { BooksTransaction } from '../../adapters/store/port.js';
import { assert } from '../../domain/values/index.js';
import type { OrderView } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { announceChange } from './announce-change.js';
import { NOTHING_SAID } from './append-event.js';
import type { Draft } from './order-draft.js';
import { viewOf } from './order-view.js';

/** Whether the order was parked for this very reason: the same evidence comes with every poll. */
export async function isParkedFor(transaction: BooksTransaction, draft: Draft): Promise<boolean> {
  if (draft.order.parkedReason === null) return false;
  const detail = JSON.stringify({ reason: draft.quarantine });
  const history = await transaction.orders.eventsOf(draft.order.intent.clientOrderId);
  return history.some((line) => line.outcome === 'quarantined' && line.detail === detail);
}

/**
 * Leaves the order as it is, at its worst case, and stops new entries of its symbol until a person
 * has looked.
 */
export async function park(
  transaction: BooksTransaction,
  world: World,
  draft: Draft,
): Promise<void> {
  const reason = draft.quarantine ?? 'parked';
  const { clientOrderId, symbol } = draft.order.intent;
  const state = draft.order.progress.state;
  await transaction.orders.appendEvent({
    clientOrderId,
    kind: 'quarantined',
    fromState: state,
    toState: state,
    outcome: 'quarantined',
    source: 'ordinis',
    detail: JSON.stringify({ reason }),
    ...NOTHING_SAID,
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
  });
  draft.order = {
    ...draft.order,
    parkedReason: reason,
    version: draft.order.version + (draft.hasMoved ? 0 : 1),
  };
  draft.hasMoved = true;
  const instrument = await transaction.instruments.bySymbol(symbol);
  if (instrument !== null) {
    await transaction.instruments.upsert({ ...instrument, parkedReason: reason });
  }
  await transaction.alerts.record({
    alertId: `quarantine/${clientOrderId}/${draft.order.version}`,
    type: 'position_reconciliation',
    severity: 'critical',
    title: `Order ${clientOrderId} is parked`,
    message: reason,
    metadata: JSON.stringify({ clientOrderId, symbol }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  });
}

/** Parks an order for a reason found outside of its events, and returns what it is now. */
export async function parkOrder(
  transaction: BooksTransaction,
  world: World,
  { clientOrderId, reason }: { readonly clientOrderId: string; readonly reason: string },
): Promise<OrderView> {
  const row = await transaction.orders.byClientOrderId(clientOrderId);
  assert(row !== null, `expected order ${clientOrderId} in the books`);
  if (row.order.parkedReason === reason) return viewOf(row);
  const draft: Draft = {
    order: row.order,
    hasMoved: false,
    quarantine: reason,
    isToldBefore: false,
    isHoldingMore: false,
    isHoldingGuess: false,
  };
  await park(transaction, world, draft);
  await transaction.orders.update(draft.order, row.order.version);
  await announceChange(transaction, world, { before: row.order, after: draft.order });
  return viewOf({ order: draft.order });
}
