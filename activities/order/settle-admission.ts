import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import { createOrder, type Order, type OrderIntent } from '../../domain/order/index.js';
import type { RiskAssessment } from '../../domain/risk/index.js';
import { addUsd, epochMs, subtractUsd, ZERO_USD } from '../../domain/values/index.js';
import type { World } from '../world.js';
import { SEND_WINDOW_MS } from './gate.js';
import { type RiskRaising, textOfRequest } from './send-risk-raising.js';
import { writeOrderEvent } from './write-order-event.js';

export type Admission =
  /** Written as submitting; it may be sent until the deadline, by this attempt only. */
  | { readonly kind: 'send'; readonly order: Order; readonly sendDeadlineAtMs: number }
  /** Denied now, or known already: nothing to send. */
  | { readonly kind: 'settled'; readonly row: Pick<OrderRow, 'order'> }
  /** Not now; nothing was written. */
  | { readonly kind: 'hold'; readonly reason: string };

/** The row of a wish that is not in the books yet, as it would stand there alone. */
export function newRow(
  world: World,
  wish: { readonly intent: OrderIntent; readonly correlationId: string },
): OrderRow {
  return {
    order: createOrder(wish.intent, world.marketClock.nowMs()),
    correlationId: wish.correlationId,
    parent: null,
    replaces: null,
    lastError: null,
    rawBody: null,
  };
}

interface Judged<Assessment extends RiskAssessment = RiskAssessment> {
  readonly row: OrderRow;
  /** The row is not in the books yet: its first event brings it there. */
  readonly isNew: boolean;
  readonly assessment: Assessment;
  /** What the broker will be asked, where it is admitted. */
  readonly request: RiskRaising;
}

type Of<Decision extends RiskAssessment['decision']> = Extract<
  RiskAssessment,
  { readonly decision: Decision }
>;

/** Writes what a judgement means: the order is denied, or its send begins with its reservation. */
export async function settleAdmission(
  transaction: BooksTransaction,
  world: World,
  judged: Judged,
): Promise<Extract<Admission, { readonly kind: 'send' | 'settled' }>> {
  const { assessment } = judged;
  return assessment.decision === 'denied'
    ? deny(transaction, world, { ...judged, assessment })
    : beginSend(transaction, world, { ...judged, assessment });
}

async function deny(
  transaction: BooksTransaction,
  world: World,
  { row, isNew, assessment: { code, message } }: Judged<Of<'denied'>>,
): Promise<Extract<Admission, { readonly kind: 'settled' }>> {
  const event = { kind: 'denied', code, message } as const;
  const order = await writeOrderEvent(transaction, world, { row, isNew, event, source: 'ordinis' });
  return { kind: 'settled', row: { order } };
}

async function beginSend(
  transaction: BooksTransaction,
  world: World,
  { row, isNew, assessment, request: asked }: Judged<Of<'admitted'>>,
): Promise<Extract<Admission, { readonly kind: 'send' }>> {
  const sendDeadlineAtMs = epochMs(world.wallClock.nowMs() + SEND_WINDOW_MS);
  const event = { kind: 'send_began', sendDeadlineAtMs } as const;
  const request = textOfRequest(asked);
  const written = { row, isNew, event, source: 'ordinis', request } as const;
  const order = await writeOrderEvent(transaction, world, written);
  // After the order: a reservation refers to one that is in the books.
  await reserve(transaction, row, assessment.reservation);
  transaction.audit({
    actor: row.order.intent.strategy,
    kind: 'order_admitted',
    entity: row.order.intent.clientOrderId,
    body: JSON.stringify({ attempt: order.attempts, reservation: assessment.reservation }),
    atWallMs: world.wallClock.nowMs(),
  });
  return { kind: 'send', order, sendDeadlineAtMs };
}

async function reserve(
  transaction: BooksTransaction,
  row: OrderRow,
  wanted: Extract<RiskAssessment, { readonly decision: 'admitted' }>['reservation'],
): Promise<void> {
  const { clientOrderId, symbol, side } = row.order.intent;
  const before =
    row.order.attempts > 0 ? await transaction.reservations.byOrder(clientOrderId) : null;
  if (wanted === null && before === null) return;
  if (wanted === null) await transaction.reservations.delete(clientOrderId);
  else await transaction.reservations.put({ clientOrderId, symbol, side, ...wanted });
  const { reserved } = transaction.account.get();
  const freed = subtractUsd(reserved, before?.amount ?? ZERO_USD);
  transaction.account.set({ reserved: addUsd(freed, wanted?.amount ?? ZERO_USD) });
}
