import { isBrokerFailure } from '../../adapters/broker/errors.js';
import type { CancelOutcome } from '../../adapters/broker/port.js';
import type { BooksTransaction, OrderEventRow, OrderRow } from '../../adapters/store/port.js';
import {
  isClosed,
  isInFlight,
  isWorking,
  type OrderState,
  stateOf,
} from '../../domain/order/index.js';
import { INTENT_VALID_MS } from '../../domain/signal/index.js';
import { assert } from '../../domain/values/index.js';
import type {
  CancelAnswer,
  CancelRequest,
  OrderInput,
  OrderView,
  ReplaceRequest,
} from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { appendOwnEvent } from './append-event.js';
import {
  cancelAnswerOf,
  denyUnwanted,
  isUnsent,
  owedCancel,
  writeCancelAnswer,
  writeCancelRequest,
} from './cancel-wish.js';
import { viewOf } from './order-view.js';
import { publishAfter } from './publish-after.js';
import { pollOrder, resolveOrder } from './resolve-order.js';
import { isCancelFor } from './revisions.js';
import { newRow } from './settle-admission.js';

/**
 * Asks the broker to cancel one order and says what came of the asking; the order's own end is
 * booked when the broker confirms it. Never stopped by a halt, the breaker or the gate. The wish is
 * in the books before anything is asked: an order of which nothing was sent ends by it, and one
 * that nobody can find is canceled once it is found. A repeat does no harm.
 */
export async function cancelOrder(
  world: World,
  clientOrderId: string,
  request: CancelRequest,
): Promise<CancelAnswer> {
  return cancel(world, { clientOrderId, request, wish: null });
}

/** The same for an order that the books may not know yet: it waits for its admission. */
export async function cancelWish(
  world: World,
  wish: OrderInput,
  request: CancelRequest,
): Promise<CancelAnswer> {
  return cancel(world, { clientOrderId: wish.intent.clientOrderId, request, wish });
}

async function cancel(world: World, asked: Asked): Promise<CancelAnswer> {
  const { clientOrderId } = asked;
  const noted = await noteRequest(world, asked);
  if (isClosed(noted.before)) return alreadyClosed(noted.before);
  if (noted.view.state === 'denied') return neverSent('denied');
  const view = await foundOut(world, noted.view);
  await askToCancel(world, view);
  const outcome = cancelAnswerOf(await world.reader.orders.eventsOf(clientOrderId));
  return outcome === null
    ? answerUnasked(view)
    : answerAfter(outcome, await lookBehind(world, clientOrderId));
}

/** Where the broker was not asked: the order is over, or nothing of it was found there. */
function answerUnasked({ state, needsAttention }: OrderView): CancelAnswer {
  if (isClosed(state)) return alreadyClosed(state);
  // Its send came to nothing: the next admission denies it.
  if (state === 'created' && !needsAttention) return neverSent(state);
  return answer('unknown', 'the broker has shown no order under this id yet', state);
}

function alreadyClosed(state: OrderState): CancelAnswer {
  return answer('already_closed', `the order is ${state} already`, state);
}

function neverSent(state: OrderState): CancelAnswer {
  return answer('never_sent', 'nothing of it was sent, and nothing will be', state);
}

/** What became of the send of an order, where it is under way or its outcome is not known. */
async function foundOut(world: World, view: OrderView): Promise<OrderView> {
  if (!isInFlight(view.state)) return view;
  // A send of this process has its answer in a moment.
  await world.driverCalls.ended(view.clientOrderId);
  return resolveOrder(world, view.clientOrderId);
}

/**
 * Puts a cancel to the broker that was asked for and that it has not answered yet, where the order
 * is at work by now: also again, where nobody can tell whether the last one has arrived. For the
 * order's driver, which asks for whoever did: not for a request that is too late.
 */
export async function carryOutCancel(world: World, view: OrderView): Promise<void> {
  if (!isWorking(view.state)) return;
  const history = await world.reader.orders.eventsOf(view.clientOrderId);
  const owed = owedCancel(history);
  if (owed !== null && !isTooLate(world, history, owed)) await askToCancel(world, view);
}

