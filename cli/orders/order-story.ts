import type {
  AlertRow,
  BrokerEventRow,
  FillRow,
  OrderEventRow,
  OrderRow,
  RiskDecisionRow,
  StrategySignalRow,
  TurnRow,
} from '../../adapters/store/port.js';
import {
  type EpochMs,
  formatPrice,
  formatQuantity,
  formatUsd,
  type Price,
  SECOND_MS,
  subtractQuantity,
} from '../../domain/values/index.js';
import { jsonOf } from '../json-text.js';
import { money, newYorkText, priceText, instantJson } from '../words.js';
import { DECISION_WORDS, detailLines } from './detail-lines.js';
import { orderSentence } from './order-lines.js';

/** Everything that the books know about one order. */
export interface OrderRecords {
  readonly row: OrderRow;
  /** The turn that the order belongs to. */
  readonly turn: TurnRow | null;
  readonly signals: readonly StrategySignalRow[];
  readonly decisions: readonly RiskDecisionRow[];
  readonly events: readonly OrderEventRow[];
  readonly fills: readonly FillRow[];
  /** Frames of the broker's stream, as the inbox keeps them. */
  readonly frames: readonly BrokerEventRow[];
  readonly alerts: readonly AlertRow[];
}

/** One thing that happened to an order. */
export interface StoryEntry {
  /** Market time. */
  readonly atMs: EpochMs;
  readonly kind: 'signal' | 'turn' | 'intent' | 'risk' | 'event' | 'fill' | 'frame' | 'alert';
  readonly text: string;
  /** Lines that belong below, for people. */
  readonly details: readonly string[];
  /** The record for programs: exact decimals, instants in UTC. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** As wide as instant and kind. */
const INDENT = ' '.repeat(31);

const ORDER_OF_KINDS: readonly StoryEntry['kind'][] = [
  'signal',
  'turn',
  'intent',
  'risk',
  'event',
  'fill',
  'alert',
];

/**
 * The order's story in market time, from signal to alert: each request and its answer, each frame,
 * each state. A frame that moved the order stands with its event; one that told nothing new stands
 * alone, where it came among the events. What happened within a second stands in the order in which
 * one thing leads to the next: our market clock and the broker's instants are not of one precision.
 */
export function orderStory(records: OrderRecords): readonly StoryEntry[] {
  const entries = [
    ...records.signals.map(signalEntry),
    ...(records.turn === null ? [] : turnEntries(records.turn)),
    intentEntry(records.row),
    ...records.decisions.map(decisionEntry),
    ...toldEntries(records),
    ...records.fills.map(fillEntry),
    ...records.alerts.map(alertEntry),
  ];
  return entries.toSorted(
    (left, right) => secondOf(left) - secondOf(right) || rankOf(left.kind) - rankOf(right.kind),
  );
}

/** The lines of a story, one entry a line; inputs and details below it, indented. */
export function storyLines(entries: readonly StoryEntry[]): readonly string[] {
  return entries.flatMap((entry) => [
    `${newYorkText(entry.atMs)}  ${entry.kind.padEnd(6)}  ${entry.text}`,
    ...entry.details.map((line) => `${INDENT}${line}`),
  ]);
}

function secondOf({ atMs }: StoryEntry): number {
  return Math.floor(atMs / SECOND_MS);
}

function rankOf(kind: StoryEntry['kind']): number {
  return ORDER_OF_KINDS.indexOf(kind === 'frame' ? 'event' : kind);
}

/** Events, and the frames that belong to none, as they came. */
function toldEntries(records: OrderRecords): readonly StoryEntry[] {
  const events = records.events.map((event) => ({
    wallMs: event.recordedAtWallMs,
    entry: eventEntry(event, textOf(event, records)),
  }));
  const frames = unusedFrames(records).map((frame) => ({
    wallMs: frame.receivedAtWallMs,
    entry: frameEntry(frame, records),
  }));
  const told = [...events, ...frames].toSorted((left, right) => left.wallMs - right.wallMs);
  return told.map(({ entry }) => entry);
}

function signalEntry(signal: StrategySignalRow): StoryEntry {
  return {
    atMs: signal.barEndAtMs,
    kind: 'signal',
    text: `${signal.strategy} on ${signal.symbol}, leg ${signal.leg}, data ${signal.dataFeed}`,
    details: [],
    json: {
      strategy: signal.strategy,
      leg: signal.leg,
      dataFeed: signal.dataFeed,
      signal: jsonOf(signal.signal),
    },
  };
}

function turnEntries({ turn }: TurnRow): readonly StoryEntry[] {
  const { turnId } = turn.plan;
  return turn.history.map(({ state, atMs }) => ({
    atMs,
    kind: 'turn',
    text: `${turnId}: ${state}`,
    details: [],
    json: { turnId, state },
  }));
}

function intentEntry({ order }: OrderRow): StoryEntry {
  const { intent } = order;
  return {
    atMs: intent.decidedAtMs,
    kind: 'intent',
    text: `${orderSentence(order)}: ${intent.reason}${decidedText(intent.decisionPrice)}`,
    details: [],
    json: { reason: intent.reason, validUntil: instantJson(intent.validUntilMs) },
  };
}

/** A person's market order is decided at no price of ours. */
function decidedText(price: Price | null): string {
  return price === null ? '' : ` (decided at ${priceText(price)})`;
}

function decisionEntry(decision: RiskDecisionRow): StoryEntry {
  const code = decision.code === null ? '' : ` ${decision.code}`;
  return {
    atMs: decision.atMs,
    kind: 'risk',
    text: `${decision.decision}${code}: ${decision.message}`,
    details: detailLines(decision.inputs, DECISION_WORDS),
    json: {
      decision: decision.decision,
      code: decision.code,
      message: decision.message,
      inputs: jsonOf(decision.inputs),
    },
  };
}

/** What was asked or answered with an event, as it was; null: nothing was. */
function textOf(event: OrderEventRow, { frames }: OrderRecords): string | null {
  if (event.brokerEventId === null) return event.raw;
  return frames.find(({ eventId }) => eventId === event.brokerEventId)?.raw ?? null;
}

function unusedFrames({ events, frames }: OrderRecords): readonly BrokerEventRow[] {
  const used = new Set(events.map(({ brokerEventId }) => brokerEventId));
  return frames.filter(({ eventId }) => !used.has(eventId));
}

/** Frames bear wall time: their market time is that of the last event before them. */
function frameEntry(frame: BrokerEventRow, { row, events }: OrderRecords): StoryEntry {
  const before = events.findLast((event) => event.recordedAtWallMs <= frame.receivedAtWallMs);
  return {
    atMs: before?.atMs ?? row.order.createdAtMs,
    kind: 'frame',
    text: `${frame.event} by ${frame.source} (${frame.outcome})`,
    details: [],
    json: {
      eventId: frame.eventId,
      event: frame.event,
      source: frame.source,
      outcome: frame.outcome,
      receivedAt: instantJson(frame.receivedAtWallMs),
      raw: jsonOf(frame.raw),
    },
  };
}

/** Requests are for people too; what the broker said at length is whole in `--json`. */
function requestLines(event: OrderEventRow, text: string | null): readonly string[] {
  return event.kind === 'send_began' && text !== null ? detailLines(text) : [];
}

function eventEntry(event: OrderEventRow, raw: string | null): StoryEntry {
  const move = event.outcome === 'moved' ? `${event.fromState ?? 'nothing'} → ` : '';
  const seen = event.outcome === 'moved' ? '' : ` (${event.outcome})`;
  return {
    atMs: event.atMs,
    kind: 'event',
    text: `${event.kind} by ${event.source}: ${move}${event.toState}${seen}`,
    details: [...detailLines(event.detail), ...requestLines(event, raw)],
    json: {
      sequence: event.sequence,
      event: event.kind,
      source: event.source,
      outcome: event.outcome,
      fromState: event.fromState,
      toState: event.toState,
      detail: jsonOf(event.detail),
      raw: raw === null ? null : jsonOf(raw),
      recordedAt: instantJson(event.recordedAtWallMs),
    },
  };
}

function fillEntry(fill: FillRow): StoryEntry {
  const { cumulativeBefore, cumulativeAfter } = fill;
  const units = formatQuantity(subtractQuantity(cumulativeAfter, cumulativeBefore));
  const interval = `${formatQuantity(cumulativeBefore)} to ${formatQuantity(cumulativeAfter)}`;
  const what = fill.kind === 'execution' ? '' : `${fill.kind}: `;
  return {
    atMs: fill.atMs,
    kind: 'fill',
    text:
      `${what}${fill.side} ${units} ${fill.symbol} at ${priceText(fill.price)} = ` +
      `${money(fill.notional)} USD, fee ${money(fill.fee)}, interval ${interval}`,
    details: [],
    json: {
      fillId: fill.fillId,
      fill: fill.kind,
      side: fill.side,
      quantity: units,
      cumulativeBefore: formatQuantity(fill.cumulativeBefore),
      cumulativeAfter: formatQuantity(fill.cumulativeAfter),
      price: formatPrice(fill.price),
      notionalUsd: formatUsd(fill.notional),
      feeUsd: formatUsd(fill.fee),
      reverses: fill.reversesFillId,
      executionId: fill.executionId,
    },
  };
}

function alertEntry(alert: AlertRow): StoryEntry {
  return {
    atMs: alert.atMs,
    kind: 'alert',
    text: `${alert.severity}: ${alert.title}: ${alert.message}`,
    details: [],
    json: {
      alertId: alert.alertId,
      type: alert.type,
      severity: alert.severity,
      title: alert.title,
      message: alert.message,
    },
  };
}
