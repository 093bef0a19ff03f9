import type { BooksTransaction, FillRow } from '../../adapters/store/port.js';
import {
  filledAfter,
  holdsGuess,
  liveFills,
  type OrderEvent,
  planSupersede,
  relateIntervals,
  reversedFills,
} from '../../domain/order/index.js';
import { notionalRounded, quantity } from '../../domain/values/index.js';
import type { World } from '../world.js';
import { bookFill } from './book-fill.js';
import { type ChangeCause, changeFills } from './change-fills.js';
import type { Execution } from './evidence.js';
import { fillRowOf } from './fill-row.js';
import { isLate, isShowingLess } from './newness.js';
import { move, type Step } from './order-draft.js';

type Telling = Step & { readonly execution: Execution };

/**
 * Books an execution, unless the books hold it. One that was only inferred until now is replaced by
 * it; one that lies across executions cannot be, unless the broker has taken back what is in its
 * way.
 */
export async function applyExecution(
  transaction: BooksTransaction,
  world: World,
  step: Telling,
): Promise<void> {
  const { evidence, execution } = step;
  const recorded = await transaction.fills.byOrder(evidence.clientOrderId);
  if (isToldBefore(recorded, execution)) {
    step.draft.isToldBefore = true;
    return;
  }
  const live = liveFills(recorded);
  step.draft.isHoldingGuess = holdsGuess(live);
  const met = live.filter((fill) => relateIntervals(fill, execution) !== 'apart');
  const [first, ...others] = met;
  if (first === undefined) {
    if (isTooMuch(step, { reversed: [], booked: [execution] })) return letTotalsDecide(world, step);
    await book(transaction, world, { ...step, recorded });
    return;
  }
  const isFitting = execution.cumulativeAfter <= step.draft.order.orderedQuantity;
  const cause = isFitting ? causeOf(live, met, execution) : null;
  if (cause === null && isInsideOne(met, execution)) return;
  if (cause === null) {
    questionOverlap(world, { ...step, met });
    return;
  }
  const plan = planSupersede([first, ...others], execution);
  if (isTooMuch(step, plan)) return letTotalsDecide(world, step);
  const change = { plan, execution, recorded, cause, atMs: execution.atMs };
  await changeFills(transaction, world, { ...step, change });
}

/**
 * Of two executions of different instants that lie across each other one was taken back, and the
 * broker's totals tell which. Of one instant they cannot both be.
 */
function questionOverlap(world: World, step: Telling & { readonly met: readonly FillRow[] }): void {
  const { draft, evidence, execution, met } = step;
  const isOneInstant = met.some(
    (fill) => fill.kind === 'execution' && fill.atMs === execution.atMs,
  );
  if (isOneInstant && !isShowingLess(draft.order, evidence.order)) {
    draft.quarantine = 'an execution overlaps fills that the books hold';
    return;
  }
  letTotalsDecide(world, step);
}

async function book(
  transaction: BooksTransaction,
  world: World,
  step: Telling & { readonly recorded: readonly FillRow[] },
): Promise<void> {
  const fill = fillRowOf(world, step, step.recorded);
  const event: OrderEvent = {
    kind: 'filled',
    brokerOrderId: step.evidence.brokerOrderId,
    interval: fill,
  };
  if (await move(transaction, world, { ...step, event })) {
    await bookFill(transaction, step.draft.order, fill);
  }
}

/**
 * Whether an execution that is told late would lead above totals that know of it: it, or something
 * else that is held, was taken back.
 */
function isTooMuch({ draft, evidence }: Telling, plan: Parameters<typeof filledAfter>[1]): boolean {
  const { filledQuantity, brokerFilledQuantity } = draft.order;
  const after = filledAfter(filledQuantity, plan);
  return isLate(draft.order, evidence) && after > brokerFilledQuantity;
}

function letTotalsDecide(world: World, { draft, evidence, execution }: Telling): void {
  draft.isHoldingMore = true;
  const { clientOrderId } = evidence;
  world.log.warn({ clientOrderId, ...execution }, 'an execution that does not fit: totals decide');
}

/** By its ids, or by its place among executions that were taken back after it happened. */
function isToldBefore(recorded: readonly FillRow[], execution: Execution): boolean {
  const units = execution.cumulativeAfter - execution.cumulativeBefore;
  const isSame = (fill: FillRow): boolean =>
    fill.cumulativeAfter - fill.cumulativeBefore === units &&
    ((execution.executionId !== null && fill.executionId === execution.executionId) ||
      (execution.activityId !== null && fill.activityId === execution.activityId));
  if (recorded.some((fill) => isSame(fill) || isMoved(fill, execution))) return true;
  return reversedFills(recorded).some(
    ({ fill, reversal }) =>
      fill.kind === 'execution' &&
      !areDifferent(fill.executionId, execution.executionId) &&
      relateIntervals(fill, execution) === 'inside' &&
      // What was moved by a bust below it happened after that bust, perhaps, but is itself.
      (execution.atMs <= reversal.atMs || execution.atMs === fill.atMs),
  );
}

/** The same trade, told in another way, which stands elsewhere since something below it is gone. */
function isMoved(fill: FillRow, execution: Execution): boolean {
  const units = quantity(execution.cumulativeAfter - execution.cumulativeBefore);
  return (
    fill.kind === 'execution' &&
    (fill.replacesFillId !== null || relateIntervals(fill, execution) !== 'apart') &&
    fill.atMs === execution.atMs &&
    fill.cumulativeAfter - fill.cumulativeBefore === units &&
    fill.notional === notionalRounded(execution.price, units) &&
    !areDifferent(fill.executionId, execution.executionId) &&
    !areDifferent(fill.activityId, execution.activityId)
  );
}

function areDifferent(left: string | null, right: string | null): boolean {
  return left !== null && right !== null && left !== right;
}

/**
 * Why the fills in the way of an execution give way to it. Null: they do not. Two executions that
 * began at the same quantity are a trade, and a later one in the place of the first, which was
 * taken back unseen. Of one size they may be one trade, told twice, unless their ids or their
 * prices say otherwise.
 */
function causeOf(
  live: readonly FillRow[],
  met: readonly FillRow[],
  execution: Execution,
): ChangeCause | null {
  const [only, ...others] = met.filter((fill) => fill.kind === 'execution');
  if (only === undefined) return 'explained';
  const isInPlace = only.cumulativeBefore === execution.cumulativeBefore;
  if (others.length > 0 || !isInPlace || execution.atMs <= only.atMs) return null;
  const longer = execution.cumulativeAfter - only.cumulativeAfter;
  if (longer === 0) return isOther(only, execution) ? 'gone' : null;
  // What lies above the first came after it, and would not fit above a smaller one.
  const isLast = live.every((fill) => fill.cumulativeAfter <= only.cumulativeAfter);
  return longer > 0 || isLast ? 'gone' : null;
}

function isOther(held: FillRow, execution: Execution): boolean {
  return held.price !== execution.price || areDifferent(held.executionId, execution.executionId);
}

function isInsideOne(met: readonly FillRow[], execution: Execution): boolean {
  return met.some((fill) => relateIntervals(fill, execution) === 'inside');
}
