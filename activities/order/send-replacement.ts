import type { SubmitOutcome } from '../../adapters/broker/port.js';
import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import { type Order, type OrderIntent, stateOf } from '../../domain/order/index.js';
import type { OtherDenyCode } from '../../domain/risk/index.js';
import { assert } from '../../domain/values/index.js';
import type { OrderView } from '../../workflows/contract/index.js';
import { failure } from '../failure.js';
import type { World } from '../world.js';
import { admitReplacement } from './admit-replacement.js';
import { viewOf } from './order-view.js';
import { publishAfter } from './publish-after.js';
import { quotedPrice } from './quoted-price.js';
import { recordAnswer } from './record-answer.js';
import { pollOrder, resolveOrder } from './resolve-order.js';
import { replacementRequestOf, sendRiskRaising } from './send-risk-raising.js';
import { withPermit } from './with-permit.js';
import { writeOrderEvent } from './write-order-event.js';

/**
 * Puts an order in the place of another: admitted, sent and recorded like any order, then a look at
 * the old one, which tells what the answer does not. Null: the old one has moved on meanwhile, and
 * nothing was written.
 */
export async function sendReplacement(
  world: World,
  { old, intent }: { readonly old: OrderRow; readonly intent: OrderIntent },
): Promise<OrderView | null> {
  const quoted = await quotedPrice(world, intent);
  const oldId = old.order.intent.clientOrderId;
  const admission = await withPermit(world, intent, (transaction) =>
    admitReplacement(transaction, world, { old: oldId, intent, quotedPrice: quoted }),
  );
  world.crashPoint('after-admission');
  switch (admission.kind) {
    case 'hold':
      throw failure('NotTradingNow', admission.reason);
    case 'moved_on':
      return null;
    case 'settled':
      return viewOf(admission.row);
    case 'send':
      return send(world, { old, order: admission.order }, admission.sendDeadlineAtMs);
  }
}

/**
 * Sends a replacement that is unknown again, under the same id: only while the old order still
 * pends in the books, unfilled, and is seen to work at the broker.
 */
export async function resendReplacement(world: World, known: OrderRow): Promise<OrderView> {
  const { replaces } = known;
  assert(replaces !== null, `expected a replacement, found ${known.order.intent.clientOrderId}`);
  if (stateOf(known.order) !== 'unknown') return viewOf(known);
  const shown = await world.broker.orderByClientOrderId(replaces);
  await pollOrder(world, replaces);
  const isWorking = shown !== null && WORKS.includes(shown.status);
  const old = await world.reader.orders.byClientOrderId(replaces);
  if (!isWorking || old === null) return viewOf(known);
  return (await sendReplacement(world, { old, intent: known.order.intent })) ?? viewOf(known);
}

/** The broker's words for an order that has nothing pending. */
const WORKS: readonly string[] = ['new', 'held'];

async function send(
  world: World,
  { old, order }: { readonly old: OrderRow; readonly order: Order },
  sendDeadlineAtMs: number,
): Promise<OrderView> {
  const { clientOrderId } = order.intent;
  const replacement = replacementRequestOf(old.order, order.intent);
  const outcome = await sendRiskRaising(world, { kind: 'replace', replacement }, sendDeadlineAtMs);
  const { view } = await publishAfter(world, async (transaction) => ({
    view: await record(transaction, world, { order, outcome }),
  }));
  world.crashPoint('after-record');
  const isDuplicate = outcome.kind === 'refused' && outcome.duplicate;
  await pollOrder(world, old.order.intent.clientOrderId);
  return isDuplicate ? resolveOrder(world, clientOrderId) : view;
}

/** As of any order; one that never left us is over, since nobody waits to send it later. */
async function record(
  transaction: BooksTransaction,
  world: World,
  answered: { readonly order: Order; readonly outcome: SubmitOutcome },
): Promise<OrderView> {
  const { order, outcome } = answered;
  const view = await recordAnswer(transaction, world, answered);
  if (outcome.kind !== 'not_sent' || view.state !== 'created') return view;
  const row = await transaction.orders.byClientOrderId(order.intent.clientOrderId);
  assert(row !== null, `expected order ${order.intent.clientOrderId} in the books`);
  const code: OtherDenyCode = 'not_sent_at_once';
  const event = { kind: 'denied', code, message: outcome.reason } as const;
  return viewOf({
    order: await writeOrderEvent(transaction, world, { row, event, source: 'ordinis' }),
  });
}
