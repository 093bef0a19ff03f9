import type { BrokerOrder } from '../../adapters/broker/port.js';
import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import {
  brokerOrderIdOf,
  eventOfBrokerStatus,
  holdsGuess,
  isReopenedBy,
  liveFills,
  type OrderEvent,
} from '../../domain/order/index.js';
import { maxQuantity, type Quantity } from '../../domain/values/index.js';
import type { OrderView } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { announceChange } from './announce-change.js';
import { applyExecution } from './apply-execution.js';
import { applyTotals } from './apply-totals.js';
import { applyTradeChange } from './apply-trade-change.js';
import { mistakenIdentityOf } from './difference.js';
import type { Evidence } from './evidence.js';
import { compareWithApplied, isLate, isOlder, isShowingLess } from './newness.js';
import { noteTurnedDown } from './note-turned-down.js';
import { type Draft, move, type Step } from './order-draft.js';
import { viewOf } from './order-view.js';
import { isParkedFor, park } from './park-order.js';
import { adjustReservation } from './reservation.js';
import { undoReplacement } from './undo-replacement.js';

export type AppliedEvidence =
  | {
      readonly outcome: 'applied' | 'repeated' | 'quarantined';
      readonly view: OrderView;
      /** The order as this transaction has left it. */
      readonly row: OrderRow;
      /** The broker has filled more than the books hold: fetch its executions and apply again. */
      readonly isMissingFills: boolean;
      /** The broker shows less than the books hold, and nothing has told why: ask it again. */
      readonly isHoldingMore: boolean;
      /** What was told may explain a guess of the books, and has not done so by itself. */
      readonly isHoldingGuess: boolean;
    }
  /** No order of ours has this id: external, or not ours to know yet. */
  | { readonly outcome: 'no_order' };

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
  const draft: Draft = {
    order: row.order,
    hasMoved: false,
    quarantine: null,
    isToldBefore: false,
    isHoldingMore: false,
    isHoldingGuess: false,
  };
  const step: Step = { draft, row, evidence };
  const isMissingFills = await applyTold(transaction, world, step);
  if (draft.quarantine !== null && !(await isParkedFor(transaction, draft))) {
    await park(transaction, world, draft);
  }
  if (draft.order !== row.order) {
    await transaction.orders.update(draft.order, row.order.version, { rawBody: evidence.raw });
  }
  if (draft.hasMoved) {
    await adjustReservation(transaction, row.order, draft.order);
    await announceChange(transaction, world, { before: row.order, after: draft.order });
    await undoReplacement(transaction, world, { ...row, order: draft.order });
  }
  return {
    outcome: draft.quarantine !== null ? 'quarantined' : draft.hasMoved ? 'applied' : 'repeated',
    view: viewOf({ order: draft.order }),
    row: draft.order === row.order ? row : { ...row, order: draft.order, rawBody: evidence.raw },
    isMissingFills,
    isHoldingMore: draft.isHoldingMore,
    isHoldingGuess: draft.isHoldingGuess,
  };
}

/** True: the broker has filled more of the order than the books hold. */
async function applyTold(
  transaction: BooksTransaction,
  world: World,
  step: Step,
): Promise<boolean> {
  const { draft, row, evidence } = step;
  const shown = evidence.order;
  const mistaken = shown === null ? null : mistakenIdentityOf(row.order.intent, shown);
  if (shown !== null && mistaken !== null) {
    // What of it has filled is not ours to book; that it is there, and its end, are.
    await applyStatus(transaction, world, { ...step, isMissingFills: shown.filledQuantity > 0 });
    draft.quarantine = mistaken;
    return false;
  }
  // Larger before its fills, that they may fit; smaller after them, that it may be filled by it.
  if (isGrowth(step)) await applyQuantity(transaction, world, step);
  await applyFills(transaction, world, step);
  const isMissingFills = observeCumulative(draft, evidence);
  await applyStatus(transaction, world, { ...step, isMissingFills });
  await applyQuantity(transaction, world, step);
  return isMissingFills;
}

async function applyFills(transaction: BooksTransaction, world: World, step: Step): Promise<void> {
  const { execution, change, event } = step.evidence;
  if (execution !== null) await applyExecution(transaction, world, { ...step, execution });
  if (change !== null) await applyTradeChange(transaction, world, { ...step, change });
  if (event === 'totals') {
    await applyTotals(transaction, world, { ...step, mayInferMissing: true });
  }
  if (step.draft.isHoldingGuess) step.draft.isHoldingGuess = await holdsGuessNow(transaction, step);
}

async function holdsGuessNow(transaction: BooksTransaction, { evidence }: Step): Promise<boolean> {
  return holdsGuess(liveFills(await transaction.fills.byOrder(evidence.clientOrderId)));
}

/**
 * Notes the broker's cumulative quantity; true when it shows more than the books hold. What tells
 * of before the last snapshot changes nothing.
 */