async function askToCancel(world: World, view: OrderView): Promise<void> {
  const { clientOrderId, brokerOrderId, state } = view;
  if (brokerOrderId === null || !isWorking(state)) return;
  if (owedCancel(await world.reader.orders.eventsOf(clientOrderId)) === null) return;
  world.crashPoint('before-cancel');
  const outcome = await world.broker.cancelOrder(brokerOrderId);
  world.crashPoint('after-cancel');
  await recordCancelAnswer(world, clientOrderId, outcome);
}

/** A cancel that made way for a rest which is too old by now: the order would end for nothing. */
function isTooLate(world: World, history: readonly OrderEventRow[], owed: string): boolean {
  const wish = history.findLast(({ kind }) => kind === 'rest_wanted');
  if (wish === undefined) return false;
  const request = JSON.parse(wish.detail) as ReplaceRequest;
  const isItsOwn = isCancelFor(request, { detail: owed });
  return isItsOwn && world.marketClock.nowMs() > request.decidedAtMs + INTENT_VALID_MS;
}

/**
 * The order as the broker shows it now. Where it cannot be asked, as the books hold it: a request
 * that it has answered is not sent again for the sake of a look.
 */
async function lookBehind(world: World, clientOrderId: string): Promise<OrderState> {
  try {
    return (await pollOrder(world, clientOrderId)).state;
  } catch (error) {
    if (!isBrokerFailure(error)) throw error;
    const row = await world.reader.orders.byClientOrderId(clientOrderId);
    assert(row !== null, `expected order ${clientOrderId} in the books`);
    return stateOf(row.order);
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
      if (state === 'pending_cancel') {
        return answer('requested', `a cancel of it pends already (${outcome.message})`, state);
      }
      const isOver = isClosed(state);
      return answer(isOver ? 'already_closed' : 'not_cancelable', outcome.message, state);
    }
    case 'not_found':
      return answer('not_cancelable', 'the broker does not know the order', state);
    case 'unknown':
      return isClosed(state) ? alreadyClosed(state) : answer('unknown', outcome.reason, state);
  }
}

function answer(
  outcome: CancelAnswer['outcome'],
  message: string,
  state: CancelAnswer['state'],
): CancelAnswer {
  return { outcome, message, state };
}

interface Asked {
  readonly clientOrderId: string;
  readonly request: CancelRequest;
  /** What the order is to be, where the books may not know it yet. */
  readonly wish: OrderInput | null;
}

/** Writes that a cancel was asked for, and ends the order by it where nothing of it was sent. */
async function noteRequest(
  world: World,
  { clientOrderId, request, wish }: Asked,
): Promise<{ readonly before: OrderState; readonly view: OrderView }> {
  return publishAfter(world, async (transaction) => {
    const row =
      (await transaction.orders.byClientOrderId(clientOrderId)) ??
      (await enterWish(transaction, world, { clientOrderId, wish }));
    const before = stateOf(row.order);
    await writeCancelRequest(transaction, world, { row, request });
    if (!isUnsent(row.order)) return { before, view: viewOf(row) };
    return { before, view: viewOf({ order: await denyUnwanted(transaction, world, row) }) };
  });
}

/** Enters an order that waits for its admission, so that its cancel has something to end. */
async function enterWish(
  transaction: BooksTransaction,
  world: World,
  { clientOrderId, wish }: Omit<Asked, 'request'>,
): Promise<OrderRow> {
  assert(wish !== null, `expected order ${clientOrderId} in the books`);
  const row = newRow(world, wish);
  await transaction.orders.create(row);
  const event = { kind: 'created' } as const;
  await appendOwnEvent(transaction, world, {
    before: null,
    after: row.order,
    event,
    source: 'ordinis',
  });
  return row;
}

/** What the broker said to the request belongs to the order's story, whatever comes of it. */
async function recordCancelAnswer(
  world: World,
  clientOrderId: string,
  outcome: CancelOutcome,
): Promise<void> {
  await world.books.transaction(world.account, async (transaction) => {
    const row = await transaction.orders.byClientOrderId(clientOrderId);
    assert(row !== null, `expected order ${clientOrderId} in the books`);
    await writeCancelAnswer(transaction, world, { row, outcome });
  });
}
