import type { BrokerOrder, OrderRequest } from '../../adapters/broker/port.js';
import { epochMs, formatInstant, type Price, quantity } from '../../domain/values/index.js';

/** An order as the scripted broker keeps it. */
export interface ScriptedOrder {
  readonly brokerOrderId: string;
  readonly request: OrderRequest;
  submittedAtMs: number;
  /** What is ordered now; a group makes it smaller. */
  orderedNanos: number;
  readonly legs: ScriptedOrder[];
  parent: ScriptedOrder | null;
  replacedBy: string | null;
  readonly replaces: string | null;
  status: string;
  filledNanos: number;
  /** Sum of price × quantity of its fills, in 1e-18 dollars. */
  filledProduct: bigint;
  /** Rises with every change: the digits of the broker's own instant. */
  change: number;
}

const OPEN_STATUSES = ['new', 'accepted', 'pending_new', 'partially_filled', 'held'];

export function isOpenAtBroker({ status }: ScriptedOrder): boolean {
  return OPEN_STATUSES.includes(status) || status.startsWith('pending_');
}

/** Alpaca lists a leg that waits for its group among the closed orders. */
export function isListedAsOpen(order: ScriptedOrder): boolean {
  return isOpenAtBroker(order) && order.status !== 'held';
}

/** The order as a snapshot tells it, with an instant of milliseconds and more. */
export function snapshotOf(order: ScriptedOrder, isNested = false): BrokerOrder {
  const { request } = order;
  return {
    brokerOrderId: order.brokerOrderId,
    clientOrderId: request.clientOrderId,
    symbol: request.symbol,
    side: request.side,
    quantity: quantity(order.orderedNanos),
    notional: null,
    orderClass: request.orderClass === 'simple' ? '' : request.orderClass,
    legs: isNested ? order.legs.map((leg) => snapshotOf(leg)) : [],
    type: request.type,
    limitPrice: request.limitPrice,
    stopPrice: request.stopPrice,
    timeInForce: request.timeInForce,
    extendedHours: request.extendedHours,
    status: order.status,
    filledQuantity: quantity(order.filledNanos),
    filledAveragePrice: averageOf(order),
    submittedAt: formatInstant(epochMs(order.submittedAtMs)),
    updatedAt: `2013-10-07T13:30:00.${digits(order.change, 3)}${digits(order.change, 6)}Z`,
    replacedBy: order.replacedBy,
    replaces: order.replaces,
    raw: JSON.stringify({ id: order.brokerOrderId, status: order.status, at: order.change }),
  };
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

function averageOf(order: ScriptedOrder): Price | null {
  if (order.filledNanos === 0) return null;
  const units = BigInt(order.filledNanos);
  return Number((order.filledProduct + units / 2n) / units) as Price;
}
