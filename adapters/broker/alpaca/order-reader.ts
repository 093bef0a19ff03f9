import type { Side } from '../../../domain/order/index.js';
import type { BrokerOrder, FillActivity, TradeUpdate } from '../port.js';
import {
  aggregateOrNull,
  averagePriceOrNull,
  flagOf,
  instantOf,
  listOf,
  priceOf,
  priceOrNull,
  quantityOf,
  quantityOrNull,
  recordOf,
  textOf,
  textOrNull,
  unreadable,
  type WireRecord,
} from './wire-record.js';

/**
 * An order of the wire. Quantities and prices are exact or the order is unreadable; a status is any
 * text.
 */
export function readOrder(value: unknown, raw = JSON.stringify(value)): BrokerOrder {
  const order = soleOrder(recordOf(value, 'an order'));
  return {
    brokerOrderId: textOf(order, 'id'),
    clientOrderId: textOf(order, 'client_order_id'),
    symbol: textOf(order, 'symbol'),
    side: sideOf(order),
    quantity: quantityOrNull(order, 'qty'),
    // Nine decimals are documented, and no order of ours is by amount.
    notional: aggregateOrNull(order, 'notional'),
    orderClass: textOrNull(order, 'order_class') ?? '',
    legs: legsOf(order),
    // Empty for a leg of an order of several symbols, which a list shows by itself.
    type: textOrNull(order, 'type') ?? '',
    limitPrice: priceOrNull(order, 'limit_price'),
    stopPrice: priceOrNull(order, 'stop_price'),
    timeInForce: textOf(order, 'time_in_force'),
    extendedHours: flagOf(order, 'extended_hours'),
    status: textOf(order, 'status'),
    filledQuantity: quantityOf(order, 'filled_qty'),
    filledAveragePrice: averagePriceOrNull(order, 'filled_avg_price'),
    submittedAt: textOrNull(order, 'submitted_at'),
    updatedAt: textOrNull(order, 'updated_at'),
    replacedBy: textOrNull(order, 'replaced_by'),
    replaces: textOrNull(order, 'replaces'),
    raw,
  };
}

/**
 * An order of several symbols has no symbol and no side of its own: it goes by its first leg's, and
 * by no quantity, since its legs are what fills. Its legs are no orders, and its price is a net of
 * theirs, below zero for a credit: neither must keep the rest of a list from being read.
 */
function soleOrder(order: WireRecord): WireRecord {
  if (order['order_class'] !== 'mleg' || textOrNull(order, 'symbol') !== null) return order;
  const [first] = listOf(order['legs'], 'the legs of an order');
  const { symbol, side } = recordOf(first, 'a leg');
  const net = { limit_price: null, stop_price: null, filled_avg_price: null };
  return { ...order, ...net, symbol, side, qty: null, legs: null };
}

function legsOf(order: WireRecord): readonly BrokerOrder[] {
  const legs = order['legs'];
  if (legs === undefined || legs === null) return [];
  return listOf(legs, 'the legs of an order').map((leg) => readOrder(leg));
}

/** One execution of the activities list. */
export function readFillActivity(value: unknown): FillActivity {
  const fill = recordOf(value, 'a fill activity');
  instantOf(fill, 'transaction_time');
  return {
    activityId: textOf(fill, 'id'),
    brokerOrderId: textOf(fill, 'order_id'),
    symbol: textOf(fill, 'symbol'),
    side: sideOf(fill),
    price: priceOf(fill, 'price'),
    quantity: quantityOf(fill, 'qty'),
    cumulativeQuantity: quantityOf(fill, 'cum_qty'),
    at: textOf(fill, 'transaction_time'),
    raw: JSON.stringify(value),
  };
}

/** The data of a `trade_updates` frame; `raw` is the whole frame. */
export function readTradeUpdate(value: unknown, raw: string): TradeUpdate {
  const update = recordOf(value, 'a trade update');
  return {
    event: textOf(update, 'event'),
    eventId: eventIdOf(update),
    executionId: textOrNull(update, 'execution_id'),
    previousExecutionId:
      textOrNull(update, 'previous_execution_id') ?? textOrNull(update, 'previous_id'),
    price: priceOrNull(update, 'price'),
    quantity: quantityOrNull(update, 'qty'),
    at: textOrNull(update, 'timestamp') ?? textOrNull(update, 'at'),
    order: readOrder(update['order']),
    raw,
  };
}

/** Text on some transports, a number on others. */
function eventIdOf(update: WireRecord): string | null {
  const id = update['event_id'];
  return typeof id === 'number' ? String(id) : textOrNull(update, 'event_id');
}

/** Activities name a short sale by its own word. */
function sideOf(record: WireRecord): Side {
  const side = record['side'];
  if (side === 'buy' || side === 'sell') return side;
  if (side === 'sell_short') return 'sell';
  throw unreadable('side', 'buy or sell', side);
}
