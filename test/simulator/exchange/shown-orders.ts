import type { BrokerOrder, FillActivity, TradeUpdate } from '../../../adapters/broker/port.js';
import { formatInstant, price, type Price } from '../../../domain/values/index.js';
import type {
  AccountView,
  Execution,
  OrderEvent,
  VenueOrder,
} from '../../../exchange/matching/index.js';

/** Orders never change, only new ones take their place: each is translated once. */
const shown = new WeakMap<VenueOrder, BrokerOrder>();

/** An order as the broker's port tells it. */
export function brokerOrderOf(order: VenueOrder): BrokerOrder {
  const known = shown.get(order);
  if (known !== undefined) return known;
  const told: BrokerOrder = {
    brokerOrderId: order.id,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    quantity: order.notional === null ? order.quantity : null,
    notional: order.notional,
    orderClass: order.orderClass === 'simple' ? '' : order.orderClass,
    legs: [],
    type: order.type,
    limitPrice: order.limitPrice,
    stopPrice: order.stopPrice,
    timeInForce: order.timeInForce,
    extendedHours: order.extendedHours,
    status: order.status,
    filledQuantity: order.filledQuantity,
    filledAveragePrice: averageOf(order),
    submittedAt: formatInstant(order.submittedAtMs),
    updatedAt: formatInstant(order.updatedAtMs),
    replacedBy: order.replacedBy,
    replaces: order.replaces,
    raw: JSON.stringify({ id: order.id, status: order.status, filled_qty: order.filledQuantity }),
  };
  shown.set(order, told);
  return told;
}

/** The order with its legs under it. */
export function groupOf(order: VenueOrder, book: AccountView['book']): BrokerOrder {
  if (order.legIds.length === 0) return brokerOrderOf(order);
  return { ...brokerOrderOf(order), legs: order.legIds.map((id) => brokerOrderOf(book.get(id))) };
}

export function tradeUpdateOf(event: OrderEvent): TradeUpdate {
  const { execution, type, eventId, executionId, previousExecutionId, atMs } = event;
  return {
    event: type,
    eventId,
    executionId,
    previousExecutionId,
    price: execution?.price ?? null,
    quantity: execution?.quantity ?? null,
    at: formatInstant(atMs),
    order: brokerOrderOf(event.order),
    raw: JSON.stringify({ event: type, event_id: eventId, order: event.order.id }),
  };
}

export function fillActivityOf(execution: Execution): FillActivity {
  return {
    activityId: execution.activityId,
    brokerOrderId: execution.orderId,
    symbol: execution.symbol,
    side: execution.side,
    price: execution.price,
    quantity: execution.quantity,
    cumulativeQuantity: execution.cumulativeQuantity,
    at: formatInstant(execution.atMs),
    raw: JSON.stringify({ id: execution.activityId }),
  };
}

/** The average over all fills, rounded half up to nano-dollars, as the wire shows it. */
function averageOf(order: VenueOrder): Price | null {
  if (order.filledQuantity === 0) return null;
  const units = BigInt(order.filledQuantity);
  return price(Number((BigInt(order.filledProduct) + units / 2n) / units));
}
