import {
  assert,
  type EpochMs,
  formatPrice,
  formatQuantity,
  formatUsd,
  parsePrice,
  type Usd,
} from '../../domain/values/index.js';
import type { EventAction, RequestAction, StreamAction } from '../faults/fault-action.js';
import {
  type Fault,
  isTradeFault,
  type RequestFacts,
  type StreamFacts,
  type TradeFault,
} from '../faults/fault-rule.js';
import type { ActiveFault, FiredFault } from '../faults/fault-table.js';
import type { MarketSource } from '../market/index.js';
import {
  type AccountView,
  type BorrowChange,
  type Execution,
  MatchingEngine,
  type OrderChange,
  type OrderEvent,
  type OrderRequest,
  type PlaceResult,
  type TradeChange,
  uuidOf,
  type WashTradeGuard,
} from '../matching/index.js';
import { type WireOrder, wireOrder } from '../wire/order.js';
import { type AccountConfiguration, DEFAULT_CONFIGURATION } from './account-configuration.js';
import type { Command, RequestRecord, StreamRecord, Treatment } from './command.js';
import { FaultDesk } from './fault-desk.js';
import { Journal, type JournalKind } from './journal.js';
import { type StepOutcome, TradingSteps } from './trading-step.js';

export interface RunOptions {
  readonly seed: string;
  readonly startingCash: Usd;
  readonly partialFillShare: number;
  readonly openLeadMinutes: number;
  readonly hasExtendedHours: boolean;
  readonly washTradeGuard: WashTradeGuard;
  readonly hardToBorrow: readonly string[];
  readonly source: MarketSource;
}

/** A trade update for the stream, and what a fault does to it on the way. */
export interface Publication {
  readonly event: OrderEvent;
  readonly order: WireOrder;
  readonly fault: EventAction | null;
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
  readonly openedAtMs: EpochMs;
  private readonly faults = new FaultDesk(this.journal);
  private readonly fillRecords: FillRecord[] = [];
  /** Executions that stand, newest last, by client order id: what a bust or correction takes. */
  private readonly standing = new Map<string, Execution[]>();
  private listener = SILENT;
  private accountConfiguration = DEFAULT_CONFIGURATION;
  private requestCount = 0;
  private lastAtMs: EpochMs;
  private lastProduced: string | null = null;
  private lastSent: string | null = null;

  constructor(readonly options: RunOptions) {
    const { startingCash, source } = options;
    this.engine = new MatchingEngine(options);
    this.steps = new TradingSteps(this.engine, source, options);
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

  /** Ids of the last trade update that was sent as it is, and of the last that was made. */
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
    return this.faults.active;
  }

