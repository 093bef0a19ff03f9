import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { OrderActivities } from '../activities/order/order.activities.js';
import { isAwaitingAnswer, isClosed, isInFlight } from '../domain/order/order-state.js';
import {
  type CancelAnswer,
  type CancelRequest,
  cancelOrder,
  type OrderInput,
  type OrderView,
  orderAnswered,
  orderChanged,
  orderView,
  type ReplaceAnswer,
  replaceOrder,
  type ReplaceRequest,
} from './contract/order.js';

// A dead process is noticed by its missing heartbeats, and the next one takes its order up.
const HEARTBEAT_TIMEOUT = '4s';

// Sends at most once: a repeat looks the order up by its id before it would send. Long enough for
// gate and POST time-out.
const { placeOrder, resendOrder } = proxyActivities<OrderActivities>({
  startToCloseTimeout: '15s',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  summary: 'admit, send, record the answer',
  retry: { initialInterval: '250ms', backoffCoefficient: 2, maximumInterval: '5s' },
});
// Only looks: repeating is harmless, and it never gives up, since only evidence ends an order.
const look = proxyActivities<OrderActivities>({
  startToCloseTimeout: '15s',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  summary: 'ask the broker about the order',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
});
// Canceling twice is canceling once.
const steer = proxyActivities<OrderActivities>({
  startToCloseTimeout: '15s',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  summary: 'ask the broker to cancel',
  retry: { initialInterval: '250ms', backoffCoefficient: 2, maximumInterval: '5s' },
});
// A repeat finds what the former call has made, by the request it was called with.
const exchange = proxyActivities<OrderActivities>({
  startToCloseTimeout: '30s',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  summary: 'put another order in its place',
  retry: { initialInterval: '250ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

// Of workflows that began before: they replay as they were.
const CANCEL_AT_ONCE = 'cancel-at-once';
const LOOK_WHEN_FOUND = 'look-when-found';

const STATUS = defineSearchAttributeKey('OrdStatus', 'KEYWORD');
const NEEDS_ATTENTION = defineSearchAttributeKey('OrdNeedsAttention', 'BOOL');

const FILLED_QUANTITY = defineSearchAttributeKey('OrdFilledQuantity', 'DOUBLE');

/** Wall time until the confirmation of a cancel is looked for again. */
const CONFIRMATION_PAUSE_MS = 1_000;

/**
 * Longest wall time between two polls of one order: every reconciliation compares all open orders
 * with one list, and the requests of a minute are too few for a thousand orders one by one.
 */
const POLL_PAUSE_MS_MAX = 600_000;

/**
 * Looks at an unknown order: at once, then ever slower; a person has been told after the first
 * minute.
 */
const LOOKUP_PAUSES_MS = [500, 1_500, 2_500, 5_000, 15_000, 30_000, 60_000];

/**
 * The driver of one order: places it, finds out what became of it, watches it to its end. It holds
 * no truth of its own; every step asks or tells the books, and the last view it was told is all it
 * keeps. So one that rests for months goes on as a new run, which begins with what the books hold.
 */
export async function order(input: OrderInput): Promise<OrderView> {
  const driver = createDriver(input);
  driver.observe(await CancellationScope.nonCancellable(() => placeOrder(input)));
  while (!driver.isClosed()) {
    if (isToBeContinued()) await continueAsNew<typeof order>(input);
    if (driver.isInFlight()) await chase(input, driver);
    else await watch(input, driver);
  }
  await condition(allHandlersFinished);
  return driver.view();
}

/**
 * Finds out what became of a send: look, look again, and send again under the same id while it is
 * wanted.
 */
async function chase(input: OrderInput, driver: Driver): Promise<void> {
  const { clientOrderId } = input.intent;
  for (let lookup = 0; driver.isInFlight(); lookup += 1) {
    const isUnsent = driver.view().state === 'created';
    driver.observe(await (isUnsent ? placeOrder(input) : look.resolveOrder(clientOrderId)));
    if (!driver.isInFlight()) return;
    const pauseMs = LOOKUP_PAUSES_MS[Math.min(lookup, LOOKUP_PAUSES_MS.length - 1)] ?? 60_000;
    await condition(() => !driver.isInFlight(), pauseMs, {
      summary: 'next lookup by client order id',
    });
    // Told that it was found: a look does the rest, such as the cancel that was asked for before.
    const isFound = !driver.isInFlight() && !driver.isClosed();
    if (isFound && patched(LOOK_WHEN_FOUND)) {
      driver.observe(await look.resolveOrder(clientOrderId));
    }
    // Three misses over more than the broker's read lag: the same id may be tried again, and cannot
    // double.
    if (driver.view().state === 'unknown' && lookup >= 2) driver.observe(await resendOrder(input));
    if (isToBeContinued()) return;
  }
}

/** Waits for what the books tell; asks the broker when nothing is heard for a while. */
async function watch(input: OrderInput, driver: Driver): Promise<void> {
  const { clientOrderId } = input.intent;
  const { version } = driver.view();
  let pauseMs = input.pollIntervalMs;
  while (driver.view().version === version) {
    const isTold = await condition(() => driver.view().version !== version, pauseMs, {
      summary: 'wait for the broker, then ask',
    });
    if (isTold) return;
    driver.observe(await look.pollOrder(clientOrderId));
    pauseMs = Math.min(pauseMs * 2, POLL_PAUSE_MS_MAX);
    if (isToBeContinued()) return;
  }
}

/** The history is long, and nobody waits for an answer of this run. */
function isToBeContinued(): boolean {
  return workflowInfo().continueAsNewSuggested && allHandlersFinished();
}

interface Driver {
  view(): OrderView;
  observe(view: OrderView): void;
  isClosed(): boolean;
  isInFlight(): boolean;
}

function createDriver(input: OrderInput): Driver {
  let latest: OrderView | null = null;
  const observe = (view: OrderView): void => {
    if (latest !== null && view.version <= latest.version) return;
    const isNews =
      latest?.state !== view.state ||
      latest.needsAttention !== view.needsAttention ||
      latest.filledQuantity !== view.filledQuantity;
    latest = view;
    setCurrentDetails(describe(view));
    if (isNews) {
      upsertSearchAttributes([
        { key: STATUS, value: view.state },
        { key: NEEDS_ATTENTION, value: view.needsAttention },
        // For people who search; nothing is ever computed with it.
        { key: FILLED_QUANTITY, value: Number(view.filledQuantity) },
      ]);
    }
  };
  const view = (): OrderView => {
    if (latest === null) throw new Error('expected a view after the first activity');
    return latest;
  };
  setHandler(orderChanged, observe);
  setHandler(orderView, () => latest, { description: 'The order as its driver knows it.' });
  setHandler(
    orderAnswered,
    async (): Promise<OrderView> => {
      await condition(() => latest !== null && !isAwaitingAnswer(latest.state));
      return view();
    },
    { description: 'The order once it has an answer, or nobody can tell.' },
  );
  setHandler(
    cancelOrder,
    async (request: CancelRequest): Promise<CancelAnswer> => {
      // An order that waits for its admission is ended by it; before, it was sent after all.
      if (latest === null && !patched(CANCEL_AT_ONCE)) await condition(() => latest !== null);
      return steer.cancelOrder(input.intent.clientOrderId, request, input);
    },
    {
      description: 'Asks the broker to cancel the order.',
      validator: (request: CancelRequest) => rejectUnsigned(request),
    },
  );
  setHandler(
    replaceOrder,
    async (request: ReplaceRequest): Promise<ReplaceAnswer> => {
      await condition(() => latest !== null);
      return replace(input, request, () => latest?.version ?? 0);
    },
    {
      description: 'Puts another order in the place of this one, or says why not.',
      validator: (request: ReplaceRequest) => rejectEmpty(request),
    },
  );
  return {
    view,
    observe,
    isClosed: () => latest !== null && isClosed(latest.state),
    isInFlight: () => latest !== null && (isInFlight(latest.state) || latest.state === 'created'),
  };
}

/**
 * Steps of one replacement, until it has an answer: where the order must be canceled first, the
 * next step waits for news of it, or looks.
 */
async function replace(
  input: OrderInput,
  request: ReplaceRequest,
  version: () => number,
): Promise<ReplaceAnswer> {
  const { clientOrderId } = input.intent;
  for (;;) {
    const before = version();
    const answer = await exchange.replaceOrder(clientOrderId, request);
    if (answer.outcome !== 'canceling') return answer;
    await condition(() => version() !== before, CONFIRMATION_PAUSE_MS, {
      summary: 'wait until the cancel is confirmed',
    });
  }
}

function rejectUnsigned(request: { readonly requestedBy: string }): void {
  if (typeof request?.requestedBy !== 'string' || request.requestedBy === '') {
    throw new Error('expected requestedBy: who asks');
  }
}

/** Refuses what cannot be a replacement before anything of it is in the history. */
function rejectEmpty(request: ReplaceRequest): void {
  rejectUnsigned(request);
  const { quantity, limitPrice, stopPrice, timeInForce, decidedAtMs } = request;
  const numbers = { quantity, limitPrice, stopPrice };
  for (const [name, value] of Object.entries(numbers)) {
    const isFine = value === null || (Number.isSafeInteger(value) && value > 0);
    if (!isFine) throw new Error(`expected ${name} above 0 or null, found ${String(value)}`);
  }
  if (!Number.isSafeInteger(decidedAtMs)) {
    throw new Error('expected decidedAtMs: when this was decided, in market time');
  }
  if (quantity === null && limitPrice === null && stopPrice === null && timeInForce === null) {
    throw new Error('expected a change: quantity, limitPrice, stopPrice or timeInForce');
  }
}

function describe(view: OrderView): string {
  const filled = `${view.filledQuantity} of ${view.quantity} filled`;
  const average = view.averagePrice === null ? '' : ` at ${view.averagePrice}`;
  const detail = view.detail === null ? '' : `\n\n${view.detail}`;
  return `**${view.state}** · ${filled}${average}${detail}`;
}
