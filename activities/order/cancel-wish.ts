import type { CancelOutcome } from '../../adapters/broker/port.js';
import type { BooksTransaction, OrderEventRow, OrderRow } from '../../adapters/store/port.js';
import type { Order } from '../../domain/order/index.js';
import { OTHER_DENY_REASONS, type OtherDenyCode } from '../../domain/risk/index.js';
import type { World } from '../world.js';
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
