import type { BrokerOrder, FillActivity, TradeUpdate } from '../../adapters/broker/port.js';
import type { EvidenceSource } from '../../adapters/store/port.js';
import type { EpochMs, Price, Quantity } from '../../domain/values/index.js';
import { parseInstant, quantity } from '../../domain/values/index.js';

/** One execution, wherever it was told. The interval is what identifies it. */
export interface Execution {
  readonly cumulativeBefore: Quantity;
  readonly cumulativeAfter: Quantity;
  readonly price: Price;
  readonly executionId: string | null;
  readonly activityId: string | null;
  readonly atMs: EpochMs;
}

/** What the broker told about one order: a snapshot of it, an execution, or both. */
export interface Evidence {
  readonly source: EvidenceSource;
  /** The broker's word for what happened, or `snapshot`. */
  readonly event: string;
  readonly eventId: string | null;
  /** Null: only an execution is known (activities carry no order). */
  readonly order: BrokerOrder | null;
  readonly clientOrderId: string;
  readonly brokerOrderId: string;
  readonly execution: Execution | null;
  readonly raw: string;
}

/** An order as the broker showed it in an answer, a lookup or a list. */
export function snapshotEvidence(source: EvidenceSource, order: BrokerOrder): Evidence {
  return {
    source,
    event: 'snapshot',
    eventId: null,
    order,
    clientOrderId: order.clientOrderId,
    brokerOrderId: order.brokerOrderId,
    execution: null,
    raw: order.raw,
  };
}

/**
 * A frame of the stream. A fill without price or quantity is a snapshot: its cumulative quantity
 * still tells.
 */
export function streamEvidence(update: TradeUpdate, receivedAtMs: EpochMs): Evidence {
  const { order, price, quantity: executed } = update;
  const isFill = update.event === 'fill' || update.event === 'partial_fill';
  const isComplete = isFill && price !== null && executed !== null && executed > 0;
  return {
    source: 'stream',
    event: update.event,
    eventId: update.eventId,
    order,
    clientOrderId: order.clientOrderId,
    brokerOrderId: order.brokerOrderId,
    execution:
      isComplete && order.filledQuantity >= executed
        ? {
            cumulativeBefore: quantity(order.filledQuantity - executed),
            cumulativeAfter: order.filledQuantity,
            price,
            executionId: update.executionId,
            activityId: null,
            atMs: (update.at === null ? null : parseInstant(update.at)) ?? receivedAtMs,
          }
        : null,
    raw: update.raw,
  };
}

/** A line of the fill activities. */
export function activityEvidence(
  activity: FillActivity,
  clientOrderId: string,
  receivedAtMs: EpochMs,
): Evidence {
  return {
    source: 'activity',
    event: 'fill',
    eventId: activity.activityId,
    order: null,
    clientOrderId,
    brokerOrderId: activity.brokerOrderId,
    execution: {
      cumulativeBefore: quantity(activity.cumulativeQuantity - activity.quantity),
      cumulativeAfter: activity.cumulativeQuantity,
      price: activity.price,
      executionId: null,
      activityId: activity.activityId,
      atMs: parseInstant(activity.at) ?? receivedAtMs,
    },
    raw: activity.raw,
  };
}
