import type { BrokerOrder } from '../../adapters/broker/port.js';
import type { BooksTransaction, FillRow } from '../../adapters/store/port.js';
import {
  areTotalsOf,
  filledAfter,
  type FillPlan,
  holdsGuess,
  intervalQuantity,
  liveFills,
  missingIntervals,
  planBust,
  planBustWithin,
  planCorrection,
  relateIntervals,
  reversedFills,
  totalsOf,
} from '../../domain/order/index.js';
import { minQuantity, notionalRounded, quantity } from '../../domain/values/index.js';
import type { World } from '../world.js';
import { bookFill } from './book-fill.js';
import { changeFills } from './change-fills.js';
import type { Evidence, Execution, TradeChange } from './evidence.js';
import { fillRowOf } from './fill-row.js';
import { isOlder, isShowingLess } from './newness.js';
import { move, type Step } from './order-draft.js';

type Changing = Step & { readonly change: TradeChange };

/**
 * Takes back or corrects a trade that the broker names. A trade that the books never held is
 * entered and taken back at once, so that a late telling of it is known, or entered as corrected.
 * Where the books cannot say which fill is meant, they are compared with the broker's totals.
 */
export async function applyTradeChange(
  transaction: BooksTransaction,
  world: World,
  step: Changing,
): Promise<void> {
  const { draft, evidence, change } = step;
  const recorded = await transaction.fills.byOrder(evidence.clientOrderId);
  draft.isHoldingGuess = holdsGuess(liveFills(recorded));
  if (isToldBefore(recorded, evidence) || isDone(recorded, change)) return;
  if (isFound(recorded, change, evidence.order)) return;
  const isMissing = isAllThatIsMissing(recorded, change, evidence.order);
  if (isMissing && (await enterCorrected(transaction, world, step))) return;
  const plan = planOf(recorded, change, evidence.order);
  if (plan !== null) {
    const cause = change.kind === 'bust' ? 'busted' : 'corrected';
    const execution = change.kind === 'bust' ? null : executionOf(change, plan);
    if (isBeyondOrder(step, plan)) {
      draft.quarantine = 'a corrected trade is larger than what was ordered';
      return;
    }
    const changed = { plan, execution, recorded, cause, atMs: change.atMs } as const;
    await changeFills(transaction, world, { ...step, change: changed });
    return;
  }
  if (change.kind === 'bust' && (await enterAndTakeBack(transaction, world, step))) return;
  if (change.kind === 'correct' && (await enterCorrected(transaction, world, step))) return;
  if (isShowingLess(draft.order, evidence.order)) draft.isHoldingMore = true;
}

/**
 * A correction of a trade that the books do not have yet, with which they come to the broker's
 * totals: it is none of those that they have, however alike.
 */
function isAllThatIsMissing(
  recorded: readonly FillRow[],
  change: TradeChange,
  shown: BrokerOrder | null,
): boolean {
  if (change.kind !== 'correct' || shown === null) return false;
  if (recorded.some((fill) => isNamed(fill, change.previousExecutionId))) return false;
  const corrected = {
    cumulativeBefore: quantity(0),
    cumulativeAfter: change.quantity,
    price: change.price,
    notional: notionalRounded(change.price, change.quantity),
  };
  const totals = totalsOf(shown.filledQuantity, shown.filledAveragePrice);
  return areTotalsOf([...liveFills(recorded), corrected], totals);
}

/** The very frame has taken something back: told again, it names nothing else. */
function isToldBefore(recorded: readonly FillRow[], { inboxId }: Evidence): boolean {
  if (inboxId === null) return false;
  return recorded.some(({ kind, eventId }) => kind === 'reversal' && eventId === inboxId);
}

/** The trade it names is gone already, or the one that it brings is there. */
function isDone(recorded: readonly FillRow[], change: TradeChange): boolean {
  const live = liveFills(recorded);
  const named = recorded.filter((fill) => isNamed(fill, change.previousExecutionId));
  if (named.length > 0 && !named.some((fill) => live.includes(fill))) return true;
  return change.kind === 'correct' && live.some((fill) => isNamed(fill, change.executionId));
}

/**
 * The broker's totals have shown already that a trade just like it was gone: with it the books are
 * where the broker is, and no other one goes.
 */
function isFound(
  recorded: readonly FillRow[],
  change: TradeChange,
  shown: BrokerOrder | null,
): boolean {
  const live = liveFills(recorded);
  if (change.kind !== 'bust' || shown === null) return false;
  if (live.some((fill) => isNamed(fill, change.previousExecutionId))) return false;
  if (!areTotalsOf(live, totalsOf(shown.filledQuantity, shown.filledAveragePrice))) return false;
  return reversedFills(recorded).some(
    ({ fill, reversal }) =>
      fill.kind === 'execution' && reversal.eventId === null && isAlike(fill, change),
  );
}

function isNamed({ executionId, kind }: FillRow, named: string | null): boolean {
  return named !== null && executionId === named && kind !== 'reversal';
}

