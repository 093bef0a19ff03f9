import type { BooksTransaction, FillRow, OrderRow } from '../../adapters/store/port.js';
import {
  applyOrderEvent,
  compareBrokerInstants,
  eventOfBrokerStatus,
  isClosed,
  missingIntervals,
  type Order,
  type OrderEvent,
  relateIntervals,
} from '../../domain/order/index.js';
import {
  assert,
  maxQuantity,
  notionalRounded,
  quantity,
  ZERO_USD,
} from '../../domain/values/index.js';
import type { OrderView } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { bookFill, shrinkReservation } from './book-fill.js';
import type { Evidence, Execution } from './evidence.js';
import { viewOf } from './order-view.js';
import { announceChange } from './announce-change.js';

export type AppliedEvidence =
  | {
      readonly outcome: 'applied' | 'repeated' | 'quarantined';
      readonly view: OrderView;
      /** The order as this transaction has left it. */
      readonly row: OrderRow;
      /** The broker has filled more than the books hold: fetch its executions and apply again. */
      readonly isMissingFills: boolean;
    }
  /** No order of ours has this id: external, or not ours to know yet. */
  | { readonly outcome: 'no_order' };

/**
 * An order on its way through one transaction: what it became, and what must be written with it.
 */
interface Draft {
  order: Order;
  hasMoved: boolean;
  quarantine: string | null;
}

/**
 * Applies what the broker told about one order to the books, in the caller's transaction: fills
 * first, since they are exact, then the status. What the books hold already changes nothing; what
 * cannot be parks the order and its symbol.
 */
export async function applyEvidence(
  transaction: BooksTransaction,
  world: World,
  evidence: Evidence,
): Promise<AppliedEvidence> {
  const row = await transaction.orders.byClientOrderId(evidence.clientOrderId);
  if (row === null) return { outcome: 'no_order' };
  return applyEvidenceTo(transaction, world, { row, evidence });
}

/** The same for an order whose row the caller has read or left in this very transaction. */
export async function applyEvidenceTo(
  transaction: BooksTransaction,
  world: World,
  { row, evidence }: { readonly row: OrderRow; readonly evidence: Evidence },
): Promise<Extract<AppliedEvidence, { readonly view: OrderView }>> {
  const draft: Draft = { order: row.order, hasMoved: false, quarantine: null };
  if (evidence.execution !== null) {
    await applyExecution(transaction, world, {
      draft,
      row,
      evidence,
      execution: evidence.execution,
    });
  }
  const isMissingFills = observeCumulative(draft, evidence);
  await applyStatus(transaction, world, { draft, row, evidence, isMissingFills });
  if (draft.quarantine !== null && !(await isParkedFor(transaction, draft))) {
    await park(transaction, world, draft);
  }
  if (draft.order !== row.order) {
    await transaction.orders.update(draft.order, row.order.version, { rawBody: evidence.raw });
  }
  if (draft.hasMoved) {
    const hasClosed = isClosed(draft.order.progress.state);
    const hasFilled = draft.order.filledQuantity !== row.order.filledQuantity;
    if (hasClosed || hasFilled) await shrinkReservation(transaction, draft.order, hasClosed);
    await announceChange(transaction, world, { before: row.order, after: draft.order });
  }
  return {
    outcome: draft.quarantine !== null ? 'quarantined' : draft.hasMoved ? 'applied' : 'repeated',
    view: viewOf({ order: draft.order }),
    row: draft.order === row.order ? row : { ...row, order: draft.order, rawBody: evidence.raw },
    isMissingFills,
  };
}

interface Step {
  readonly draft: Draft;
  readonly row: OrderRow;
  readonly evidence: Evidence;
}

async function applyExecution(
  transaction: BooksTransaction,
  world: World,
  step: Step & { readonly execution: Execution },
): Promise<void> {
  const { draft, evidence, execution } = step;
  const held = await transaction.fills.byOrder(evidence.clientOrderId);
  const relations = held.map((fill) => relateIntervals(fill, execution));
  if (relations.includes('inside')) return; // Told before, by the stream, a poll or the activities.
  if (relations.includes('overlapping')) {
    draft.quarantine = 'an execution overlaps fills that the books hold';
    return;
  }
  const fill = fillRowOf(world, step);
  const event: OrderEvent = {
    kind: 'filled',
    brokerOrderId: evidence.brokerOrderId,
    interval: fill,
  };
  if (await move(transaction, world, { ...step, event }))
    await bookFill(transaction, draft.order, fill);
}

function fillRowOf(world: World, step: Step & { readonly execution: Execution }): FillRow {
  const { row, evidence, execution } = step;
  const { intent } = row.order;
  const units = quantity(execution.cumulativeAfter - execution.cumulativeBefore);
  const isInferred = evidence.event === 'inferred';
  return {
    fillId: `${evidence.brokerOrderId}/${execution.cumulativeBefore}-${execution.cumulativeAfter}`,
    clientOrderId: evidence.clientOrderId,
    brokerOrderId: evidence.brokerOrderId,
    strategy: intent.strategy,
    symbol: intent.symbol,
    side: intent.side,
    cumulativeBefore: execution.cumulativeBefore,
    cumulativeAfter: execution.cumulativeAfter,
    price: execution.price,
    notional: notionalRounded(execution.price, units),
    fee: ZERO_USD,
    kind: isInferred ? 'inferred' : 'execution',
    reversesFillId: null,
    executionId: execution.executionId,
    activityId: execution.activityId,
    eventId: evidence.source === 'stream' ? evidence.eventId : null,
    source: evidence.source,
    atMs: execution.atMs,
    recordedAtWallMs: world.wallClock.nowMs(),
  };
}

