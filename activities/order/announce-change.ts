import type { AlertRow, BooksTransaction } from '../../adapters/store/port.js';
import { isClosed, type Order } from '../../domain/order/index.js';
import { formatPrice, formatQuantity, averagePriceRounded } from '../../domain/values/index.js';
import { OPEN_TURN_STATES } from '../../domain/turn/index.js';
import { turnInputOf } from '../turn/turn-view.js';
import { postStart, resumedInput } from './driver-input.js';
import type { World } from '../world.js';
import { viewOf } from './order-view.js';

/**
 * Posts what must follow from a change of an order, in the transaction that changed it: the
 * driver's signal, the alert of its end, what turns of its symbol wait for, a reconciliation, and
 * the audit line. What is posted is delivered, whatever dies in between.
 */
export async function announceChange(
  transaction: BooksTransaction,
  world: World,
  change: { readonly before: Order; readonly after: Order },
): Promise<void> {
  const { before, after } = change;
  const { clientOrderId } = after.intent;
  const view = viewOf({ order: after });
  if (needsItsDriver(before, after)) {
    await transaction.outbox.post({
      kind: 'signal_order',
      target: clientOrderId,
      payload: JSON.stringify(view),
    });
  }
  transaction.audit({
    actor: 'ordinis',
    kind: 'order_changed',
    entity: clientOrderId,
    body: JSON.stringify({
      from: before.progress.state,
      to: view.state,
      filled: view.filledQuantity,
    }),
    atWallMs: world.wallClock.nowMs(),
  });
  const [hadEnded, hasEnded] = [isClosed(before.progress.state), isClosed(after.progress.state)];
  if (hasEnded && !hadEnded) await announceEnd(transaction, world, after);
  if (hadEnded && !hasEnded) await announceReopening(transaction, world, after);
}

/** An order that the broker works again needs a driver again, and a person who knows. */
async function announceReopening(
  transaction: BooksTransaction,
  world: World,
  order: Order,
): Promise<void> {
  const { intent, progress, version } = order;
  const { clientOrderId, symbol } = intent;
  const row = await transaction.orders.byClientOrderId(clientOrderId);
  const correlationId = row?.correlationId ?? clientOrderId;
  await postStart(transaction, resumedInput(world, { order, correlationId }));
  await transaction.alerts.record({
    alertId: `order-reopened/${clientOrderId}/${version}`,
    type: 'position_reconciliation',
    severity: 'critical',
    title: `The broker works order ${clientOrderId} again`,
    message: `${progress.state}, ${describeFills(order)}; it counts as open exposure`,
    metadata: JSON.stringify({ clientOrderId, symbol, state: progress.state }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  });
}

/**
 * A cancel that the broker turned down after it had taken the request: who asked for it knows only
 * of the request.
 */
export async function announceTurnedDown(
  transaction: BooksTransaction,
  world: World,
  order: Order,
): Promise<void> {
  const { intent, progress, version } = order;
  const { clientOrderId, symbol } = intent;
  await transaction.alerts.record({
    alertId: `cancel-rejected/${clientOrderId}/${version}`,
    type: 'order_rejected',
    severity: 'warning',
    title: `The broker has turned down the cancel of order ${clientOrderId}`,
    message: `it works on: ${progress.state}, ${describeFills(order)}`,
    metadata: JSON.stringify({ clientOrderId, symbol, state: progress.state }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  });
}

/** Ends, fills, attention and changes of what is pending; not that the broker took what we sent. */
function needsItsDriver(before: Order, after: Order): boolean {
  const isFirstAnswer =
    before.progress.state === 'submitting' && after.progress.state === 'accepted';
  return !isFirstAnswer;
}

async function announceEnd(
  transaction: BooksTransaction,
  world: World,
  order: Order,
): Promise<void> {
  await transaction.alerts.record({
    ...endAlertOf(order),
    alertId: `order-end/${order.intent.clientOrderId}/${order.version}`,
    metadata: JSON.stringify({
      clientOrderId: order.intent.clientOrderId,
      symbol: order.intent.symbol,
      strategy: order.intent.strategy,
      state: order.progress.state,
    }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  });
  await tellTurns(transaction, order);
  if (order.progress.state === 'denied') return; // Nothing reached the broker: nothing to compare.
  await transaction.outbox.post({
    kind: 'reconcile',
    target: world.account,
    payload: JSON.stringify({ trigger: `order ${order.intent.clientOrderId} closed` }),
  });
}

/** A turn of the symbol may have waited for this end. */
async function tellTurns(transaction: BooksTransaction, order: Order): Promise<void> {
  const { symbol } = order.intent;
  for (const { turn } of await transaction.turns.inStates(OPEN_TURN_STATES, symbol)) {
    const payload = JSON.stringify(turnInputOf(turn));
    await transaction.outbox.post({ kind: 'signal_turn', target: turn.plan.turnId, payload });
  }
}

function endAlertOf(order: Order): Pick<AlertRow, 'type' | 'severity' | 'title' | 'message'> {
  const { side, symbol, quantity } = order.intent;
  const subject = `${side} ${formatQuantity(quantity)} ${symbol}`;
  const { progress } = order;
  if (progress.state === 'denied' || progress.state === 'refused') {
    const message = `${progress.code}: ${progress.message}`;
    return {
      type: 'order_rejected',
      severity: 'warning',
      title: `${subject} ${progress.state}`,
      message,
    };
  }
  if (progress.state === 'abandoned') {
    const title = `${subject} abandoned`;
    return { type: 'order_rejected', severity: 'critical', title, message: progress.evidence };
  }
  const filled = describeFills(order);
  const type = order.filledQuantity > 0 ? 'trade_executed' : 'custom';
  return { type, severity: 'info', title: `${subject} ${progress.state}`, message: filled };
}

function describeFills({ filledQuantity, filledNotional }: Order): string {
  if (filledQuantity === 0 || filledNotional <= 0) return 'nothing filled';
  const average = formatPrice(averagePriceRounded(filledNotional, filledQuantity));
  return `${formatQuantity(filledQuantity)} at ${average}`;
}
