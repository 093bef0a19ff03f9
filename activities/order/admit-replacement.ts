import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import {
  type OrderIntent,
  remainingOf,
  revisionBaseOf,
  stateOf,
  wayToReplace,
  WITHOUT_EXITS,
} from '../../domain/order/index.js';
import { assessRisk, type RiskAssessment, type RiskInputs } from '../../domain/risk/index.js';
import { assert, type Price } from '../../domain/values/index.js';
import type { World } from '../world.js';
import { isUnwanted } from './cancel-wish.js';
import { isTooOld } from './expiry.js';
import { readGate } from './gate.js';
import { postStart, resumedInput } from './driver-input.js';
import { readRiskInputs, recordDecision } from './risk-inputs.js';
import { replacementRequestOf } from './send-risk-raising.js';
import { type Admission, newRow, settleAdmission } from './settle-admission.js';
import { writeOrderEvent } from './write-order-event.js';

export type ReplacementAdmission =
  | Admission
  /** The order that was to be replaced is not what it was: decide again. */
  | { readonly kind: 'moved_on' };

/**
 * Admits a replacement and begins its send in one transaction: the new order with its reservation,
 * the promise of its driver, and the old one as pending replace. The reservation of the old one
 * stays: until the broker has decided, both count.
 */
export async function admitReplacement(
  transaction: BooksTransaction,
  world: World,
  asked: {
    /** The client order id of the order whose place is taken. */
    readonly old: string;
    readonly intent: OrderIntent;
    readonly quotedPrice: Price | null;
  },
): Promise<ReplacementAdmission> {
  const { intent, quotedPrice } = asked;
  const old = await transaction.orders.byClientOrderId(asked.old);
  assert(old !== null, `expected order ${asked.old} in the books`);
  const known = await transaction.orders.byClientOrderId(intent.clientOrderId);
  if (known !== null && !(await mayBeSentAgain(transaction, known))) {
    return { kind: 'settled', row: known };
  }
  if (!isStillReplaceable(old, known, intent)) return { kind: 'moved_on' };
  const hold = await readGate(transaction, world);
  if (hold !== null && !isTooOld(world, intent)) return { kind: 'hold', ...hold };
  const inputs = await inputsOf(transaction, world, { old, intent, quotedPrice, known });
  const assessment = judge(inputs, old);
  // It may be at the broker: only evidence ends it.
  if (assessment.decision === 'denied' && known !== null) return { kind: 'settled', row: known };
  await recordDecision(transaction, inputs, assessment);
  const row = known ?? rowOf(world, old, intent);
  const isNew = known === null;
  const replacement = replacementRequestOf(old.order, intent);
  const judged = { row, isNew, assessment, request: { kind: 'replace', replacement } } as const;
  const admission = await settleAdmission(transaction, world, judged);
  if (admission.kind !== 'send' || !isNew) return admission;
  const event = { kind: 'replace_began' } as const;
  await writeOrderEvent(transaction, world, { row: old, event, source: 'ordinis' });
  await postStart(transaction, resumedInput(world, row));
  return admission;
}

/** An unknown replacement, while nobody has asked to cancel it. */
async function mayBeSentAgain(
  transaction: BooksTransaction,
  { order }: OrderRow,
): Promise<boolean> {
  if (stateOf(order) !== 'unknown') return false;
  return !isUnwanted(await transaction.orders.eventsOf(order.intent.clientOrderId));
}

/** A first send needs an order that works and has not filled; a repeat needs one that pends. */
function isStillReplaceable(old: OrderRow, known: OrderRow | null, intent: OrderIntent): boolean {
  const { order } = old;
  const hasFilled = order.filledQuantity > 0 || order.brokerFilledQuantity > 0;
  if (known !== null) return stateOf(order) === 'pending_replace' && !hasFilled;
  const { quantity, limitPrice, stopPrice, timeInForce } = intent;
  const way = wayToReplace(order, { quantity, limitPrice, stopPrice, timeInForce });
  return way.kind === 'in_place';
}

function rowOf(world: World, old: OrderRow, intent: OrderIntent): OrderRow {
  const { correlationId, parent } = old;
  const replaces = old.order.intent.clientOrderId;
  return { ...newRow(world, { intent, correlationId }), parent, replaces };
}

async function inputsOf(
  transaction: BooksTransaction,
  world: World,
  asked: {
    readonly old: OrderRow;
    readonly intent: OrderIntent;
    readonly quotedPrice: Price | null;
    readonly known: OrderRow | null;
  },
): Promise<RiskInputs> {
  const { old, intent, quotedPrice, known } = asked;
  const group = groupOf(old);
  const inputs = await readRiskInputs(transaction, world, {
    // The exits of a group stay as the broker has them: they are not judged again.
    intent: { ...intent, ...WITHOUT_EXITS },
    quotedPrice,
    isNew: known === null,
    counts: (row) => groupOf(row) !== group,
    replaced: { side: intent.side, remaining: remainingOf(old.order) },
  });
  return old.parent === null ? inputs : { ...inputs, ...whatALegMayClose(intent) };
}

function groupOf({ parent, order }: OrderRow): string {
  return revisionBaseOf(parent ?? order.intent.clientOrderId);
}

/**
 * A leg that takes the place of another can do what that one could, whatever is held by now: it
 * closes what its entry has opened, or will.
 */
function whatALegMayClose({
  side,
  quantity,
}: OrderIntent): Pick<RiskInputs, 'position'> & Pick<RiskInputs, 'openOrders'> {
  return { position: side === 'sell' ? quantity : -quantity, openOrders: [] };
}

function judge(inputs: RiskInputs, old: OrderRow): RiskAssessment {
  const { orderedQuantity, intent } = old.order;
  const isNew = inputs.intent.quantity !== orderedQuantity;
  if (!isNew || (old.parent === null && intent.orderClass === 'simple')) return assessRisk(inputs);
  // The broker takes none, and the exits of an entry would be of another size than it.
  const message =
    old.parent === null
      ? 'the quantity of a group is not replaced: cancel it, and order anew'
      : 'the quantity of a leg follows its group, and is not replaced';
  return { decision: 'denied', code: 'invalid_quantity', message };
}