/** Notes the broker's cumulative quantity; true when it shows more than the books hold. */
function observeCumulative(draft: Draft, evidence: Evidence): boolean {
  const shown = evidence.order?.filledQuantity ?? evidence.execution?.cumulativeAfter;
  if (shown === undefined) return false;
  const highest = maxQuantity(draft.order.brokerFilledQuantity, shown);
  if (highest !== draft.order.brokerFilledQuantity) {
    draft.order = { ...draft.order, brokerFilledQuantity: highest };
  }
  return highest > draft.order.filledQuantity;
}

async function applyStatus(
  transaction: BooksTransaction,
  world: World,
  step: Step & { readonly isMissingFills: boolean },
): Promise<void> {
  const { draft, evidence, isMissingFills } = step;
  const snapshot = evidence.order;
  if (snapshot === null || isOlder(draft.order, snapshot.updatedAt)) return;
  const kind = reportedKind(evidence);
  if (kind === null) {
    draft.quarantine = `the broker gave a status that nobody has decided about: ${snapshot.status}`;
    return;
  }
  const isEnd =
    kind === 'reported_canceled' ||
    kind === 'reported_expired' ||
    kind === 'reported_replaced' ||
    kind === 'reported_rejected';
  // An end is booked after the fills that led to it, or its exposure would be forgotten before it
  // is counted.
  if (isEnd && isMissingFills) return;
  draft.order = {
    ...draft.order,
    brokerStatus: snapshot.status,
    brokerUpdatedAt: snapshot.updatedAt ?? draft.order.brokerUpdatedAt,
  };
  await move(transaction, world, {
    ...step,
    event: { kind, brokerOrderId: evidence.brokerOrderId },
  });
}

function reportedKind(
  evidence: Evidence,
): ReturnType<typeof eventOfBrokerStatus> | 'cancel_rejected' | 'replace_rejected' {
  if (evidence.event === 'order_cancel_rejected') return 'cancel_rejected';
  if (evidence.event === 'order_replace_rejected') return 'replace_rejected';
  return evidence.order === null ? null : eventOfBrokerStatus(evidence.order.status);
}

function isOlder(order: Order, updatedAt: string | null): boolean {
  if (updatedAt === null || order.brokerUpdatedAt === null) return false;
  return compareBrokerInstants(updatedAt, order.brokerUpdatedAt) < 0;
}

/** Takes one event through the table and writes its line; true when the order moved. */
async function move(
  transaction: BooksTransaction,
  world: World,
  step: Step & { readonly event: OrderEvent },
): Promise<boolean> {
  const { draft, evidence, event } = step;
  const applied = applyOrderEvent(draft.order, event, world.marketClock.nowMs());
  if (applied.outcome === 'repeated') return false;
  if (applied.outcome === 'impossible') {
    draft.quarantine = `${event.kind} in state ${draft.order.progress.state}: ${applied.why}`;
    return false;
  }
  await transaction.orders.appendEvent({
    clientOrderId: evidence.clientOrderId,
    kind: event.kind,
    fromState: draft.order.progress.state,
    toState: applied.order.progress.state,
    outcome: 'moved',
    source: evidence.source,
    detail: JSON.stringify(event),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
  });
  draft.order = applied.order;
  draft.hasMoved = true;
  return true;
}

/** Whether the order was parked for this very reason: the same evidence comes with every poll. */
async function isParkedFor(transaction: BooksTransaction, draft: Draft): Promise<boolean> {
  if (draft.order.parkedReason === null) return false;
  const detail = JSON.stringify({ reason: draft.quarantine });
  const history = await transaction.orders.eventsOf(draft.order.intent.clientOrderId);
  return history.some((line) => line.outcome === 'quarantined' && line.detail === detail);
}

/**
 * Leaves the order as it is, at its worst case, and stops new entries of its symbol until a person
 * has looked.
 */
async function park(transaction: BooksTransaction, world: World, draft: Draft): Promise<void> {
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
  const draft: Draft = { order: row.order, hasMoved: false, quarantine: reason };
  await park(transaction, world, draft);
  await transaction.orders.update(draft.order, row.order.version);
  await announceChange(transaction, world, { before: row.order, after: draft.order });
  return viewOf({ order: draft.order });
}

/** The pieces that the broker has filled and the books do not hold. */
export function missingFillsOf(
  order: Order,
  held: readonly Pick<FillRow, 'cumulativeBefore' | 'cumulativeAfter'>[],
): ReturnType<typeof missingIntervals> {
  return missingIntervals(held, order.brokerFilledQuantity);
}
