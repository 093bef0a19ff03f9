import { isBrokerFailure } from '../../adapters/broker/errors.js';
import type { CancelOutcome } from '../../adapters/broker/port.js';
import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import {
  brokerOrderIdOf,
  isClosed,
  isInFlight,
  type OrderState,
  stateOf,
} from '../../domain/order/index.js';
import { assert } from '../../domain/values/index.js';
import type { CancelAnswer, CancelRequest, OrderView } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { NOTHING_SAID } from './append-event.js';
import { viewOf } from './order-view.js';
import { pollOrder, resolveOrder } from './resolve-order.js';

/**
 * Asks the broker to cancel one order and says what came of the asking; the order's own end is
 * booked when the broker confirms it. Never stopped by a halt, the breaker or the gate. A repeat
 * does no harm.
 */
export async function cancelOrder(
  world: World,
  clientOrderId: string,
  request: CancelRequest,
): Promise<CancelAnswer> {
  const row = await rowOf(world, clientOrderId);
  await auditRequest(world, clientOrderId, request);
  if (isInFlight(stateOf(row.order))) await resolveOrder(world, clientOrderId);
  const current = await rowOf(world, clientOrderId);
  const state = stateOf(current.order);
  if (isClosed(state)) return answer('already_closed', `the order is ${state} already`, state);
  const brokerOrderId = brokerOrderIdOf(current.order);
  if (brokerOrderId === null) {
    const outcome = state === 'created' ? 'not_sent_yet' : 'unknown';
    return answer(outcome, 'the broker has shown no order under this id yet', state);
  }
  return askBroker(world, clientOrderId, brokerOrderId);
}

async function askBroker(
  world: World,
  clientOrderId: string,
  brokerOrderId: string,
): Promise<CancelAnswer> {
  world.crashPoint('before-cancel');
  const outcome = await world.broker.cancelOrder(brokerOrderId);
  world.crashPoint('after-cancel');
  await recordCancelAnswer(world, clientOrderId, outcome);
  return answerAfter(outcome, (await lookBehind(world, clientOrderId)).state);
}

/**
 * The order as the broker shows it now. Where it cannot be asked, as the books hold it: a request
 * that it has answered is not sent again for the sake of a look.
 */
async function lookBehind(world: World, clientOrderId: string): Promise<OrderView> {
  try {
    return await pollOrder(world, clientOrderId);
  } catch (error) {
    if (!isBrokerFailure(error)) throw error;
    return viewOf(await rowOf(world, clientOrderId));
  }
}

/** What the broker's word means for who asked, with the order as it is after it. */
function answerAfter(outcome: CancelOutcome, state: OrderState): CancelAnswer {
  switch (outcome.kind) {
    case 'requested':
      return answer('requested', 'the broker took the request', state);
    case 'not_cancelable': {
      if (state === 'pending_replace') {
        const message = `a replacement of it pends: cancel that (${outcome.message})`;
        return answer('not_cancelable', message, state);
      }
      const isOver = isClosed(state);
      return answer(isOver ? 'already_closed' : 'not_cancelable', outcome.message, state);
    }
    case 'not_found':
      return answer('not_cancelable', 'the broker does not know the order', state);
    case 'unknown':
      return answer('unknown', outcome.reason, state);
  }
}

async function rowOf(world: World, clientOrderId: string): Promise<OrderRow> {
  const row = await world.reader.orders.byClientOrderId(clientOrderId);
  assert(row !== null, `expected order ${clientOrderId} in the books`);
  return row;
}

function answer(
  outcome: CancelAnswer['outcome'],
  message: string,
  state: CancelAnswer['state'],
): CancelAnswer {
  return { outcome, message, state };
}

async function auditRequest(
  world: World,
  clientOrderId: string,
  request: CancelRequest,
): Promise<void> {
  await world.books.transaction(world.account, async (transaction) => {
    await appendLine(transaction, world, {
      clientOrderId,
      kind: 'cancel_requested',
      source: 'ordinis',
      detail: request,
    });
    transaction.audit({
      actor: request.requestedBy,
      kind: 'cancel_requested',
      entity: clientOrderId,
      body: JSON.stringify({ reason: request.reason }),
      atWallMs: world.wallClock.nowMs(),
    });
  });
}

/** What the broker said to the request belongs to the order's story, whatever comes of it. */
async function recordCancelAnswer(
  world: World,
  clientOrderId: string,
  detail: CancelOutcome,
): Promise<void> {
  await world.books.transaction(world.account, (transaction) =>
    appendLine(transaction, world, {
      clientOrderId,
      kind: 'cancel_answered',
      source: 'answer',
      detail,
    }),
  );
}

async function appendLine(
  transaction: BooksTransaction,
  world: World,
  line: {
    readonly clientOrderId: string;
    readonly kind: 'cancel_requested' | 'cancel_answered';
    readonly source: 'ordinis' | 'answer';
    readonly detail: object;
  },
): Promise<void> {
  const row = await transaction.orders.byClientOrderId(line.clientOrderId);
  assert(row !== null, `expected order ${line.clientOrderId} in the books`);
  const { state } = row.order.progress;
  await transaction.orders.appendEvent({
    ...line,
    fromState: state,
    toState: state,
    outcome: 'moved',
    detail: JSON.stringify(line.detail),
    ...NOTHING_SAID,
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
  });
}
