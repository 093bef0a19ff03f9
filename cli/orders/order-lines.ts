import type { OrderRow } from '../../adapters/store/port.js';
import { formatPrice, formatQuantity, formatUsd, type Price } from '../../domain/values/index.js';
import { brokerOrderIdOf, type Order, type OrderIntent, stateOf } from '../../workers/reference.js';
import { type Column, renderTable } from '../table.js';
import {
  averageJson,
  averageText,
  instantJson,
  newYorkText,
  priceText,
  quantityText,
} from '../words.js';

const COLUMNS: readonly Column[] = [
  { title: 'created (New York)' },
  { title: 'client order id' },
  { title: 'side' },
  { title: 'quantity', align: 'right' },
  { title: 'symbol' },
  { title: 'type' },
  { title: 'state' },
  { title: 'filled', align: 'right' },
  { title: 'average', align: 'right' },
];

/** Orders as a table for people. */
export function orderTable(rows: readonly OrderRow[], whenEmpty: string): readonly string[] {
  const cells = rows.map(({ order }) => [
    newYorkText(order.createdAtMs),
    order.intent.clientOrderId,
    order.intent.side,
    quantityText(order.orderedQuantity),
    order.intent.symbol,
    typeText(order),
    stateText(order),
    quantityText(order.filledQuantity),
    averageText(order.filledNotional, order.filledQuantity),
  ]);
  return renderTable(COLUMNS, cells, whenEmpty);
}

/** `buy 100 SPY limit 145.20 day`. */
export function orderSentence(order: Order): string {
  const { side, quantity, amount, symbol } = order.intent;
  const forAmount = amount === null ? '' : ` for ${formatUsd(amount)} USD`;
  return `${side} ${formatQuantity(quantity)} ${symbol} ${typeText(order)}${forAmount}`;
}

/** Why an order is where it is, where there is something to say. */
export function orderDetail(order: Order): string | null {
  if (order.parkedReason !== null) return `parked: ${order.parkedReason}`;
  switch (order.progress.state) {
    case 'denied':
    case 'refused':
      return `${order.progress.code}: ${order.progress.message}`;
    case 'abandoned':
      return order.progress.evidence;
    default:
      return null;
  }
}

/** An order for programs: exact decimals, instants in UTC. */
export function orderJson({ order, correlationId, parent, replaces, lastError }: OrderRow) {
  const { intent } = order;
  return {
    clientOrderId: intent.clientOrderId,
    account: intent.account,
    symbol: intent.symbol,
    side: intent.side,
    quantity: formatQuantity(intent.quantity),
    amountUsd: intent.amount === null ? null : formatUsd(intent.amount),
    type: intent.type,
    limitPrice: priceJson(intent.limitPrice),
    stopPrice: priceJson(intent.stopPrice),
    timeInForce: intent.timeInForce,
    extendedHours: intent.extendedHours,
    orderClass: intent.orderClass,
    takeProfit: priceJson(intent.takeProfit),
    stopLoss: priceJson(intent.stopLoss?.stopPrice ?? null),
    stopLossLimit: priceJson(intent.stopLoss?.limitPrice ?? null),
    strategy: intent.strategy,
    leg: intent.leg,
    purpose: intent.purpose,
    reason: intent.reason,
    decisionPrice: priceJson(intent.decisionPrice),
    state: stateOf(order),
    detail: orderDetail(order),
    parkedReason: order.parkedReason,
    brokerOrderId: brokerOrderIdOf(order),
    brokerStatus: order.brokerStatus,
    attempts: order.attempts,
    filledQuantity: formatQuantity(order.filledQuantity),
    averagePrice: averageJson(order.filledNotional, order.filledQuantity),
    correlationId,
    parent,
    replaces,
    lastError,
    decidedAt: instantJson(intent.decidedAtMs),
    createdAt: instantJson(order.createdAtMs),
    updatedAt: instantJson(order.updatedAtMs),
  };
}

function typeText({ intent }: Order): string {
  const prices = [
    intent.stopPrice === null ? null : `stop ${priceText(intent.stopPrice)}`,
    intent.limitPrice === null ? null : `limit ${priceText(intent.limitPrice)}`,
  ].filter((part) => part !== null);
  const own = prices.length === 0 ? intent.type : prices.join(' ');
  return [own, intent.timeInForce, ...exitParts(intent)].join(' ');
}

/** `bracket, profit 150, stop 140`. */
function exitParts({ orderClass, takeProfit, stopLoss }: OrderIntent): readonly string[] {
  if (orderClass === 'simple') return [];
  const limit = stopLoss?.limitPrice ?? null;
  const exits = [
    takeProfit === null ? null : `profit ${priceText(takeProfit)}`,
    stopLoss === null ? null : `stop ${priceText(stopLoss.stopPrice)}`,
    limit === null ? null : `limit ${priceText(limit)}`,
  ].filter((part) => part !== null);
  return [exits.length === 0 ? `(${orderClass})` : `(${orderClass}: ${exits.join(', ')})`];
}

function stateText(order: Order): string {
  return order.parkedReason === null ? stateOf(order) : `${stateOf(order)} (parked)`;
}

function priceJson(value: Price | null): string | null {
  return value === null ? null : formatPrice(value);
}
