import { createHash } from 'node:crypto';
import type { BrokerOrder, FillActivity, TradeUpdate } from '../../adapters/broker/port.js';
import type { EvidenceSource } from '../../adapters/store/port.js';
import { intervalQuantity, type ToldTrade } from '../../domain/order/index.js';
import type { EpochMs, Price, Quantity } from '../../domain/values/index.js';
import { parseTradeInstant, quantity } from '../../domain/values/index.js';

/** One execution, wherever it was told. The interval is what identifies it. */
export interface Execution {
  readonly cumulativeBefore: Quantity;
  readonly cumulativeAfter: Quantity;
  readonly price: Price;
  readonly executionId: string | null;
  readonly activityId: string | null;
  readonly atMs: EpochMs;
}

/** What the broker does to a trade after the fact. */
export interface TradeChange {
  readonly kind: 'bust' | 'correct';
  readonly executionId: string | null;
  /** The execution that is taken back, where the broker names it. */
  readonly previousExecutionId: string | null;
  /** Of the trade that is gone (bust), or of the one that stands instead. */
  readonly quantity: Quantity;
  readonly price: Price;
  readonly atMs: EpochMs;
}

/** What the broker told about one order: a snapshot of it, an execution, or both. */
export interface Evidence {
  readonly source: EvidenceSource;
  /** The broker's word for what happened, or `snapshot`. */
  readonly event: string;
  readonly eventId: string | null;
  /** Of a frame: where the inbox keeps it. Null: it came in another way. */
  readonly inboxId: string | null;
  /** Null: only an execution is known (activities carry no order). */
  readonly order: BrokerOrder | null;
  readonly clientOrderId: string;
  readonly brokerOrderId: string;
  readonly execution: Execution | null;
  readonly change: TradeChange | null;
  /** What the broker lists of its executions, where the totals of the order are to decide. */
  readonly listed: readonly Execution[];
  readonly raw: string;
}

/** An order as the broker showed it in an answer, a lookup or a list. */
export function snapshotEvidence(source: EvidenceSource, order: BrokerOrder): Evidence {
  return {
    source,
    event: 'snapshot',
    eventId: null,
    inboxId: null,
    order,
    clientOrderId: order.clientOrderId,
    brokerOrderId: order.brokerOrderId,
    execution: null,
    change: null,
    listed: [],
    raw: order.raw,
  };
}

/**
 * A frame of the stream. A fill without price or quantity is a snapshot: its cumulative quantity
 * still tells.
 */
export function streamEvidence(update: TradeUpdate, receivedAtMs: EpochMs): Evidence {
  const { order } = update;
  return {
    source: 'stream',
    event: update.event,
    eventId: update.eventId,
    inboxId: inboxIdOf(update),
    order,
    clientOrderId: order.clientOrderId,
    brokerOrderId: order.brokerOrderId,
    execution: executionOf(update, receivedAtMs),
    change: tradeChangeOf(update, receivedAtMs),
    listed: [],
    raw: update.raw,
  };
}

/** The broker's id of a frame, or a hash of it where it has none. */
export function inboxIdOf({ eventId, raw }: TradeUpdate): string {
  return eventId ?? createHash('sha256').update(raw).digest('hex');
}

/** What an event keeps of its evidence: the text, or where the inbox has it. */
export function saidBy({ inboxId, raw }: Evidence): {
  readonly raw: string | null;
  readonly brokerEventId: string | null;
} {
  return inboxId === null ? { raw, brokerEventId: null } : { raw: null, brokerEventId: inboxId };
}

/** What a frame tells of a trade, as the inbox keeps it. */
export function toldTradeOf({ execution, change, order }: Evidence): ToldTrade | null {
  if (execution !== null) {
    const { executionId, cumulativeAfter: cumulative, price, atMs } = execution;
    const units = intervalQuantity(execution);
    return { executionId, previousExecutionId: null, price, quantity: units, cumulative, atMs };
  }
  if (change === null || order === null) return null;
  const { kind: _kind, ...trade } = change;
  return { ...trade, cumulative: order.filledQuantity };
}

function executionOf(update: TradeUpdate, receivedAtMs: EpochMs): Execution | null {
  const { event, order, price, quantity: executed } = update;
  if (event !== 'fill' && event !== 'partial_fill') return null;
  if (price === null || executed === null || executed === 0) return null;
  if (order.filledQuantity < executed) return null;
  return {
    cumulativeBefore: quantity(order.filledQuantity - executed),
    cumulativeAfter: order.filledQuantity,
    price,
    executionId: update.executionId,
    activityId: null,
    atMs: instantOf(update, receivedAtMs),
  };
}

function tradeChangeOf(update: TradeUpdate, receivedAtMs: EpochMs): TradeChange | null {
  const { event, price, quantity: changed, executionId, previousExecutionId } = update;
  if (event !== 'trade_bust' && event !== 'trade_correct') return null;
  if (price === null || changed === null || changed === 0) return null;
  return {
    kind: event === 'trade_bust' ? 'bust' : 'correct',
    executionId,
    // A bust that names no other execution names its own.
    previousExecutionId: previousExecutionId ?? (event === 'trade_bust' ? executionId : null),
    quantity: changed,
    price,
    atMs: instantOf(update, receivedAtMs),
  };
}

function instantOf({ at }: TradeUpdate, receivedAtMs: EpochMs): EpochMs {
  return (at === null ? null : parseTradeInstant(at)) ?? receivedAtMs;
}

/**
 * Whether a line of the fill activities tells a trade in its place. One of no quantity tells none;
 * one of more than the order had filled behind it tells a trade, but not where it lies: the
 * broker's totals decide.
 */
export function isInPlace({ quantity: units, cumulativeQuantity }: FillActivity): boolean {
  return units > 0 && cumulativeQuantity >= units;
}

/** The executions that lines of the fill activities tell, each where it lies at the earliest. */
export function listedExecutions(
  activities: readonly FillActivity[],
  receivedAtMs: EpochMs,
): readonly Execution[] {
  return activities
    .filter((one) => one.quantity > 0)
    .map((one) => listedExecution(one, receivedAtMs));
}

function listedExecution(activity: FillActivity, receivedAtMs: EpochMs): Execution {
  const { quantity: units, cumulativeQuantity } = activity;
  const cumulativeBefore = quantity(Math.max(0, cumulativeQuantity - units));
  return {
    cumulativeBefore,
    cumulativeAfter: quantity(cumulativeBefore + units),
    price: activity.price,
    executionId: null,
    activityId: activity.activityId,
    atMs: parseTradeInstant(activity.at) ?? receivedAtMs,
  };
}

/** A line of the fill activities that tells a trade in its place. */
export function activityEvidence(
  activity: FillActivity,
  clientOrderId: string,
  receivedAtMs: EpochMs,
): Evidence {
  return {
    source: 'activity',
    event: 'fill',
    eventId: activity.activityId,
    inboxId: null,
    order: null,
    clientOrderId,
    brokerOrderId: activity.brokerOrderId,
    execution: listedExecution(activity, receivedAtMs),
    change: null,
    listed: [],
    raw: activity.raw,
  };
}
