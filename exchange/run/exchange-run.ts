import {
  type EpochMs,
  formatPrice,
  formatQuantity,
  formatUsd,
  type Usd,
} from '../../domain/values/index.js';
import type { Fault, RequestFacts } from '../faults/fault-rule.js';
import { type ActiveFault, FaultTable, type FiredFault } from '../faults/fault-table.js';
import type { MarketSource } from '../market/index.js';
import {
  type Execution,
  MatchingEngine,
  type OrderChange,
  type OrderEvent,
  type OrderRequest,
  type PlaceResult,
  uuidOf,
} from '../matching/index.js';
import { type WireOrder, wireOrder } from '../wire/order.js';
import { type AccountConfiguration, DEFAULT_CONFIGURATION } from './account-configuration.js';
import type { Command, RequestRecord, StreamRecord } from './command.js';
import { Journal } from './journal.js';
import { type StepOutcome, TradingSteps } from './trading-step.js';

export interface RunOptions {
  readonly seed: string;
  readonly startingCash: Usd;
  readonly partialFillShare: number;
  readonly openLeadMinutes: number;
  readonly source: MarketSource;
}

/** A trade update that the stream should carry. */
export interface Publication {
  readonly event: OrderEvent;
  readonly order: WireOrder;
}

/** A fill as the activities list shows it: the execution and the status it left the order in. */
export interface FillRecord extends Execution {
  readonly orderStatus: string;
}

/** What happens outside while a run goes on. During a replay nobody listens. */
export interface RunListener {
  readonly record: (command: Command) => void;
  readonly publish: (publication: Publication) => void;
}

/** Hears nothing: during a replay, and when the exchange is closing. */
export const SILENT: RunListener = { record: () => {}, publish: () => {} };

/**
 * One simulated account at one simulated market: the engine, the walk through the market's days,
 * the faults and the journal. Every change goes through a method here, is journaled, and is told to
 * the listener as a command.
 */
export class ExchangeRun {
  readonly engine: MatchingEngine;
  readonly journal = new Journal();
  readonly steps: TradingSteps;
  private readonly faults = new FaultTable();
  private readonly fillRecords: FillRecord[] = [];
  private listener = SILENT;
  private accountConfiguration = DEFAULT_CONFIGURATION;
  private requestCount = 0;
  readonly openedAtMs: EpochMs;
  private lastAtMs: EpochMs;
  private lastProduced: string | null = null;
  private lastSent: string | null = null;

  constructor(readonly options: RunOptions) {
    const { seed, startingCash, partialFillShare, source, openLeadMinutes } = options;
    this.engine = new MatchingEngine({ seed, startingCash, partialFillShare });
    this.steps = new TradingSteps(this.engine, source, openLeadMinutes);
    this.openedAtMs = this.steps.current.atMs;
    this.lastAtMs = this.openedAtMs;
    this.journal.append('account_opened', this.lastAtMs, {
      cash: formatUsd(startingCash),
      notes: source.notes,
    });
    this.journalSession();
  }

  /** From now on changes are told. Called after a replay. */
  listen(listener: RunListener): void {
    this.listener = listener;
  }

  /** The latest market instant that anything was stamped with. */
  get lastStampedMs(): EpochMs {
    return this.lastAtMs;
  }

  /** Ids of the last trade update that was sent, and of the last that was made (muted or not). */
  get lastEventIds(): {
    readonly sent: string | null;
    readonly produced: string | null;
  } {
    return { sent: this.lastSent, produced: this.lastProduced };
  }

  get configuration(): AccountConfiguration {
    return this.accountConfiguration;
  }

  get fills(): readonly FillRecord[] {
    return this.fillRecords;
  }

  get activeFaults(): readonly ActiveFault[] {
    return this.faults.list();
  }

  /** Moves market time to the next step. */
  advance(): StepOutcome {
    const before = this.steps.current;
    const outcome = this.steps.advance();
    if (outcome.step === before) return outcome; // The run has ended; there is nothing to note.
    this.lastAtMs = outcome.step.atMs;
    const { phase, marketDate } = outcome.step;
    if (phase !== before.phase || marketDate !== before.marketDate) this.journalSession();
    this.listener.record({ kind: 'step' });
    this.publish(outcome.orderEvents);
    return outcome;
  }

  /** Takes an order or refuses it. A refusal changes nothing. */
  place(request: OrderRequest, atMs: EpochMs): PlaceResult {
    const result = this.engine.place(request, atMs);
    return this.settle({ kind: 'place', atMs, request }, result);
  }

  cancel(orderId: string, atMs: EpochMs): PlaceResult {
    const result = this.engine.cancel(orderId, atMs);
    return this.settle({ kind: 'cancel', atMs, orderId }, result);
  }

  replace(input: {
    readonly orderId: string;
    readonly change: OrderChange;
    readonly atMs: EpochMs;
  }): PlaceResult {
    const result = this.engine.replace(input.orderId, input.change, input);
    return this.settle({ kind: 'replace', ...input }, result);
  }

