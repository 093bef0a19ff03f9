import type { SubmitOutcome } from '../../adapters/broker/port.js';
import { isClosed, isInFlight, type Order, type OrderIntent } from '../../domain/order/index.js';
import type { Price } from '../../domain/values/index.js';
import type { OrderInput, OrderView } from '../../workflows/contract/index.js';
import { failure } from '../failure.js';
import type { World } from '../world.js';
import { type Admission, admitOrder } from './admit-order.js';
import { viewOf } from './order-view.js';
import { publishAfter } from './publish-after.js';
import { recordAnswer } from './record-answer.js';
import { resolveOrder } from './resolve-order.js';
import { sendRiskRaising } from './send-risk-raising.js';

/**
 * How long an order that fills at once is given to do so before its driver goes to sleep. A fill
 * that comes later costs a signal and another task, most dearly on a machine that is busy already.
 */
const SETTLE_MS = 250;

/**
 * Makes an intent an order at the broker, at most once: look first, admit and begin the send in one
 * transaction, send, record the answer. Returns what the books hold; anything that is not known yet
 * is a state, not an error.
 */
export async function placeOrder(world: World, input: OrderInput): Promise<OrderView> {
  const { intent } = input;
  const known = await world.reader.orders.byClientOrderId(intent.clientOrderId);
  if (known !== null && known.order.progress.state !== 'created') {
    return isInFlight(known.order.progress.state)
      ? resolveOrder(world, intent.clientOrderId)
      : viewOf(known);
  }
  return sendOrder(world, input);
}

/** Admits and sends: for an order that is new, or that is unknown and still wanted. */
export async function sendOrder(world: World, input: OrderInput): Promise<OrderView> {
  const quoted = await quotedPrice(world, input.intent);
  const admission = await admitWithPermit(world, input, quoted);
  world.crashPoint('after-admission');
  switch (admission.kind) {
    case 'hold':
      throw failure('NotTradingNow', admission.reason, { retryAfterMs: admission.retryAfterMs });
    case 'settled': {
      const view = viewOf(admission.row);
      world.notices.publish(view);
      return view;
    }
    case 'send':
      return send(world, admission.order, admission.sendDeadlineAtMs);
  }
}

/** Takes the right to one request first: nothing is written for a send that may not be made now. */
async function admitWithPermit(
  world: World,
  input: OrderInput,
  quotedPrice: Price | null,
): Promise<Admission> {
  const permit = world.submitPermit();
  if (!permit.granted) {
    const type = permit.reason.startsWith('circuit') ? 'BrokerCircuitOpen' : 'BrokerRateLimited';
    throw failure(type, permit.reason, { retryAfterMs: permit.retryAfterMs });
  }
  let isUsed = false;
  try {
    world.crashPoint('before-admission');
    const admission = await world.books.transaction(world.account, (transaction) =>
      admitOrder(transaction, world, { input, quotedPrice }),
    );
    isUsed = admission.kind === 'send';
    return admission;
  } finally {
    if (!isUsed) permit.giveBack();
  }
}

async function send(world: World, order: Order, sendDeadlineAtMs: number): Promise<OrderView> {
  const { clientOrderId } = order.intent;
  const outcome = await sendRiskRaising(world, order, sendDeadlineAtMs);
  const settled = isLikelyImmediate(order.intent)
    ? world.notices.waitFor(clientOrderId, (view) => isClosed(view.state), SETTLE_MS)
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

function isLikelyImmediate({ type, timeInForce }: OrderIntent): boolean {
  return type === 'market' || timeInForce === 'ioc' || timeInForce === 'fok';
}

/**
 * The far side of a quote that is fresh in market time; asks the broker when the board has none.
 */
async function quotedPrice(world: World, intent: OrderIntent): Promise<Price | null> {
  const onBoard = freshFarSide(world, intent);
  if (onBoard !== null) return onBoard;
  const quotes = await world.marketData.latestQuotes([intent.symbol]);
  for (const quote of quotes.values()) world.quotes.put(quote);
  return freshFarSide(world, intent);
}

function freshFarSide(world: World, { symbol, side }: OrderIntent): Price | null {
  const quote = world.quotes.quote(symbol);
  if (quote === null) return null;
  const ageMs = world.marketClock.nowMs() - quote.atMs;
  if (ageMs > world.settings.quoteAgeMsMax) return null;
  return side === 'buy' ? quote.askPrice : quote.bidPrice;
}
