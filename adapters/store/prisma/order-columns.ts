import type {
  Order,
  OrderClass,
  OrderIntent,
  OrderProgress,
  OrderPurpose,
  OrderState,
  OrderType,
  Side,
  StopLoss,
  TimeInForce,
} from '../../../domain/order/index.js';
import { brokerOrderIdOf, parseClientOrderId, stateOf } from '../../../domain/order/index.js';
import { assertNever } from '../../../domain/values/index.js';
import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import { BooksUnusable } from '../errors.js';
import type { OrderRow } from '../port.js';
import type { Columns, Stored } from './client.js';
import {
  bigintOrNull,
  instantOf,
  member,
  type Members,
  orNull,
  priceOf,
  quantityOf,
  usdOf,
} from './columns.js';

export const SIDES: Members<Side> = { buy: true, sell: true };
const TYPES: Members<OrderType> = { market: true, limit: true, stop: true, stop_limit: true };
const CLASSES: Members<OrderClass> = { simple: true, bracket: true, oco: true, oto: true };
const PURPOSES: Members<OrderPurpose> = { entry: true, exit: true };
const TIMES_IN_FORCE: Members<TimeInForce> = {
  day: true,
  gtc: true,
  ioc: true,
  fok: true,
  opg: true,
  cls: true,
};
export const STATES: Members<OrderState> = {
  created: true,
  submitting: true,
  unknown: true,
  accepted: true,
  partially_filled: true,
  held: true,
  pending_cancel: true,
  pending_replace: true,
  filled: true,
  canceled: true,
  expired: true,
  replaced: true,
  refused: true,
  denied: true,
  abandoned: true,
};

type Model = Prisma.OrderModel;
type IntentColumns = Pick<
  Model,
  | 'account'
  | 'clientOrderId'
  | 'strategy'
  | 'leg'
  | 'symbol'
  | 'side'
  | 'quantityNanos'
  | 'amountMicros'
  | 'type'
  | 'limitPriceNanos'
  | 'stopPriceNanos'
  | 'timeInForce'
  | 'extendedHours'
  | 'orderClass'
  | 'takeProfitPriceNanos'
  | 'stopLossPriceNanos'
  | 'stopLossLimitPriceNanos'
  | 'purpose'
  | 'decidedAtMs'
  | 'validUntilMs'
  | 'decisionPriceNanos'
  | 'reason'
>;
type BesideColumns = Pick<Model, 'correlationId' | 'parent' | 'replaces' | 'lastError' | 'rawBody'>;
/** What an order's life changes: everything but its intent and what stands beside it. */
export type ProgressColumns = Omit<Columns<Model>, keyof IntentColumns | keyof BesideColumns>;

export function orderColumns(row: OrderRow): Columns<Model> {
  return {
    ...intentColumns(row.order.intent),
    ...progressColumns(row.order),
    correlationId: row.correlationId,
    parent: row.parent,
    replaces: row.replaces,
    lastError: row.lastError,
    rawBody: row.rawBody,
  } satisfies Columns<Model>;
}

export function orderRow(stored: Stored<Model>): OrderRow {
  return {
    order: {
      intent: intentOf(stored),
      version: stored.version,
      progress: progressOf(stored),
      orderedQuantity: quantityOf(stored.orderedQuantityNanos),
      attempts: stored.attempts,
      filledQuantity: quantityOf(stored.filledQuantityNanos),
      filledNotional: usdOf(stored.filledNotionalMicros),
      brokerFilledQuantity: quantityOf(stored.brokerFilledQuantityNanos),
      brokerStatus: stored.brokerStatus,
      brokerUpdatedAt: stored.brokerUpdatedAt,
      parkedReason: stored.parkedReason,
      createdAtMs: instantOf(stored.createdAtMs),
      updatedAtMs: instantOf(stored.updatedAtMs),
    },
    correlationId: stored.correlationId,
    parent: stored.parent,
    replaces: stored.replaces,
    lastError: stored.lastError,
    rawBody: stored.rawBody,
  };
}

function intentColumns(intent: OrderIntent): IntentColumns {
  return {
    account: intent.account,
    clientOrderId: intent.clientOrderId,
    strategy: intent.strategy,
    leg: intent.leg,
    symbol: intent.symbol,
    side: intent.side,
    quantityNanos: BigInt(intent.quantity),
    amountMicros: bigintOrNull(intent.amount),
    type: intent.type,
    limitPriceNanos: bigintOrNull(intent.limitPrice),
    stopPriceNanos: bigintOrNull(intent.stopPrice),
    timeInForce: intent.timeInForce,
    extendedHours: intent.extendedHours,
    orderClass: intent.orderClass,
    takeProfitPriceNanos: bigintOrNull(intent.takeProfit),
    stopLossPriceNanos: bigintOrNull(intent.stopLoss?.stopPrice ?? null),
    stopLossLimitPriceNanos: bigintOrNull(intent.stopLoss?.limitPrice ?? null),
    purpose: intent.purpose,
    decidedAtMs: BigInt(intent.decidedAtMs),
    validUntilMs: BigInt(intent.validUntilMs),
    decisionPriceNanos: bigintOrNull(intent.decisionPrice),
    reason: intent.reason,
  };
}

