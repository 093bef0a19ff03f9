import type { OrderRequest } from '../../adapters/broker/port.js';
import { isOpenAtBroker, type ScriptedOrder } from './scripted-order.js';

/** The legs that a broker makes of a request's exits, beside the order itself. */
export function legRequestsOf(request: OrderRequest, brokerOrderId: string): OrderRequest[] {
  const { orderClass, takeProfit, stopLoss, side } = request;
  const common = {
    ...request,
    side: orderClass === 'oco' ? side : side === 'buy' ? ('sell' as const) : ('buy' as const),
    takeProfit: null,
    stopLoss: null,
  };
  const legs: OrderRequest[] = [];
  if (orderClass === 'simple') return legs;
  if (takeProfit !== null && orderClass !== 'oco') {
    const clientOrderId = `${brokerOrderId}-profit`;
    legs.push({ ...common, clientOrderId, type: 'limit', limitPrice: takeProfit, stopPrice: null });
  }
  if (stopLoss !== null) {
    const type = stopLoss.limitPrice === null ? 'stop' : 'stop_limit';
    legs.push({ ...common, ...stopLoss, clientOrderId: `${brokerOrderId}-stop`, type });
  }
  return legs;
}

/** An order takes the place of another, and its legs with it. */
export function giveWay(old: ScriptedOrder, successor: ScriptedOrder): void {
  old.replacedBy = successor.brokerOrderId;
  for (const leg of old.legs.splice(0)) {
    leg.parent = successor;
    successor.legs.push(leg);
  }
}

/** The open others of an order's group. */
export function groupOf(order: ScriptedOrder): readonly ScriptedOrder[] {
  const root = order.parent ?? order;
  return [root, ...root.legs].filter((one) => one !== order && isOpenAtBroker(one));
}

/** What a fill does to the rest of its group: orders and the statuses that they come to. */
export function afterFill(order: ScriptedOrder): readonly (readonly [ScriptedOrder, string])[] {
  const isExit = order.parent !== null || order.request.orderClass === 'oco';
  const isComplete = order.filledNanos >= order.orderedNanos;
  if (!isExit) {
    const awakened = order.legs.find(({ request }) => request.type === 'limit') ?? order.legs[0];
    return isComplete && awakened !== undefined ? [[awakened, 'new']] : [];
  }
  if (isComplete) return groupOf(order).map((one) => [one, 'canceled'] as const);
  // No event says so: it shows in the order only.
  for (const one of groupOf(order)) one.orderedNanos = order.orderedNanos - order.filledNanos;
  return [];
}