function observeCumulative(draft: Draft, evidence: Evidence): boolean {
  if (isShowingLess(draft.order, evidence.order)) draft.isHoldingMore = true;
  const brokerFilledQuantity = shownCumulative(draft, evidence);
  if (brokerFilledQuantity !== draft.order.brokerFilledQuantity) {
    draft.order = { ...draft.order, brokerFilledQuantity };
  }
  return brokerFilledQuantity > draft.order.filledQuantity;
}

/**
 * Of two snapshots of one instant the higher one counts, since reads lag, unless it tells of a
 * trade that was taken back in that instant.
 */
function shownCumulative({ order, isToldBefore }: Draft, evidence: Evidence): Quantity {
  const { brokerFilledQuantity: before } = order;
  const { order: shown, execution, change } = evidence;
  if (isLate(order, evidence)) return before;
  // An execution that was told before says nothing new: it may be gone since.
  if (shown === null && isToldBefore) return before;
  if (shown === null) return maxQuantity(before, execution?.cumulativeAfter ?? before);
  if (change !== null) return shown.filledQuantity;
  const age = compareWithApplied(order, shown.updatedAt) ?? 0;
  if (age > 0) return shown.filledQuantity;
  return isToldBefore ? before : maxQuantity(before, shown.filledQuantity);
}

async function applyStatus(
  transaction: BooksTransaction,
  world: World,
  step: Step & { readonly isMissingFills: boolean },
): Promise<void> {
  const { draft, evidence, isMissingFills } = step;
  const snapshot = evidence.order;
  if (snapshot === null || isOlder(draft.order, snapshot.updatedAt)) return;
  const kind = isTakenBack(snapshot) ? 'reported_canceled' : reportedKind(evidence);
  if (kind === null) {
    await noteAtBroker(transaction, world, step);
    draft.quarantine = `the broker gave a status that nobody has decided about: ${snapshot.status}`;
    return;
  }
  const isEnd =
    kind === 'reported_canceled' ||
    kind === 'reported_expired' ||
    kind === 'reported_replaced' ||
    kind === 'reported_rejected';
  const { brokerOrderId } = evidence;
  // An end is booked after the fills that led to it, or its exposure would be forgotten before it
  // is counted.
  if (isEnd && isMissingFills) {
    await noteAtBroker(transaction, world, step);
    return;
  }
  const isNewer = (compareWithApplied(draft.order, snapshot.updatedAt) ?? 0) > 0;
  const isReopened = isNewer && isReopenedBy(draft.order, snapshot.status);
  draft.order = {
    ...draft.order,
    brokerStatus: snapshot.status,
    brokerUpdatedAt: snapshot.updatedAt ?? draft.order.brokerUpdatedAt,
  };
  const event: OrderEvent = { kind: isReopened ? 'reopened' : kind, brokerOrderId };
  const hasMoved = await move(transaction, world, { ...step, event });
  if (event.kind === 'cancel_rejected') {
    await noteTurnedDown(transaction, world, { draft, evidence, hasMoved });
  }
}

/** That the broker has the order, and under which id, is known whatever else cannot be booked. */
async function noteAtBroker(
  transaction: BooksTransaction,
  world: World,
  step: Step,
): Promise<void> {
  if (brokerOrderIdOf(step.draft.order) !== null) return;
  const { brokerOrderId } = step.evidence;
  await move(transaction, world, { ...step, event: { kind: 'reported_accepted', brokerOrderId } });
}

/**
 * The broker filled it whole, and has taken trades back since: it says filled and less than all. It
 * works no more, whether or not the books have ever seen what was taken back.
 */
function isTakenBack({ status, quantity, filledQuantity }: BrokerOrder): boolean {
  return status === 'filled' && quantity !== null && filledQuantity < quantity;
}

function isGrowth({ draft, evidence }: Step): boolean {
  return (evidence.order?.quantity ?? 0) > draft.order.orderedQuantity;
}

/**
 * An exit of a group is made smaller when another one fills in part, and larger when that trade is
 * taken back; no event says so.
 */
async function applyQuantity(
  transaction: BooksTransaction,
  world: World,
  step: Step,
): Promise<void> {
  const { draft, evidence } = step;
  const shown = evidence.order;
  if (shown === null || shown.quantity === null) return;
  if (draft.order.intent.orderClass === 'simple' || isOlder(draft.order, shown.updatedAt)) return;
  if (shown.quantity === draft.order.orderedQuantity) return;
  const { brokerOrderId } = evidence;
  const event = { kind: 'resized', brokerOrderId, quantity: shown.quantity } as const;
  await move(transaction, world, { ...step, event });
}

function reportedKind(
  evidence: Evidence,
): ReturnType<typeof eventOfBrokerStatus> | 'cancel_rejected' | 'replace_rejected' {
  if (evidence.event === 'order_cancel_rejected') return 'cancel_rejected';
  if (evidence.event === 'order_replace_rejected') return 'replace_rejected';
  return evidence.order === null ? null : eventOfBrokerStatus(evidence.order.status);
}
