import type { OrderRow } from '../../adapters/store/port.js';
import {
  canOverfill,
  isClosed,
  isInFlight,
  isWorking,
  replacementIntent,
  restOfWish,
  stateOf,
  wayToReplace,
} from '../../domain/order/index.js';
import { INTENT_VALID_MS } from '../../domain/signal/index.js';
import { assert, epochMs } from '../../domain/values/index.js';
import type { ReplaceAnswer, ReplaceRequest } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { appendOwnEvent } from './append-event.js';
import { cancelOrder } from './cancel-order.js';
import { cancelAnswerOf } from './cancel-wish.js';
import { placeOrder } from './place-order.js';
import { pollOrder, resolveOrder } from './resolve-order.js';
import {
  isCancelFor,
  isSameRequest,
  restsWanted,
  type Revisions,
  revisionsOf,
} from './revisions.js';
import { sendReplacement } from './send-replacement.js';
import { newOrderInput } from './driver-input.js';

/**
 * Replaces an order, as far as one call can: in place by one request while nothing of it has
 * filled; else by a cancel, and by an order of the rest once the cancel is confirmed. `canceling`
 * asks to be called again with the same request. A repeat finds what the former call has made.
 */
export async function replaceOrder(
  world: World,
  clientOrderId: string,
  request: ReplaceRequest,
): Promise<ReplaceAnswer> {
  const old = await lookedAt(world, clientOrderId);
  const made = await revisionsOf(world, old, request);
  if (made.rest !== null) return answerOf(old, await placedRest(world, made.rest));
  if (made.isRestWanted) return orderRest(world, { old, made, request });
  if (made.replacement !== null) return afterSend(world, { old, made, request });
  await auditRequest(world, clientOrderId, request);
  const way = wayToReplace(old.order, request);
  switch (way.kind) {
    case 'no':
      return answer(old, way.outcome, way.why);
    case 'by_cancel':
      return cancelFirst(world, { old, made, request, canceled: old });
    case 'in_place':
      return replaceInPlace(world, { old, made, request });
  }
}

interface Step {
  readonly old: OrderRow;
  readonly made: Revisions;
  readonly request: ReplaceRequest;
}

/** The order as the broker shows it now: what has filled decides how it is replaced. */
async function lookedAt(world: World, clientOrderId: string): Promise<OrderRow> {
  const { progress } = (await rowOf(world, clientOrderId)).order;
  if (isInFlight(progress.state)) await resolveOrder(world, clientOrderId);
  else if (isWorking(progress.state)) await pollOrder(world, clientOrderId);
  return rowOf(world, clientOrderId);
}

async function rowOf(world: World, clientOrderId: string): Promise<OrderRow> {
  const row = await world.reader.orders.byClientOrderId(clientOrderId);
  assert(row !== null, `expected order ${clientOrderId} in the books`);
  return row;
}

async function replaceInPlace(world: World, step: Step): Promise<ReplaceAnswer> {
  const { old, made, request } = step;
  const intent = replacementIntent(old.order, request, asOf(made, request));
  const view = await sendReplacement(world, { old, intent });
  const sent = await revisionsOf(world, old, request);
  // Another request may have taken the id, and with it the place, in the meantime.
  if (view === null || sent.replacement === null) {
    return answer(old, 'not_replaceable', 'it has changed: look, and ask again');
  }
  return afterSend(world, { ...step, made: sent });
}

function asOf({ next }: Revisions, request: ReplaceRequest) {
  const { decidedAtMs, reason } = request;
  const validUntilMs = epochMs(decidedAtMs + INTENT_VALID_MS);
  return { clientOrderId: next, decidedAtMs, validUntilMs, reason };
}

/** What became of a replacement that was sent; one that could fill too much is canceled at once. */
async function afterSend(world: World, { old, made, request }: Step): Promise<ReplaceAnswer> {
  assert(made.replacement !== null, 'expected a replacement in the books');
  const replacement = await lookedAt(world, made.replacement.order.intent.clientOrderId);
  const now = await rowOf(world, old.order.intent.clientOrderId);
  const step = { old: now, made: { ...made, replacement }, request };
  return canOverfill(now.order, replacement.order)
    ? cancelFirst(world, { ...step, canceled: replacement })
    : answerOf(now, replacement);
}

/** Writes that the rest is wanted; what may still fill of the order is canceled before it. */
async function cancelFirst(
  world: World,
  step: Step & { readonly canceled: OrderRow },
): Promise<ReplaceAnswer> {
  const { canceled, request } = step;
  if (await claimRest(world, canceled.order.intent.clientOrderId, request)) {
    return orderRest(world, step);
  }
  return answer(step.old, 'not_replaceable', 'another replacement of it is under way: look again');
}

/**
 * Asks for the cancel of an order that is open, unless the broker has taken one already. Null: it
 * is over, or asked; else why the cancel was not taken.
 */
async function haveCanceled(
  world: World,
  clientOrderId: string,
  { requestedBy, reason }: ReplaceRequest,
): Promise<string | null> {
  const state = stateOf((await rowOf(world, clientOrderId)).order);
  if (isClosed(state) || state === 'pending_cancel') return null;
  const history = await world.reader.orders.eventsOf(clientOrderId);
  const since = history.slice(history.findLastIndex(({ kind }) => kind === 'rest_wanted') + 1);
  if (since.some(({ kind }) => kind === 'cancel_rejected')) return 'the broker turned it down';
  if (cancelAnswerOf(since)?.kind === 'requested') return null;
  const asked = await cancelOrder(world, clientOrderId, { requestedBy, reason });
  // Whether a cancel that was not answered has arrived, the order itself will tell.
  const isAsked = asked.outcome === 'requested' || asked.outcome === 'unknown';
  return isAsked || isClosed(asked.state) ? null : asked.message;
}

