import {
  type ClientOrderId,
  isClosed,
  isWorking,
  type Order,
  type OrderIntent,
  remainingOf,
  stateOf,
} from '../order/index.js';
import type { SignedUnits } from '../risk/index.js';
import { type EpochMs, quantity } from '../values/index.js';
import type { Removal, Turn, TurnPlan, TurnProgress, TurnReason } from './turn.js';
import type { TurnEvent } from './turn-event.js';
import { coverIntent, coversOf, exitIntent, exitOf, isProtection } from './turn-orders.js';

/** How often an exit is asked for before the turn is given up. */
export const EXIT_ATTEMPTS_MAX = 3;
/** Wall time after a refused exit: the broker's holds lag its cancels. */
export const EXIT_AGAIN_MS = 1_000;

/** What happens to an exit that works while the position is bare for too long. */
export type GapPolicy = 'alert' | 'put-back';

/** Everything of the books that decides a turn's next step, read in one transaction. */
export interface TurnFacts {
  /** Market time. */
  readonly nowAtMs: EpochMs;
  readonly nowAtWallMs: EpochMs;
  readonly haltMode: 'none' | 'reduce_only' | 'halted';
  /** Why nothing may be sent now although it may be later. Null: the gate is open. */
  readonly gateHold: string | null;
  readonly position: SignedUnits;
  /** Open orders of the turn's strategy and symbol that are not the turn's own. */
  readonly inTheWay: readonly Order[];
  /** Orders that the turn removed or asked for, as far as they are in the books. */
  readonly orders: ReadonlyMap<string, Order>;
  readonly gap: { readonly msMax: number; readonly policy: GapPolicy };
}

export type TurnStep =
  /** Write this, and post these orders in the same transaction. */
  | { readonly kind: 'move'; readonly event: TurnEvent; readonly asks: readonly OrderIntent[] }
  /** Ask the broker to cancel these; each may be over by then. */
  | { readonly kind: 'cancel'; readonly clientOrderIds: readonly ClientOrderId[] }
  /**
   * Nothing to do until an order changes. `market`: it works, and only the market can fill it;
   * `answer`: somebody owes an answer.
   */
  | { readonly kind: 'wait'; readonly for: 'market' | 'answer' }
  /** Not now; nothing more is touched until it may go on. */
  | { readonly kind: 'hold'; readonly reason: string }
  | { readonly kind: 'over' };

/**
 * Decides what a turn does next. The order of events is: what is in the way is canceled; when all
 * of it has ended, what is held is closed; when that has filled, the entry is asked for and judged
 * by risk like any order. Whatever ends differently is read again from the books, never assumed.
 */
export function nextTurnStep(turn: Turn, facts: TurnFacts): TurnStep {
  const { plan, progress } = turn;
  switch (progress.state) {
    case 'planned':
      return beginOrKeep(plan, facts);
    case 'canceling':
      return tellGap(progress, facts) ?? clearTheWay({ plan, progress }, facts);
    case 'closing':
      return tellGap(progress, facts) ?? close({ plan, progress }, facts);
    case 'covering':
      return tellGap(progress, facts) ?? cover({ plan, progress }, facts);
    case 'opening':
      return open(plan, facts);
    case 'turned':
    case 'closed_only':
    case 'kept':
    case 'uncovered':
      return { kind: 'over' };
  }
}

type Of<State extends TurnProgress['state']> = {
  readonly plan: TurnPlan;
  readonly progress: Extract<TurnProgress, { readonly state: State }>;
};

/** Nothing was touched yet: what would stop the exit anyway must not cost the protection. */
function beginOrKeep(plan: TurnPlan, facts: TurnFacts): TurnStep {
  // Where nothing is held there is nothing to keep, and admission judges the entry by itself.
  const reason = sideOf(plan, facts) === 'from' ? objection(plan, facts) : null;
  if (reason !== null) return move({ kind: 'position_kept', reason });
  if (facts.gateHold !== null) return { kind: 'hold', reason: facts.gateHold };
  if (facts.inTheWay.length > 0) return removeFromTheWay(plan, facts);
  return closeOrEnter(plan, facts, 1);
}

function removeFromTheWay(plan: TurnPlan, facts: TurnFacts): TurnStep {
  const isBared = facts.inTheWay.some((order) => isProtection(plan, order.intent));
  return move({
    kind: 'cancel_began',
    removed: facts.inTheWay.map((order) => order.intent.clientOrderId),
    bareSinceWallMs: isBared && sideOf(plan, facts) === 'from' ? facts.nowAtWallMs : null,
  });
}

