import {
  addQuantity,
  addUsd,
  assert,
  type EpochMs,
  epochMs,
  type Quantity,
  subtractQuantity,
  subtractUsd,
} from '../values/index.js';
import { type FillInterval, intervalQuantity } from './fill.js';
import { brokerOrderIdOf, type Order, type OrderProgress } from './order.js';
import type { OrderEvent, TransitionEvent } from './order-event.js';
import { isExitOfGroup } from './order-group.js';
import { isClosed, isWorking, type OrderState } from './order-state.js';
import { TRANSITIONS } from './transition-table.js';

export type AppliedEvent =
  /** The order as it is now. */
  | { readonly outcome: 'moved'; readonly order: Order }
  /** Evidence that the books already hold: nothing to write. */
  | { readonly outcome: 'repeated'; readonly why: string }
  /** Cannot be. From outside: quarantine it and park the order. From us: a broken invariant. */
  | { readonly outcome: 'impossible'; readonly why: string };

/**
 * Decides what an event does to an order, by the transition table. The caller has already dropped
 * fill intervals that the books hold; an interval given here is new.
 */
export function applyOrderEvent(order: Order, event: OrderEvent, nowAtMs: EpochMs): AppliedEvent {
  const column = columnOf(order, event);
  if (column === null) return { outcome: 'impossible', why: 'more was filled than was ordered' };
  if (event.kind === 'fill_reversed' && isMoreThanHeld(order, event.interval)) {
    return { outcome: 'impossible', why: 'more is taken back than was filled' };
  }
  const transition = TRANSITIONS[order.progress.state][column];
  if (transition.outcome !== 'moved') return transition;
  const odd = event.kind === 'resized' ? oddResize(order, event.quantity) : null;
  if (odd !== null) return odd;
  const next = withQuantities(order, event);
  const progress = progressAfter(next, event, transition.to);
  if (progress === null) {
    return { outcome: 'repeated', why: 'an older report about an order that the broker ended' };
  }
  return {
    outcome: 'moved',
    order: {
      ...next,
      progress,
      version: order.version + 1,
      attempts: order.attempts + (event.kind === 'send_began' ? 1 : 0),
      updatedAtMs: nowAtMs,
    },
  };
}

/** Which column of the table an event is; null is a fill beyond the ordered quantity. */
function columnOf(order: Order, event: OrderEvent): TransitionEvent | null {
  if (event.kind !== 'filled') return event.kind;
  const filled = order.filledQuantity + intervalQuantity(event.interval);
  const ordered = order.orderedQuantity;
  if (filled > ordered || event.interval.cumulativeAfter > ordered) return null;
  return filled === ordered ? 'filled_completely' : 'filled_partly';
}

/**
 * A new size that is none, that would leave less than is filled, or that is larger for anything but
 * an exit of a group, whose size is the broker's to say; null: it can be.
 */
function oddResize(order: Order, to: Quantity): AppliedEvent | null {
  if (to === order.orderedQuantity) return { outcome: 'repeated', why: 'of that size already' };
  if (to > order.orderedQuantity && !isExitOfGroup(order.intent)) {
    return { outcome: 'impossible', why: 'the broker orders more than was wished' };
  }
  const isBelow = to < order.filledQuantity;
  return isBelow ? { outcome: 'impossible', why: 'less is ordered than was filled' } : null;
}

/** What the broker shows is not for an event to say: the caller knows how new its evidence is. */
function withQuantities(order: Order, event: OrderEvent): Order {
  if (event.kind === 'fill_reversed') return withoutFill(order, event.interval);
  if (event.kind === 'resized') return { ...order, orderedQuantity: event.quantity };
  if (event.kind !== 'filled') return order;
  return {
    ...order,
    filledQuantity: addQuantity(order.filledQuantity, intervalQuantity(event.interval)),
    filledNotional: addUsd(order.filledNotional, event.interval.notional),
  };
}

function isMoreThanHeld(order: Order, interval: FillInterval): boolean {
  return (
    intervalQuantity(interval) > order.filledQuantity || interval.notional > order.filledNotional
  );
}

