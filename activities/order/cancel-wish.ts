import type { CancelOutcome } from '../../adapters/broker/port.js';
import type { BooksTransaction, OrderEventRow, OrderRow } from '../../adapters/store/port.js';
import { isClosed, type Order, stateOf } from '../../domain/order/index.js';
import { OTHER_DENY_REASONS, type OtherDenyCode } from '../../domain/risk/index.js';
import type { CancelRequest } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { NOTHING_SAID } from './append-event.js';
import { viewOf } from './order-view.js';
import { writeOrderEvent } from './write-order-event.js';

// A cancel is a wish that the order's history keeps until the broker has answered it. Whether one
// was asked for, and what came of it, is read from there by whoever sends or finds the order.

type Line = Pick<OrderEventRow, 'kind' | 'detail'>;

/** Whether somebody has asked for the end of an order: nothing of it is sent any more. */
export function isUnwanted(history: readonly Line[]): boolean {
  return history.some(({ kind }) => kind === 'cancel_requested');
}

/**
 * The request to cancel, as text, that the broker has not answered yet. Null: there is none. Where
 * the answer was lost, or the request on its way, nothing is answered.
 */
export function owedCancel(history: readonly Line[]): string | null {
  const last = history.findLast((line) => line.kind === 'cancel_requested' || isAnswer(line));
  return last?.kind === 'cancel_requested' ? last.detail : null;
}

/** The broker's word to a cancel: its own answer, or the event that turned it down. */
function isAnswer({ kind, detail }: Line): boolean {
  if (kind === 'cancel_rejected') return true;
  return kind === 'cancel_answered' && outcomeIn(detail).kind !== 'unknown';
}

/** What came of the last request to cancel. Null: the broker was not asked, or none was made. */
export function cancelAnswerOf(history: readonly Line[]): CancelOutcome | null {
  const last = history.findLast(({ kind }) => OF_CANCEL.includes(kind));
  return last?.kind === 'cancel_answered' ? outcomeIn(last.detail) : null;
}

function outcomeIn(detail: string): CancelOutcome {
  return JSON.parse(detail) as CancelOutcome;
}

const OF_CANCEL: readonly string[] = ['cancel_requested', 'cancel_answered'];

/** Whether nothing of an order was ever sent. A parked one may be at the broker all the same. */
export function isUnsent({ progress, parkedReason }: Order): boolean {
  return progress.state === 'created' && parkedReason === null;
}

/** Ends an order of which nothing was sent: its cancel was asked for, and it never will be. */
export async function denyUnwanted(
  transaction: BooksTransaction,
  world: World,
  row: OrderRow,
): Promise<Order> {
  const code: OtherDenyCode = 'canceled_before_sent';
  const event = { kind: 'denied', code, message: OTHER_DENY_REASONS[code] } as const;
  return writeOrderEvent(transaction, world, { row, event, source: 'ordinis' });
}

/** What the lines of a cancel need beside the books. */
type Clocks = Pick<World, 'wallClock'> & {
  readonly marketClock: Pick<World['marketClock'], 'nowMs'>;
};

/**
 * Writes that a cancel was asked for. While the broker has not answered it, the same request is one
 * line.
 */
export async function writeCancelRequest(
  transaction: BooksTransaction,
  clocks: Clocks,
  { row, request }: { readonly row: OrderRow; readonly request: CancelRequest },
): Promise<void> {
  const { clientOrderId } = row.order.intent;
  const detail = JSON.stringify(request);
  if (owedCancel(await transaction.orders.eventsOf(clientOrderId)) === detail) return;
  await appendLine(transaction, clocks, { row, kind: 'cancel_requested', detail });
  transaction.audit({
    actor: request.requestedBy,
    kind: 'cancel_requested',
    entity: clientOrderId,
    body: JSON.stringify({ reason: request.reason }),
    atWallMs: clocks.wallClock.nowMs(),
  });
}

/** Writes what the broker said to a cancel, or that nobody can tell what became of it. */
export async function writeCancelAnswer(
  transaction: BooksTransaction,
  clocks: Clocks,
  { row, outcome }: { readonly row: OrderRow; readonly outcome: CancelOutcome },
): Promise<void> {
  const detail = JSON.stringify(outcome);
  await appendLine(transaction, clocks, { row, kind: 'cancel_answered', detail });
  if (outcome.kind === 'unknown') await wakeDriver(transaction, row.order);
}

/** It asks again with its next look, which may be minutes away unless it hears something. */
async function wakeDriver(transaction: BooksTransaction, order: Order): Promise<void> {
  if (isClosed(stateOf(order))) return;
  const { clientOrderId: target } = order.intent;
  const after = { ...order, version: order.version + 1 };
  await transaction.orders.update(after, order.version);
  const payload = JSON.stringify(viewOf({ order: after }));
  await transaction.outbox.post({ kind: 'signal_order', target, payload });
}

async function appendLine(
  transaction: BooksTransaction,
  clocks: Clocks,
  line: {
    readonly row: OrderRow;
    readonly kind: 'cancel_requested' | 'cancel_answered';
    readonly detail: string;
  },
): Promise<void> {
  const { row, kind, detail } = line;
  const { intent, progress } = row.order;
  await transaction.orders.appendEvent({
    clientOrderId: intent.clientOrderId,
    kind,
    fromState: progress.state,
    toState: progress.state,
    outcome: 'moved',
    source: kind === 'cancel_requested' ? 'ordinis' : 'answer',
    detail,
    ...NOTHING_SAID,
    atMs: clocks.marketClock.nowMs(),
    recordedAtWallMs: clocks.wallClock.nowMs(),
  });
}