/**
 * Writes that this request orders the rest. False: another one does, and is not too old to; two
 * would order it twice.
 */
async function claimRest(
  world: World,
  clientOrderId: string,
  request: ReplaceRequest,
): Promise<boolean> {
  return world.books.transaction(world.account, async (transaction) => {
    const row = await transaction.orders.byClientOrderId(clientOrderId);
    assert(row !== null, `expected order ${clientOrderId} in the books`);
    const sinceMs = world.marketClock.nowMs() - INTENT_VALID_MS;
    const isClaimed = restsWanted(await transaction.orders.eventsOf(clientOrderId)).some(
      (wish) => wish.decidedAtMs >= sinceMs && !isSameRequest(wish, request),
    );
    if (isClaimed) return false;
    const event = { kind: 'rest_wanted', ...request };
    const line = { before: row.order, after: row.order, event, source: 'operator' } as const;
    await appendOwnEvent(transaction, world, line);
    return true;
  });
}

/** Orders what is left of the wish, once everything that could fill of it is at its end. */
async function orderRest(world: World, { old, made, request }: Step): Promise<ReplaceAnswer> {
  const ids = [old, ...(made.replacement === null ? [] : [made.replacement])].map(
    ({ order }) => order.intent.clientOrderId,
  );
  const isLate = world.marketClock.nowMs() > request.decidedAtMs + INTENT_VALID_MS;
  for (const id of isLate ? [] : ids) {
    const objection = await haveCanceled(world, id, request);
    if (objection === null) continue;
    return answer(old, 'not_replaceable', `its cancel was not taken: ${objection}`);
  }
  const rows = await Promise.all(ids.map((id) => lookedAt(world, id)));
  const [first = old, last = first] = rows;
  if (rows.some(({ order }) => !isClosed(stateOf(order)))) {
    return isLate
      ? answer(first, 'not_confirmed', 'the cancel was not confirmed in time: nothing more is sent')
      : answer(first, 'canceling', 'filled in part: the rest follows once the cancel is confirmed');
  }
  if (stateOf(last.order) !== 'canceled' && stateOf(last.order) !== 'filled') {
    return answer(first, 'already_closed', `the order is ${stateOf(last.order)} already`);
  }
  if (await isEndWanted(world, ids, request)) {
    return answer(first, 'already_closed', 'its cancel was asked for beside: nothing more is sent');
  }
  const wanted = request.quantity ?? old.order.intent.quantity;
  const rest = restOfWish(
    wanted,
    rows.map(({ order }) => order),
  );
  if (rest === null) return answer(first, 'nothing_left', 'all of it has filled');
  const change = { ...request, quantity: rest };
  const intent = replacementIntent(old.order, change, asOf(made, request));
  const input = newOrderInput(world, { intent, correlationId: old.correlationId });
  await placeOrder(world, input, { needsDriver: true });
  const placed = await revisionsOf(world, old, request);
  return placed.rest === null
    ? answer(first, 'not_replaceable', 'another replacement has taken its place: look again')
    : answerOf(first, placed.rest);
}

/** Whether somebody has asked for the end of an order after a request wanted its rest. */
async function isEndWanted(
  world: World,
  ids: readonly string[],
  request: ReplaceRequest,
): Promise<boolean> {
  const histories = await Promise.all(ids.map((id) => world.reader.orders.eventsOf(id)));
  return histories.some((history) => {
    const began = history.findLastIndex(({ kind }) => kind === 'rest_wanted');
    const cancels = history.slice(began + 1).filter(({ kind }) => kind === 'cancel_requested');
    return began !== -1 && cancels.some((line) => !isCancelFor(request, line));
  });
}

/** The rest is in the books: in flight it is looked up, and never sent from here again. */
async function placedRest(world: World, { order }: OrderRow): Promise<OrderRow> {
  return lookedAt(world, order.intent.clientOrderId);
}

function answerOf(old: OrderRow, made: OrderRow): ReplaceAnswer {
  const { clientOrderId } = made.order.intent;
  const state = stateOf(made.order);
  const said = { state: stateOf(old.order), replacement: clientOrderId };
  const { progress } = made.order;
  if (progress.state === 'denied' || progress.state === 'refused') {
    const message = `${progress.code}: ${progress.message}`;
    return { ...said, outcome: progress.state, message };
  }
  if (state === 'unknown' || state === 'submitting' || state === 'abandoned') {
    const message = `perhaps sent: order ${clientOrderId} is ${state}`;
    return { ...said, outcome: 'unknown', message };
  }
  return { ...said, outcome: 'requested', message: `order ${clientOrderId} is ${state}` };
}

function answer(old: OrderRow, outcome: ReplaceAnswer['outcome'], message: string): ReplaceAnswer {
  return { outcome, message, state: stateOf(old.order), replacement: null };
}

async function auditRequest(
  world: World,
  clientOrderId: string,
  { requestedBy, ...body }: ReplaceRequest,
): Promise<void> {
  await world.books.transaction(world.account, async (transaction) => {
    transaction.audit({
      actor: requestedBy,
      kind: 'replace_requested',
      entity: clientOrderId,
      body: JSON.stringify(body),
      atWallMs: world.wallClock.nowMs(),
    });
  });
}