function withoutFill(order: Order, interval: FillInterval): Order {
  return {
    ...order,
    filledQuantity: subtractQuantity(order.filledQuantity, intervalQuantity(interval)),
    filledNotional: subtractUsd(order.filledNotional, interval.notional),
  };
}

function progressAfter(
  order: Order,
  event: OrderEvent,
  targets: readonly OrderState[],
): OrderProgress | null {
  switch (event.kind) {
    case 'send_began':
      return {
        state: 'submitting',
        sendDeadlineAtMs: event.sendDeadlineAtMs,
        earlierSendAtMs:
          order.progress.state === 'unknown' ? order.progress.lastPossibleSendAtMs : null,
      };
    case 'not_sent':
      return attemptUndone(order, { state: 'created' });
    case 'answer_unknown':
      return { state: 'unknown', lastPossibleSendAtMs: latestSend(order, event) };
    case 'denied':
      return { state: 'denied', code: event.code, message: event.message };
    case 'refused':
      return attemptUndone(order, {
        state: 'refused',
        brokerOrderId: null,
        code: event.code,
        message: event.message,
      });
    case 'abandoned':
      return { state: 'abandoned', evidence: event.evidence };
    case 'replace_began':
    case 'replace_undone': {
      const brokerOrderId = brokerOrderIdOf(order);
      const [target] = targets;
      assert(brokerOrderId !== null, 'expected an order that the broker knows');
      const state = workingStateWithFills(order, target);
      assert(isWorking(state), `expected a working state, found ${state}`);
      return { state, brokerOrderId };
    }
    case 'resized':
      return order.filledQuantity === order.orderedQuantity
        ? { state: 'filled', brokerOrderId: event.brokerOrderId }
        : order.progress;
    default:
      return reportedProgress(order, event, targets);
  }
}

/** A clock that stepped back must not shorten the wait for an earlier attempt. */
function latestSend(
  { progress }: Order,
  { lastPossibleSendAtMs }: Extract<OrderEvent, { readonly kind: 'answer_unknown' }>,
): EpochMs {
  const earlier = progress.state === 'submitting' ? progress.earlierSendAtMs : null;
  return epochMs(Math.max(earlier ?? lastPossibleSendAtMs, lastPossibleSendAtMs));
}

/**
 * The attempt that ended came to nothing: it never left us, or the broker said no to it. What an
 * earlier one did stays open, and nothing has left us since that one.
 */
function attemptUndone(order: Order, otherwise: OrderProgress): OrderProgress {
  assert(
    order.progress.state === 'submitting',
    `expected submitting, found ${order.progress.state}`,
  );
  const { earlierSendAtMs } = order.progress;
  return earlierSendAtMs === null
    ? otherwise
    : { state: 'unknown', lastPossibleSendAtMs: earlierSendAtMs };
}

function reportedProgress(
  order: Order,
  event: Extract<OrderEvent, { readonly brokerOrderId: string }>,
  targets: readonly OrderState[],
): OrderProgress | null {
  const { brokerOrderId } = event;
  if (event.kind === 'fill_reversed' && isClosed(order.progress.state)) return order.progress;
  if (isRefusedForGood(order) && event.kind !== 'filled') return null;
  const state = workingStateWithFills(order, targets[0]);
  if (isWorking(state)) return { state, brokerOrderId };
  if (state === 'refused') {
    return { state, brokerOrderId, code: 'rejected', message: 'rejected by the broker' };
  }
  assert(
    state === 'filled' || state === 'canceled' || state === 'expired' || state === 'replaced',
    `expected a state that a report leads to, found ${state}`,
  );
  return { state, brokerOrderId };
}

/** The broker rejected the order itself: an earlier report of its life cannot bring it back. */
function isRefusedForGood(order: Order): boolean {
  return order.progress.state === 'refused' && brokerOrderIdOf(order) !== null;
}

/** An order that holds fills is partially filled, wherever a report calls it accepted. */
function workingStateWithFills(order: Order, target: OrderState | undefined): OrderState {
  assert(target !== undefined, 'expected a transition that names its state');
  return target === 'accepted' && order.filledQuantity > 0 ? 'partially_filled' : target;
}
