import type { SubmitOutcome } from '../../adapters/broker/port.js';
import type { OrderRow } from '../../adapters/store/port.js';
import {
  differingFields,
  isClosed,
  isInFlight,
  type Order,
  type OrderIntent,
} from '../../domain/order/index.js';
import { sizedByAmount } from '../../domain/risk/index.js';
import type { OrderInput, OrderView } from '../../workflows/contract/index.js';
import { failure } from '../failure.js';
import type { World } from '../world.js';
import { admitOrder } from './admit-order.js';
import { denyOtherWish } from './deny-wish.js';
import { viewOf } from './order-view.js';
import { publishAfter } from './publish-after.js';
import { quotedPrice } from './quoted-price.js';
import { recordAnswer } from './record-answer.js';
import { resendReplacement } from './send-replacement.js';
import { pollOrder, resolveOrder } from './resolve-order.js';
import { requestOf, sendRiskRaising } from './send-risk-raising.js';
import { withPermit } from './with-permit.js';

/**
 * How long an order that fills at once is given to do so before its driver goes to sleep. A fill
 * that comes later costs a signal and another task, most dearly on a machine that is busy already.
 */
const SETTLE_MS = 250;
/** For each other call that is under way: a fill takes its turn behind theirs. */
const SETTLE_EACH_MS = 50;
const SETTLE_MS_MAX = 2_000;

/**
 * Makes an intent an order at the broker, at most once: look first, admit and begin the send in one
 * transaction, send, record the answer. Returns what the books hold; anything that is not known yet
 * is a state, not an error.
 */
export async function placeOrder(
  world: World,
  input: OrderInput,
  options: { readonly needsDriver?: boolean } = {},
): Promise<OrderView> {
  const { intent } = input;
  const known = await world.reader.orders.byClientOrderId(intent.clientOrderId);
  if (known !== null) await denyIfOther(world, known.order.intent, intent);
  if (known !== null && known.order.progress.state !== 'created') {
    return isInFlight(known.order.progress.state)
      ? resolveOrder(world, intent.clientOrderId)
      : viewOf(known);
  }
  return sendOrder(world, input, options);
}

/** The id is taken by another wish: that is said, and the order of the books goes on alone. */
async function denyIfOther(world: World, held: OrderIntent, asked: OrderIntent): Promise<void> {
  if (differingFields(held, asked).length === 0) return;
  await world.books.transaction(world.account, (transaction) =>
    denyOtherWish(transaction, world, { held, asked }),
  );
}

/**
 * Admits and sends: for an order that is new, or that is unknown and still wanted. What is wished
 * under an id that the books know is what they hold.
 */
export async function sendOrder(
  world: World,
  asked: OrderInput,
  options: { readonly needsDriver?: boolean } = {},
): Promise<OrderView> {
  const known = await world.reader.orders.byClientOrderId(asked.intent.clientOrderId);
  if (known !== null && known.replaces !== null) return resendReplacement(world, known);
  if (known !== null && (await isFoundAtBroker(world, known))) {
    return pollOrder(world, asked.intent.clientOrderId);
  }
  const wish = known === null ? asked.intent : known.order.intent;
  const quoted = await quotedPrice(world, wish);
  const input = { ...asked, intent: sizedByAmount(wish, quoted) };
  const admission = await withPermit(world, input.intent, (transaction) =>
    admitOrder(transaction, world, { input, quotedPrice: quoted, ...options }),
  );
  world.crashPoint('after-admission');
  switch (admission.kind) {
    case 'hold':
      throw failure('NotTradingNow', admission.reason);
    case 'settled': {
      const view = viewOf(admission.row);
      world.notices.publish(view);
      return view;
    }
    case 'send':
      return send(world, admission.order, admission.sendDeadlineAtMs);
  }
}

/** An order that came into the books because the broker showed it: never ours to send. */
async function isFoundAtBroker({ reader }: World, { order }: OrderRow): Promise<boolean> {
  if (order.progress.state !== 'created') return false;
  const [entry] = await reader.orders.eventsOf(order.intent.clientOrderId);
  return entry?.kind === 'adopted_external' || entry?.kind === 'leg_entered';
}

async function send(world: World, order: Order, sendDeadlineAtMs: number): Promise<OrderView> {
  const { clientOrderId } = order.intent;
  const request = { kind: 'submit', order: requestOf(order.intent) } as const;
  const outcome = await sendRiskRaising(world, request, sendDeadlineAtMs);
  const settled = isLikelyImmediate(order.intent)
    ? world.notices.waitFor(clientOrderId, (view) => isClosed(view.state), settleMs(world))
    : null;
  const { view } = await publishAfter(world, async (transaction) => ({
    view: await recordAnswer(transaction, world, { order, outcome }),
  }));
  world.crashPoint('after-record');
  if (isDuplicate(outcome)) return resolveOrder(world, clientOrderId);
  throwWhenToBeRepeated(outcome, view);
  if (settled === null || isClosed(view.state) || isInFlight(view.state)) return view;
  return (await settled) ?? view;
}

/** The id exists at the broker, hence the order does: look it up and adopt it. */
function isDuplicate(outcome: SubmitOutcome): boolean {
  return outcome.kind === 'refused' && outcome.duplicate;
}

function throwWhenToBeRepeated(outcome: SubmitOutcome, view: OrderView): void {
  if (outcome.kind !== 'not_sent' || view.state !== 'created') return;
  const retryAfterMs = outcome.retryAfterMs ?? 1_000;
  throw failure('NotTradingNow', `not sent: ${outcome.reason}`, { retryAfterMs });
}

function settleMs({ driverCalls }: World): number {
  const others = Math.max(0, driverCalls.underWay() - 1);
  return Math.min(SETTLE_MS + others * SETTLE_EACH_MS, SETTLE_MS_MAX);
}

function isLikelyImmediate({ type, timeInForce }: OrderIntent): boolean {
  return type === 'market' || timeInForce === 'ioc' || timeInForce === 'fok';
}