  configure(configuration: AccountConfiguration, atMs: EpochMs): void {
    this.accountConfiguration = configuration;
    this.engine.limitMultiplier(Number(configuration.max_margin_multiplier));
    this.listener.record({ kind: 'configure', atMs, configuration });
  }

  /** The number and id of a request that has just come in. */
  nameRequest(): { readonly number: number; readonly requestId: string } {
    this.requestCount += 1;
    const number = this.requestCount;
    const requestId = uuidOf(`${this.options.seed}/request/${number}`).replaceAll('-', '');
    return { number, requestId };
  }

  noteRequest(request: RequestRecord, atMs: EpochMs): void {
    this.requestCount = Math.max(this.requestCount, request.number);
    this.journal.append('request', atMs, { ...request });
    this.listener.record({ kind: 'request', atMs, request });
  }

  noteStream(stream: StreamRecord, atMs: EpochMs): void {
    this.journal.append('stream', atMs, { ...stream });
    this.listener.record({ kind: 'stream', atMs, stream });
  }

  addFault(fault: Fault, atMs: EpochMs): ActiveFault {
    const active = this.faults.add(fault);
    this.journal.append('fault', atMs, { change: 'added', faultId: active.id, fault });
    this.listener.record({ kind: 'fault_add', atMs, fault });
    return active;
  }

  removeFaults(id: string | null, atMs: EpochMs): number {
    const removedCount = this.faults.remove(id);
    if (removedCount === 0) return 0;
    this.journal.append('fault', atMs, { change: 'removed', faultId: id });
    this.listener.record({ kind: 'fault_remove', atMs, id });
    return removedCount;
  }

  /** The fault that hits a request, if any. */
  matchRequest(input: {
    readonly facts: RequestFacts;
    readonly requestId: string;
    readonly atMs: EpochMs;
  }): FiredFault | null {
    const { facts, requestId, atMs } = input;
    if (!this.faults.concerns(facts)) return null;
    const fired = this.faults.noteRequest(facts);
    if (fired !== null) {
      const { id: faultId, kind: action } = fired;
      this.journal.append('fault', atMs, { change: 'fired', faultId, action, requestId, ...facts });
    }
    this.listener.record({ kind: 'fault_match', ...input });
    return fired;
  }

  /** Applies a recorded command again. */
  replay(command: Command): void {
    switch (command.kind) {
      case 'step':
        this.advance();
        return;
      case 'place':
        this.place(command.request, command.atMs);
        return;
      case 'cancel':
        this.cancel(command.orderId, command.atMs);
        return;
      case 'replace':
        this.replace(command);
        return;
      case 'configure':
        this.configure(command.configuration, command.atMs);
        return;
      case 'request':
        this.noteRequest(command.request, command.atMs);
        return;
      case 'stream':
        this.noteStream(command.stream, command.atMs);
        return;
      case 'fault_add':
        this.addFault(command.fault, command.atMs);
        return;
      case 'fault_remove':
        this.removeFaults(command.id, command.atMs);
        return;
      case 'fault_match':
        this.matchRequest(command);
        return;
    }
  }

  private settle(command: Extract<Command, { atMs: EpochMs }>, result: PlaceResult): PlaceResult {
    if (!result.ok) return result;
    this.lastAtMs = command.atMs;
    this.listener.record(command);
    this.publish(result.events);
    return result;
  }

  private publish(events: readonly OrderEvent[]): void {
    for (const event of events) this.publishOne(event);
  }

  private publishOne(event: OrderEvent): void {
    const order = wireOrder(event.order);
    const { eventId, atMs, execution } = event;
    this.journal.append('order', atMs, { event: event.type, eventId, order });
    if (execution !== null) {
      this.fillRecords.push({ ...execution, orderStatus: event.order.status });
      this.journal.append('execution', atMs, executionEntry(execution));
    }
    this.lastProduced = eventId;
    const { clientOrderId } = event.order;
    const fired = this.faults.noteEvent({ event: event.type, clientOrderId });
    if (fired !== null) {
      const { id: faultId, kind: action } = fired;
      const facts = { change: 'fired', faultId, action, eventId, event: event.type, clientOrderId };
      this.journal.append('fault', atMs, facts);
      return;
    }
    this.lastSent = eventId;
    this.listener.publish({ event, order });
  }

  private journalSession(): void {
    const { atMs, phase, marketDate } = this.steps.current;
    this.journal.append('session', atMs, { phase, marketDate });
  }
}

function executionEntry(execution: Execution): Readonly<Record<string, string>> {
  return {
    executionId: execution.id,
    activityId: execution.activityId,
    orderId: execution.orderId,
    clientOrderId: execution.clientOrderId,
    symbol: execution.symbol,
    side: execution.side,
    quantity: formatQuantity(execution.quantity),
    price: formatPrice(execution.price),
    cumulativeQuantity: formatQuantity(execution.cumulativeQuantity),
    cash: formatUsd(execution.cash),
  };
}
