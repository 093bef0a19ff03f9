import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import {
  createOrder,
  IN_FLIGHT_STATES,
  type Order,
  type OrderIntent,
  WORKING_STATES,
} from '../../domain/order/index.js';
import {
  assessRisk,
  type OpenOrderRemainder,
  type RiskAssessment,
  type RiskInputs,
  signedUnits,
  worstRemainders,
} from '../../domain/risk/index.js';
import {
  addUsd,
  assert,
  epochMs,
  type Price,
  subtractUsd,
  ZERO_USD,
} from '../../domain/values/index.js';
import type { OrderInput } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { readGate, SEND_WINDOW_MS } from './gate.js';
import { writeOrderEvent } from './write-order-event.js';

export type Admission =
  /** Written as submitting; it may be sent until the deadline, by this attempt only. */
  | { readonly kind: 'send'; readonly order: Order; readonly sendDeadlineAtMs: number }
  /** Denied now, or known already: nothing to send. */
  | { readonly kind: 'settled'; readonly row: Pick<OrderRow, 'order'> }
  /** Not now; nothing was written. */
  | { readonly kind: 'hold'; readonly reason: string; readonly retryAfterMs: number };

/**
 * Admits an order and begins its send in one transaction: gate, limits, exposure and reservation
 * are judged on the very state that the commit makes durable, so two orders never pass on the same
 * buying power. An order that is unknown is admitted for another send of the same id; its own
 * reservation is left out of the totals.
 */
export async function admitOrder(
  transaction: BooksTransaction,
  world: World,
  { input, quotedPrice }: { readonly input: OrderInput; readonly quotedPrice: Price | null },
): Promise<Admission> {
  const { intent } = input;
  const known = await transaction.orders.byClientOrderId(intent.clientOrderId);
  const state = known?.order.progress.state;
  if (known !== null && state !== 'created' && state !== 'unknown') {
    return { kind: 'settled', row: known };
  }
  const hold = await readGate(transaction, world);
  if (hold !== null && !isExpired(world, intent)) return { kind: 'hold', ...hold };
  const inputs = await riskInputs(transaction, world, {
    intent,
    quotedPrice,
    isNew: known === null,
  });
  const assessment = assessRisk(inputs);
  if (assessment.decision === 'denied' && state === 'unknown') {
    assert(known !== null, 'expected the unknown order that was just read');
    return { kind: 'settled', row: known }; // It may be at the broker: only evidence ends it.
  }
  await recordDecision(transaction, inputs, assessment);
  const row = known ?? newRow(world, input);
  const isNew = known === null;
  return assessment.decision === 'denied'
    ? deny(transaction, world, { row, isNew, assessment })
    : beginSend(transaction, world, { row, isNew, assessment });
}

function isExpired(world: World, intent: OrderIntent): boolean {
  if (intent.decidedAtMs <= world.stall.voidThroughMs()) return true;
  return world.marketClock.nowMs() > intent.validUntilMs;
}

async function riskInputs(
  transaction: BooksTransaction,
  world: World,
  asked: {
    readonly intent: OrderIntent;
    readonly quotedPrice: Price | null;
    readonly isNew: boolean;
  },
): Promise<RiskInputs> {
  const { intent, quotedPrice, isNew } = asked;
  const { symbol, clientOrderId } = intent;
  const instrument = await transaction.instruments.bySymbol(symbol);
  const position = await transaction.positions.bySymbol(symbol);
  const openOrders = await openRemainders(transaction, symbol, clientOrderId);
  const limits = await transaction.limits();
  assert(limits !== null, `expected limits of account ${intent.account} in the books`);
  const own = isNew ? null : await transaction.reservations.byOrder(clientOrderId);
  const totals = transaction.account.get();
  return {
    intent,
    nowAtMs: world.marketClock.nowMs(),
    voidThroughMs: world.stall.voidThroughMs(),
    haltMode: totals.haltMode,
    instrument,
    position: position === null ? 0 : signedUnits(position.side, position.quantity),
    openOrders,
    limits,
    totals: { ...totals, reserved: subtractUsd(totals.reserved, own?.amount ?? ZERO_USD) },
    quotedPrice,
  };
}

async function openRemainders(
  transaction: BooksTransaction,
  symbol: string,
  exceptClientOrderId: string,
): Promise<readonly OpenOrderRemainder[]> {
  const open = await transaction.orders.inStates([...IN_FLIGHT_STATES, ...WORKING_STATES], symbol);
  const others = open.filter(({ order }) => order.intent.clientOrderId !== exceptClientOrderId);
  return worstRemainders(others);
}

async function recordDecision(
  transaction: BooksTransaction,
  inputs: RiskInputs,
  assessment: RiskAssessment,
): Promise<void> {
  const isDenied = assessment.decision === 'denied';
  await transaction.riskDecisions.record({
    clientOrderId: inputs.intent.clientOrderId,
    decision: assessment.decision,
    code: isDenied ? assessment.code : null,
    message: isDenied ? assessment.message : 'within all limits',
    inputs: JSON.stringify(inputs),
    atMs: inputs.nowAtMs,
  });
}

function newRow(world: World, input: OrderInput): OrderRow {
  return {
    order: createOrder(input.intent, world.marketClock.nowMs()),
    correlationId: input.correlationId,
    parent: null,
    replaces: null,
    lastError: null,
    rawBody: null,
  };
}

interface Judged<Decision extends RiskAssessment['decision']> {
  readonly row: OrderRow;
  /** The row is not in the books yet: its first event brings it there. */
  readonly isNew: boolean;
  readonly assessment: Extract<RiskAssessment, { readonly decision: Decision }>;
}

async function deny(
  transaction: BooksTransaction,
  world: World,
  { row, isNew, assessment: { code, message } }: Judged<'denied'>,
): Promise<Admission> {
  const event = { kind: 'denied', code, message } as const;
  const order = await writeOrderEvent(transaction, world, { row, isNew, event, source: 'ordinis' });
  return { kind: 'settled', row: { order } };
}

async function beginSend(
  transaction: BooksTransaction,
  world: World,
  { row, isNew, assessment }: Judged<'admitted'>,
): Promise<Admission> {
  const sendDeadlineAtMs = epochMs(world.wallClock.nowMs() + SEND_WINDOW_MS);
  const event = { kind: 'send_began', sendDeadlineAtMs } as const;
  const order = await writeOrderEvent(transaction, world, { row, isNew, event, source: 'ordinis' });
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
