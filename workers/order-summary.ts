import type { OrderIntent } from '../domain/order/index.js';
import { formatPrice, formatQuantity, formatUsd } from '../domain/values/index.js';

/** `BUY 100 SPY limit 145.2 day`: what a person reads first. */
export function summaryOf(intent: OrderIntent): string {
  const prices = [intent.stopPrice, intent.limitPrice]
    .filter((value) => value !== null)
    .map((value) => formatPrice(value));
  const parts = [
    intent.side.toUpperCase(),
    intent.amount === null ? formatQuantity(intent.quantity) : `${formatUsd(intent.amount)} USD of`,
    intent.symbol,
    intent.type,
    ...prices,
    intent.timeInForce,
    ...exitsOf(intent),
  ];
  return parts.join(' ');
}

/** `bracket profit 150 stop 140`; of a leg `stop of a bracket`. */
function exitsOf(intent: OrderIntent): readonly string[] {
  const { orderClass, takeProfit, stopLoss, leg } = intent;
  if (orderClass === 'simple') return [];
  if (takeProfit === null && stopLoss === null) return [`(${leg} of ${orderClass})`];
  const limit = stopLoss?.limitPrice ?? null;
  return [
    orderClass,
    ...(takeProfit === null ? [] : ['profit', formatPrice(takeProfit)]),
    ...(stopLoss === null ? [] : ['stop', formatPrice(stopLoss.stopPrice)]),
    ...(limit === null ? [] : ['limit', formatPrice(limit)]),
  ];
}