/** Waits until everything that was in the way has ended, however it ended. */
function clearTheWay({ plan, progress }: Of<'canceling'>, facts: TurnFacts): TurnStep {
  const isNews = facts.inTheWay.some(
    ({ intent }) => !progress.removed.includes(intent.clientOrderId),
  );
  if (isNews) return removeFromTheWay(plan, facts);
  const open = progress.removed.flatMap((id) => openOf(facts, id));
  const unasked = open.filter((order) => stateOf(order) !== 'pending_cancel');
  if (unasked.length > 0) return cancel(unasked);
  if (open.length > 0) return { kind: 'wait', for: 'answer' };
  const side = sideOf(plan, facts);
  const reason = side === 'from' ? objection(plan, facts) : null;
  if (reason !== null) return giveUp({ plan, progress }, facts, reason);
  if (side === 'from' && facts.gateHold !== null) return { kind: 'hold', reason: facts.gateHold };
  return closeOrEnter(plan, facts, 1);
}

/** Follows the exit to its end, and asks for another where something is left. */
function close({ plan, progress }: Of<'closing'>, facts: TurnFacts): TurnStep {
  const exit = facts.orders.get(progress.exit.clientOrderId);
  const isWithdrawn = facts.gap.policy === 'put-back' && isGapOver(progress, facts);
  if (exit === undefined || !isClosed(stateOf(exit))) {
    const isAtWork = exit !== undefined && isWorking(stateOf(exit));
    const isAsked = exit !== undefined && stateOf(exit) === 'pending_cancel';
    if (isWithdrawn && isAtWork && !isAsked) return cancel([exit]);
    return { kind: 'wait', for: isAtWork && !isAsked ? 'market' : 'answer' };
  }
  if (sideOf(plan, facts) !== 'from') return closeOrEnter(plan, facts, 1);
  const reason = isWithdrawn
    ? { code: 'gap_too_long', message: 'the exit was taken back: it did not fill in time' }
    : finalReason(progress, exit, facts);
  if (reason !== null) return giveUp({ plan, progress }, facts, reason);
  const isTooSoon = facts.nowAtWallMs < progress.exitBeganAtWallMs + EXIT_AGAIN_MS;
  if (stateOf(exit) === 'refused' && isTooSoon) return { kind: 'wait', for: 'answer' };
  if (facts.gateHold !== null) return { kind: 'hold', reason: facts.gateHold };
  return closeOrEnter(plan, facts, progress.attempt + 1);
}

/** Why no further exit is worth asking for; null: another attempt may do. */
function finalReason(
  progress: Of<'closing'>['progress'],
  exit: Order,
  facts: TurnFacts,
): TurnReason | null {
  if (facts.haltMode === 'halted') return HALTED;
  const ended = reasonOf(exit);
  const isFinal = exit.progress.state === 'denied' || exit.progress.state === 'expired';
  return isFinal || progress.attempt >= EXIT_ATTEMPTS_MAX ? ended : null;
}

/** Asks for the next order by what the books hold now. */
function closeOrEnter(plan: TurnPlan, facts: TurnFacts, attempt: number): TurnStep {
  switch (sideOf(plan, facts)) {
    case 'from': {
      const exit = exitOf(plan, attempt, quantity(Math.abs(facts.position)));
      const intent = exitIntent(plan, { number: attempt, exit }, facts.nowAtMs);
      return move({ kind: 'exit_began', attempt, exit, atWallMs: facts.nowAtWallMs }, [intent]);
    }
    case 'flat':
      return move({ kind: 'entry_began' }, [plan.entry]);
    case 'other': {
      const message = 'something else has turned the position already';
      return move({ kind: 'entry_dropped', reason: { code: 'already_turned', message } });
    }
  }
}

/** The old side stays: with what protected it put back, where there was any. */
function giveUp(
  { plan, progress }: Of<'canceling' | 'closing'>,
  facts: TurnFacts,
  reason: TurnReason,
): TurnStep {
  const { removed, bareSinceWallMs } = progress;
  if (bareSinceWallMs === null) return move({ kind: 'position_kept', reason });
  const orders = removed.flatMap((id) => facts.orders.get(id) ?? []);
  const covers = coversOf(plan, orders, quantity(Math.abs(facts.position)));
  const asks = covers.map((one, index) =>
    coverIntent(plan, { ...one, number: index + 1 }, facts.nowAtMs),
  );
  const asked = covers.map(({ clientOrderId, quantity: units }) => ({
    clientOrderId,
    quantity: units,
  }));
  return move({ kind: 'cover_began', covers: asked, reason }, asks);
}

