import {
  type ClientOrderId,
  deriveClientOrderId,
  isClosed,
  type Order,
  type OrderIntent,
  remainingOf,
  stateOf,
  WITHOUT_EXITS,
} from '../order/index.js';
import { INTENT_VALID_MS } from '../signal/index.js';
import { type EpochMs, epochMs, type Quantity, quantity } from '../values/index.js';
import type { TurnOrder, TurnPlan } from './turn.js';

const TURN_LEG = /^[a-z0-9]{1,4}$/;

/** Whether a text can name the leg of a turn: shorter than other legs, since words follow it. */
export function isTurnLeg(text: string): boolean {
  return TURN_LEG.test(text);
}

/** A strategy's own legs have no dash, so these never meet them. */
export function entryLegOf(leg: string): string {
  return `${leg}-entry`;
}

export function exitLegOf(leg: string, attempt: number): string {
  return attempt === 1 ? `${leg}-exit` : `${leg}-exit${attempt}`;
}

function coverLegOf(leg: string, number: number): string {
  return `${leg}-keep${number}`;
}

/** The id of an order of the turn: from the decision, so that it is the same after any restart. */
function idOf({ entry }: TurnPlan, leg: string): ClientOrderId {
  const { strategy, symbol, decidedAtMs } = entry;
  return deriveClientOrderId({ strategy, symbol, decidedAtMs, leg });
}

/** The exit of an attempt, for what is held now. */
export function exitOf(plan: TurnPlan, attempt: number, held: Quantity): TurnOrder {
  return { clientOrderId: idOf(plan, exitLegOf(plan.leg, attempt)), quantity: held };
}

/**
 * The complete exit: a market order of the day, wished for now. It may wait as long as any other
 * wish; unlike the entry it is no older than its attempt.
 */
export function exitIntent(
  plan: TurnPlan,
  attempt: { readonly number: number; readonly exit: TurnOrder },
  nowAtMs: EpochMs,
): OrderIntent {
  const { entry, fromSide, leg } = plan;
  return {
    ...entry,
    clientOrderId: attempt.exit.clientOrderId,
    leg: exitLegOf(leg, attempt.number),
    side: fromSide === 'long' ? 'sell' : 'buy',
    quantity: attempt.exit.quantity,
    amount: null,
    type: 'market',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'day',
    extendedHours: false,
    purpose: 'exit',
    validUntilMs: epochMs(nowAtMs + INTENT_VALID_MS),
  };
}

/** Whether an order takes the old side away: that is what protects it while it rests. */
export function isProtection(plan: TurnPlan, { purpose, side }: OrderIntent): boolean {
  return purpose === 'exit' && side === (plan.fromSide === 'long' ? 'sell' : 'buy');
}

/**
 * The orders that put protection back for what is still held: the removed ones that ended before
 * they filled, stops first, each for no more than is held and not covered yet. Two exits never
 * count the same units twice.
 */
export function coversOf(
  plan: TurnPlan,
  removed: readonly Order[],
  held: Quantity,
): readonly (TurnOrder & { readonly instead: Order })[] {
  const ended = removed.filter(
    (order) =>
      isProtection(plan, order.intent) && isClosed(stateOf(order)) && remainingOf(order) > 0,
  );
  const covers: (TurnOrder & { readonly instead: Order })[] = [];
  let left: number = held;
  for (const order of ended.toSorted((one, other) => rankOf(one) - rankOf(other))) {
    const units = Math.min(left, remainingOf(order));
    if (units === 0) break;
    left -= units;
    const clientOrderId = idOf(plan, coverLegOf(plan.leg, covers.length + 1));
    covers.push({ clientOrderId, quantity: quantity(units), instead: order });
  }
  return covers;
}

/** The complete order that puts one back: as the old one was, under an id of the turn. */
export function coverIntent(
  plan: TurnPlan,
  cover: TurnOrder & { readonly instead: Order; readonly number: number },
  nowAtMs: EpochMs,
): OrderIntent {
  const { intent } = cover.instead;
  return {
    ...intent,
    // What was a leg of a group stands alone when it is put back.
    ...WITHOUT_EXITS,
    clientOrderId: cover.clientOrderId,
    leg: coverLegOf(plan.leg, cover.number),
    quantity: cover.quantity,
    amount: null,
    validUntilMs: epochMs(nowAtMs + INTENT_VALID_MS),
    reason: `puts back ${intent.clientOrderId}`,
  };
}

function rankOf({ intent }: Order): number {
  return intent.stopPrice === null ? 1 : 0;
}