  /** The account as a request sees it: as it was, when a fault makes its reads stale. */
  viewFor(fault: FiredFault | null): AccountView {
    if (fault?.action.kind !== 'stale_read') return this.engine;
    return this.faults.viewOf(fault.id) ?? this.engine;
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
  place(request: OrderRequest, atMs: EpochMs, treatment?: Treatment): PlaceResult {
    const result = this.engine.place(request, atMs, treatment ?? {});
    return this.settle({ kind: 'place', atMs, request, ...treated(treatment) }, result);
  }

  cancel(orderId: string, atMs: EpochMs, treatment?: Treatment): PlaceResult {
    const result = this.engine.cancel(orderId, atMs, treatment?.handling);
    return this.settle({ kind: 'cancel', atMs, orderId, ...treated(treatment) }, result);
  }

  replace(input: {
    readonly orderId: string;
    readonly change: OrderChange;
    readonly atMs: EpochMs;
    readonly treatment?: Treatment;
  }): PlaceResult {
    const { orderId, change, atMs, treatment } = input;
    const handling = treatment?.handling ?? 'normal';
    const result = this.engine.replace(orderId, change, { atMs, handling });
    return this.settle({ kind: 'replace', ...input }, result);
  }

  configure(configuration: AccountConfiguration, atMs: EpochMs): void {
    this.accountConfiguration = configuration;
    this.engine.limitMultiplier(Number(configuration.max_margin_multiplier));
    this.listener.record({ kind: 'configure', atMs, configuration });
  }

  /** Lists a name as easy or hard to borrow. */
  changeBorrow(change: BorrowChange, atMs: EpochMs): void {
    this.lastAtMs = atMs;
    this.journal.append('borrow', atMs, { ...change });
    this.listener.record({ kind: 'borrow', atMs, change });
    this.publish(this.engine.changeBorrow(change, atMs));
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

  /**
   * Puts a fault. A bust or a correction happens at once, to the last execution of its order that
   * stands; null when there is none.
   */
  addFault(fault: Fault, atMs: EpochMs): ActiveFault | null {
    if (isTradeFault(fault) && !this.standing.get(fault.match.clientOrderId)?.length) return null;
    const active = this.faults.add(fault, atMs, () => this.engine.copyView());
    this.listener.record({ kind: 'fault_add', atMs, fault });
    if (isTradeFault(fault)) this.changeTrade(fault, atMs);
    return active;
  }

  /** Removes one fault or all; what was stuck for it then happens. Answers how many are gone. */
  removeFaults(id: string | null, atMs: EpochMs): number {
    const { removedCount, freedOrderIds } = this.faults.remove(id, atMs);
    if (removedCount === 0) return 0;
    this.lastAtMs = atMs;
    this.listener.record({ kind: 'fault_remove', atMs, id });
    this.publish(freedOrderIds.flatMap((orderId) => this.engine.release(orderId, atMs)));
    return removedCount;
  }

  /** The fault that hits a request, if any. */
  matchRequest(input: {
    readonly facts: RequestFacts;
    readonly requestId: string;
    readonly atMs: EpochMs;
    readonly receivedWallMs: number;
  }): FiredFault<RequestAction> | null {
    if (!this.faults.concernsRequest(input.facts)) return null;
    const fired = this.faults.matchRequest(input);
    this.listener.record({ kind: 'fault_match', ...input });
    return fired;
  }

  /** What a fault does to this moment of a connection, if anything. */
  matchStream(facts: StreamFacts, atMs: EpochMs): StreamAction | null {
    if (!this.faults.concernsStream(facts)) return null;
    const fired = this.faults.matchStream(facts, atMs);
    this.listener.record({ kind: 'fault_stream', atMs, facts });
    return fired;
  }

  /** Applies a recorded command again. */
  replay(command: Command): void {
    switch (command.kind) {
      case 'step':
        this.advance();
        return;
      case 'place':
        this.place(command.request, command.atMs, command.treatment);
        return;
      case 'cancel':
        this.cancel(command.orderId, command.atMs, command.treatment);
        return;
      case 'replace':
        this.replace(command);
        return;
      case 'configure':
        this.configure(command.configuration, command.atMs);
        return;
      case 'borrow':
        this.changeBorrow(command.change, command.atMs);
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
      case 'fault_stream':
        this.matchStream(command.facts, command.atMs);
        return;
    }
  }

  private settle(
    command: Extract<Command, { treatment?: Treatment }>,
    result: PlaceResult,
  ): PlaceResult {
    if (!result.ok) return result;
    const { treatment } = command;
    this.lastAtMs = command.atMs;
    this.listener.record(command);
    if (treatment?.handling === 'stuck') this.faults.holdBack(treatment.faultId, result.order.id);
    this.publish(result.events);
    return result;
  }

  private changeTrade({ match, action }: TradeFault, atMs: EpochMs): void {
    const execution = this.standing.get(match.clientOrderId)?.pop();
    const price = action.kind === 'correct' ? parsePrice(action.price) : null;
    assert(execution !== undefined, `expected an execution of ${match.clientOrderId}`);
    assert(price !== null || action.kind === 'bust', 'expected a price in a correction');
    const change: TradeChange = price === null ? { kind: 'bust' } : { kind: 'correct', price };
    this.lastAtMs = atMs;
    this.publish([this.engine.changeTrade(execution, change, atMs)]);
  }

  private publish(events: readonly OrderEvent[]): void {
    for (const event of events) this.publishOne(event);
  }

  private publishOne(event: OrderEvent): void {
    const order = wireOrder(event.order);
    const { eventId, atMs } = event;
    this.journal.append('order', atMs, { event: event.type, eventId, order });
    this.noteExecution(event);
    this.lastProduced = eventId;
    const fault = this.faults.matchEvent(event);
    if (fault?.kind === 'mute_event') return;
    if (fault === null || fault.kind === 'dup_event') this.lastSent = eventId;
    this.listener.publish({ event, order, fault });
  }

  private noteExecution({ type, execution, order, previousExecutionId, atMs }: OrderEvent): void {
    if (execution === null) return;
    const isFill = type === 'fill' || type === 'partial_fill';
    if (isFill) this.fillRecords.push({ ...execution, orderStatus: order.status });
    if (type !== 'trade_bust') {
      const standing = this.standing.get(order.clientOrderId) ?? [];
      this.standing.set(order.clientOrderId, [...standing, execution]);
    }
    const kind: JournalKind = isFill
      ? 'execution'
      : type === 'trade_bust'
        ? 'execution_busted'
        : 'execution_corrected';
    const before = isFill ? {} : { previousExecutionId };
    this.journal.append(kind, atMs, { ...executionEntry(execution), ...before });
  }

  private journalSession(): void {
    const { atMs, phase, marketDate } = this.steps.current;
    this.journal.append('session', atMs, { phase, marketDate });
  }
}

function treated(treatment: Treatment | undefined): { readonly treatment?: Treatment } {
  return treatment === undefined ? {} : { treatment };
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