/** Waits until the broker has what was put back. */
function cover({ plan, progress }: Of<'covering'>, facts: TurnFacts): TurnStep {
  const { reason } = progress;
  if (sideOf(plan, facts) !== 'from') return move({ kind: 'entry_dropped', reason });
  const orders = progress.covers.map(({ clientOrderId }) => facts.orders.get(clientOrderId));
  const isAnswered = orders.every(
    (order) => order !== undefined && (isWorking(stateOf(order)) || isClosed(stateOf(order))),
  );
  if (!isAnswered) return { kind: 'wait', for: 'answer' };
  const resting = orders.filter((order) => order !== undefined && isWorking(stateOf(order)));
  const covered = resting.reduce(
    (sum, order) => sum + (order === undefined ? 0 : remainingOf(order)),
    0,
  );
  if (covered >= Math.abs(facts.position)) return move({ kind: 'position_kept', reason });
  return move({ kind: 'left_bare', reason: bareReason(reason, orders) });
}

function bareReason(
  { code, message }: TurnReason,
  covers: readonly (Order | undefined)[],
): TurnReason {
  const failed = covers.find((order) => order !== undefined && isClosed(stateOf(order)));
  const why = failed === undefined ? 'less was protected before' : reasonOf(failed).message;
  return { code, message: `${message}; its protection is not back: ${why}` };
}

/** Follows the entry; what it fills is the strategy's position like any other. */
function open({ entry }: TurnPlan, facts: TurnFacts): TurnStep {
  const order = facts.orders.get(entry.clientOrderId);
  if (order === undefined || !isClosed(stateOf(order))) {
    const isAtWork = order !== undefined && isWorking(stateOf(order));
    return { kind: 'wait', for: isAtWork ? 'market' : 'answer' };
  }
  if (order.filledQuantity > 0) return move({ kind: 'entry_filled' });
  return move({ kind: 'entry_dropped', reason: reasonOf(order) });
}

const HALTED: TurnReason = { code: 'halted', message: 'trading is halted' };

/** Why an exit is not worth beginning now; null: nothing speaks against it. */
function objection({ entry }: TurnPlan, facts: TurnFacts): TurnReason | null {
  if (facts.haltMode === 'halted') return HALTED;
  if (facts.nowAtMs <= entry.validUntilMs) return null;
  return { code: 'intent_expired', message: 'the decision is too old to close a position by it' };
}

/** A person is told once that the position is bare for longer than it may be. */
function tellGap(removal: Removal, facts: TurnFacts): TurnStep | null {
  if (removal.alertedAtWallMs !== null || !isGapOver(removal, facts)) return null;
  return move({ kind: 'gap_told', atWallMs: facts.nowAtWallMs });
}

function isGapOver({ bareSinceWallMs }: Removal, { nowAtWallMs, gap }: TurnFacts): boolean {
  return bareSinceWallMs !== null && nowAtWallMs - bareSinceWallMs > gap.msMax;
}

/** What is held, seen from the plan. */
function sideOf({ fromSide }: TurnPlan, { position }: TurnFacts): 'from' | 'flat' | 'other' {
  if (position === 0) return 'flat';
  return position > 0 === (fromSide === 'long') ? 'from' : 'other';
}

function openOf(facts: TurnFacts, clientOrderId: string): readonly Order[] {
  const order = facts.orders.get(clientOrderId);
  return order === undefined || isClosed(stateOf(order)) ? [] : [order];
}

function reasonOf({ intent, progress }: Order): TurnReason {
  if (progress.state === 'denied' || progress.state === 'refused') {
    const message = `${intent.clientOrderId} was ${progress.state}: ${progress.message}`;
    return { code: progress.code, message };
  }
  const message = `${intent.clientOrderId} ended ${progress.state}`;
  return { code: `order_${progress.state}`, message };
}

function move(event: TurnEvent, asks: readonly OrderIntent[] = []): TurnStep {
  return { kind: 'move', event, asks };
}

function cancel(orders: readonly Order[]): TurnStep {
  return { kind: 'cancel', clientOrderIds: orders.map(({ intent }) => intent.clientOrderId) };
}