function intentOf(stored: Stored<Model>): OrderIntent {
  const clientOrderId = parseClientOrderId(stored.clientOrderId);
  if (clientOrderId === null) {
    throw new BooksUnusable(`expected a client order id, found "${stored.clientOrderId}"`);
  }
  return {
    account: stored.account,
    clientOrderId,
    strategy: stored.strategy,
    leg: stored.leg,
    symbol: stored.symbol,
    side: member(SIDES, stored.side),
    quantity: quantityOf(stored.quantityNanos),
    amount: orNull(stored.amountMicros, usdOf),
    type: member(TYPES, stored.type),
    limitPrice: orNull(stored.limitPriceNanos, priceOf),
    stopPrice: orNull(stored.stopPriceNanos, priceOf),
    timeInForce: member(TIMES_IN_FORCE, stored.timeInForce),
    extendedHours: Boolean(stored.extendedHours),
    orderClass: member(CLASSES, stored.orderClass),
    takeProfit: orNull(stored.takeProfitPriceNanos, priceOf),
    stopLoss: stopLossOf(stored),
    purpose: member(PURPOSES, stored.purpose),
    decidedAtMs: instantOf(stored.decidedAtMs),
    validUntilMs: instantOf(stored.validUntilMs),
    decisionPrice: orNull(stored.decisionPriceNanos, priceOf),
    reason: stored.reason,
  };
}

function stopLossOf(stored: Stored<Model>): StopLoss | null {
  const limitPrice = orNull(stored.stopLossLimitPriceNanos, priceOf);
  return orNull(stored.stopLossPriceNanos, (nanos) => ({ stopPrice: priceOf(nanos), limitPrice }));
}

export function progressColumns(order: Order): ProgressColumns {
  const { progress } = order;
  const hasEndCode = progress.state === 'refused' || progress.state === 'denied';
  return {
    version: order.version,
    state: stateOf(order),
    sendDeadlineAtMs: progress.state === 'submitting' ? BigInt(progress.sendDeadlineAtMs) : null,
    earlierSendAtMs:
      progress.state === 'submitting' ? bigintOrNull(progress.earlierSendAtMs) : null,
    lastPossibleSendAtMs:
      progress.state === 'unknown' ? BigInt(progress.lastPossibleSendAtMs) : null,
    brokerOrderId: brokerOrderIdOf(order),
    endCode: hasEndCode ? progress.code : null,
    endMessage: endMessageOf(progress),
    orderedQuantityNanos: BigInt(order.orderedQuantity),
    attempts: order.attempts,
    filledQuantityNanos: BigInt(order.filledQuantity),
    filledNotionalMicros: BigInt(order.filledNotional),
    brokerFilledQuantityNanos: BigInt(order.brokerFilledQuantity),
    brokerStatus: order.brokerStatus,
    brokerUpdatedAt: order.brokerUpdatedAt,
    parkedReason: order.parkedReason,
    createdAtMs: BigInt(order.createdAtMs),
    updatedAtMs: BigInt(order.updatedAtMs),
  };
}

function endMessageOf(progress: OrderProgress): string | null {
  if (progress.state === 'refused' || progress.state === 'denied') return progress.message;
  return progress.state === 'abandoned' ? progress.evidence : null;
}

function progressOf(stored: Stored<Model>): OrderProgress {
  const state = member(STATES, stored.state);
  const need = <Value>(value: Value | null, column: string): Value => {
    if (value !== null) return value;
    const which = `order ${stored.clientOrderId}, state ${state}`;
    throw new BooksUnusable(`expected ${column} in the books, found nothing (${which})`);
  };
  const message = (): string => need(stored.endMessage, 'end_message');
  switch (state) {
    case 'created':
      return { state };
    case 'submitting': {
      const sendDeadlineAtMs = instantOf(need(stored.sendDeadlineAtMs, 'send_deadline_at_ms'));
      return {
        state,
        sendDeadlineAtMs,
        earlierSendAtMs: orNull(stored.earlierSendAtMs, instantOf),
      };
    }
    case 'unknown': {
      const lastAtMs = need(stored.lastPossibleSendAtMs, 'last_possible_send_at_ms');
      return { state, lastPossibleSendAtMs: instantOf(lastAtMs) };
    }
    case 'accepted':
    case 'partially_filled':
    case 'held':
    case 'pending_cancel':
    case 'pending_replace':
    case 'filled':
    case 'canceled':
    case 'expired':
    case 'replaced':
      return { state, brokerOrderId: need(stored.brokerOrderId, 'broker_order_id') };
    case 'refused': {
      const code = need(stored.endCode, 'end_code');
      return { state, brokerOrderId: stored.brokerOrderId, code, message: message() };
    }
    case 'denied':
      return { state, code: need(stored.endCode, 'end_code'), message: message() };
    case 'abandoned':
      return { state, evidence: message() };
    default:
      return assertNever(state);
  }
}
