import type { Execution, OrderEvent, VenueOrder } from '../../../exchange/matching/index.js';
import type { BrokerExecution, BrokerOrder, Journal } from '../../checker/journal.js';

/** A request for a new order as it reached the exchange. */
export interface ReceivedSubmission {
  readonly clientOrderId: string;
  readonly receivedWallMs: number;
  readonly status: number | null;
  /** The start that sent it. */
  readonly bootEpoch: number;
}

/** An execution that the venue has taken back or given another price. */
export interface ChangedExecution {
  readonly kind: 'trade_bust' | 'trade_correct';
  /** Of the frame that told so, once. */
  readonly eventId: string;
  readonly before: BrokerExecution;
}

/** What really happened at the exchange: the ground truth, never touched by a fault. */
export class ExchangeJournal implements Journal {
  readonly openingCashMicros: bigint;
  readonly orders = new Map<string, BrokerOrder>();
  readonly changes: ChangedExecution[] = [];
  readonly #ofClient = new Map<string, BrokerOrder>();
  readonly executions: BrokerExecution[] = [];
  readonly submissions: ReceivedSubmission[] = [];
  readonly firedFaults: string[] = [];

  constructor(openingCashMicros: bigint) {
    this.openingCashMicros = openingCashMicros;
  }

  /** Whether the venue has taken an execution of the order back. */
  hasBusted(clientOrderId: string): boolean {
    const id = this.ofClient(clientOrderId)?.id;
    return this.changes.some(({ kind, before }) => {
      return kind === 'trade_bust' && before.brokerOrderId === id;
    });
  }

  /** The order that was placed under this id. */
  ofClient(clientOrderId: string): BrokerOrder | null {
    return this.#ofClient.get(clientOrderId) ?? null;
  }

  /** An order as it is now, whether or not anybody was told how it came to be so. */
  noteOrder(order: VenueOrder): void {
    const noted = orderOf(order);
    this.orders.set(order.id, noted);
    this.#ofClient.set(order.clientOrderId, noted);
  }

  note({ order, execution, type, eventId, previousExecutionId }: OrderEvent): void {
    this.noteOrder(order);
    if (execution === null) return;
    const isFill = type === 'fill' || type === 'partial_fill';
    if (isFill) this.executions.push(executionOf(execution));
    const index = this.executions.findIndex((one) => one.executionId === previousExecutionId);
    const before = this.executions[index];
    if (before === undefined) return;
    const kind = type === 'trade_bust' ? type : 'trade_correct';
    this.changes.push({ kind, eventId, before });
    // What stands after the venue has taken an execution back, or given it another price.
    this.executions.splice(index, 1, ...(type === 'trade_bust' ? [] : [executionOf(execution)]));
  }
}

function orderOf(order: VenueOrder): BrokerOrder {
  return {
    id: order.id,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    timeInForce: order.timeInForce,
    quantityNanos: BigInt(order.quantity),
    limitPriceNanos: order.limitPrice === null ? null : BigInt(order.limitPrice),
    stopPriceNanos: order.stopPrice === null ? null : BigInt(order.stopPrice),
    status: order.status,
    filledNanos: BigInt(order.filledQuantity),
  };
}

function executionOf(execution: Execution): BrokerExecution {
  return {
    executionId: execution.id,
    activityId: execution.activityId,
    brokerOrderId: execution.orderId,
    symbol: execution.symbol,
    side: execution.side,
    quantityNanos: BigInt(execution.quantity),
    priceNanos: BigInt(execution.price),
    cumulativeNanos: BigInt(execution.cumulativeQuantity),
    cashMicros: BigInt(execution.cash),
  };
}