function planOf(
  recorded: readonly FillRow[],
  change: TradeChange,
  shown: BrokerOrder | null,
): FillPlan<FillRow> | null {
  const live = liveFills(recorded);
  const newestFirst = live.toReversed();
  const named = newestFirst.find((fill) => isNamed(fill, change.previousExecutionId));
  const meant = named === undefined ? newestFirst.filter((fill) => isAlike(fill, change)) : [named];
  const plans = meant.map((fill) =>
    change.kind === 'bust' ? planBust(live, fill, change.atMs) : planCorrection(live, fill, change),
  );
  // Of several trades that are alike, it is the one with which the broker's totals come true.
  const [plan] = [...plans.filter((one) => isTrueTo(shown, live, one)), ...plans];
  if (plan !== undefined) return plan;
  const around = newestFirst.find(
    (fill) =>
      fill.kind === 'inferred' &&
      intervalQuantity(fill) > change.quantity &&
      !isOneTrade(fill, recorded),
  );
  if (change.kind === 'correct' || around === undefined) return null;
  return planBustWithin(live, around, change);
}

/** Only its price is guessed: a trade was told in just its place. */
function isOneTrade(guess: FillRow, recorded: readonly FillRow[]): boolean {
  return recorded.some(
    ({ kind, cumulativeBefore, cumulativeAfter }) =>
      kind === 'execution' &&
      cumulativeBefore === guess.cumulativeBefore &&
      cumulativeAfter === guess.cumulativeAfter,
  );
}

function isTrueTo(
  shown: BrokerOrder | null,
  live: readonly FillRow[],
  { reversed, booked }: FillPlan<FillRow>,
): boolean {
  if (shown === null) return false;
  const after = [...live.filter((fill) => !reversed.includes(fill)), ...booked];
  return areTotalsOf(after, totalsOf(shown.filledQuantity, shown.filledAveragePrice));
}

/** An earlier fill that was told without an execution id, of the size and price of the trade. */
function isAlike(fill: FillRow, change: TradeChange): boolean {
  if (fill.executionId !== null || fill.atMs > change.atMs) return false;
  if (intervalQuantity(fill) !== change.quantity) return false;
  return change.kind === 'correct' || fill.kind === 'inferred' || fill.price === change.price;
}

function executionOf(change: TradeChange, { booked }: FillPlan<FillRow>): Execution {
  const [first] = booked;
  return {
    cumulativeBefore: first?.cumulativeBefore ?? quantity(0),
    cumulativeAfter: first?.cumulativeAfter ?? change.quantity,
    price: change.price,
    executionId: change.executionId,
    activityId: null,
    atMs: change.atMs,
  };
}

function isBeyondOrder({ draft }: Step, plan: FillPlan<FillRow>): boolean {
  return filledAfter(draft.order.filledQuantity, plan) > draft.order.orderedQuantity;
}

/** False: something that the books hold is in its place. */
async function enterAndTakeBack(
  transaction: BooksTransaction,
  world: World,
  step: Changing,
): Promise<boolean> {
  const { draft, evidence, change } = step;
  const { order } = evidence;
  if (order === null) return false;
  const cumulativeAfter = quantity(order.filledQuantity + change.quantity);
  const execution: Execution = {
    cumulativeBefore: order.filledQuantity,
    cumulativeAfter,
    price: change.price,
    executionId: change.previousExecutionId ?? change.executionId,
    activityId: null,
    atMs: change.atMs,
  };
  const recorded = await transaction.fills.byOrder(evidence.clientOrderId);
  const live = liveFills(recorded);
  if (cumulativeAfter > draft.order.orderedQuantity) return false;
  if (live.some((fill) => relateIntervals(fill, execution) !== 'apart')) return false;
  const fill = fillRowOf(world, { ...step, execution }, recorded);
  const { brokerOrderId } = evidence;
  const event = { kind: 'filled', brokerOrderId, interval: fill } as const;
  if (!(await move(transaction, world, { ...step, event }))) return true;
  await bookFill(transaction, draft.order, fill);
  const plan = planBust([...live, fill], fill, change.atMs);
  const changed = {
    plan,
    execution: null,
    recorded: [...recorded, fill],
    cause: 'busted',
    atMs: change.atMs,
  } as const;
  await changeFills(transaction, world, { ...step, change: changed });
  return true;
}

/**
 * Books a trade as corrected that the books never held otherwise: the correction overtook its fill.
 * Its place is known where it is all that they lack. What is told of it later lies in that place,
 * and changes nothing. False: something else is missing or guessed, and has to be found first.
 */
async function enterCorrected(
  transaction: BooksTransaction,
  world: World,
  step: Changing,
): Promise<boolean> {
  const { draft, evidence, change } = step;
  if (evidence.order === null) return false;
  const recorded = await transaction.fills.byOrder(evidence.clientOrderId);
  const live = liveFills(recorded);
  if (holdsGuess(live)) return false;
  // A frame that comes late may show what was taken back since.
  const { filledQuantity, updatedAt } = evidence.order;
  const cumulative = isOlder(draft.order, updatedAt)
    ? minQuantity(filledQuantity, draft.order.brokerFilledQuantity)
    : filledQuantity;
  const [gap, ...others] = missingIntervals(live, cumulative);
  if (gap === undefined || others.length > 0) return false;
  if (gap.cumulativeAfter - gap.cumulativeBefore !== change.quantity) return false;
  const { price, executionId, atMs } = change;
  const execution: Execution = { ...gap, price, executionId, activityId: null, atMs };
  const fill = fillRowOf(world, { ...step, execution }, recorded);
  const { brokerOrderId } = evidence;
  const event = { kind: 'filled', brokerOrderId, interval: fill } as const;
  if (!(await move(transaction, world, { ...step, event }))) return true;
  await bookFill(transaction, draft.order, fill);
  return true;
}
