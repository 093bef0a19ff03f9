import type { Order, OrderState } from '../../domain/order/index.js';
import type { Turn, TurnState } from '../../domain/turn/index.js';
import type { EpochMs } from '../../domain/values/index.js';
import type * as rows from './rows.js';

export type * from './rows.js';

/** Whether a write with a natural key was new, or had been made before. */
export type Recorded = 'recorded' | 'repeated';

export interface OrderReads {
  byClientOrderId(clientOrderId: string): Promise<rows.OrderRow | null>;
  byBrokerOrderId(brokerOrderId: string): Promise<rows.OrderRow | null>;
  /** Orders in any of the states; of one symbol when given; oldest first. */
  inStates(states: readonly OrderState[], symbol?: string): Promise<readonly rows.OrderRow[]>;
  /** Newest first. */
  recent(limit: number): Promise<readonly rows.OrderRow[]>;
  /**
   * Orders of a strategy decided since the instant, oldest first: what a restarted session has
   * already done.
   */
  decidedSince(sinceMs: EpochMs): Promise<readonly rows.OrderRow[]>;
  countByState(sinceMs: EpochMs): Promise<ReadonlyMap<OrderState, number>>;
  eventsOf(clientOrderId: string): Promise<readonly rows.OrderEventRow[]>;
  /** The orders that the broker made as legs of this one, and what took their places. */
  legsOf(clientOrderId: string): Promise<readonly rows.OrderRow[]>;
}

export interface OrderRepository extends OrderReads {
  create(row: rows.OrderRow): Promise<Recorded>;
  /**
   * Writes the order as it is now; the stored version must be `expectedVersion` (assertion
   * otherwise, since the account's lock row makes writers serial). Undefined members of `beside`
   * stay as they are.
   */
  update(
    order: Order,
    expectedVersion: number,
    beside?: { readonly lastError?: string | null; readonly rawBody?: string | null },
  ): Promise<void>;
  /**
   * Makes an order that was entered alone an exit of another, as the next version: what somebody
   * else meant by it is learned late, and nothing else of an intent ever changes.
   */
  becomeLeg(order: Order, parent: string): Promise<void>;
  /** Appends with the next sequence number of the order. */
  appendEvent(event: Omit<rows.OrderEventRow, 'sequence'>): Promise<void>;
}

export interface FillReads {
  /** As they were recorded, reversals among them. */
  byOrder(clientOrderId: string): Promise<readonly rows.FillRow[]>;
  /** As they were recorded, reversals among them. */
  ofSymbol(symbol: string): Promise<readonly rows.FillRow[]>;
  /** Inferred fills that nothing has taken back, as they were recorded. */
  inferred(): Promise<readonly rows.FillRow[]>;
  /** Oldest first; of market instants in [from, until). */
  between(fromMs: EpochMs, untilMs: EpochMs): Promise<readonly rows.FillRow[]>;
  count(): Promise<number>;
}

export interface FillRepository extends FillReads {
  /**
   * `repeated` when the fill id is there. An overlap with another live interval is refused by the
   * database.
   */
  record(fill: rows.FillRow): Promise<Recorded>;
}

export interface PositionReads {
  bySymbol(symbol: string): Promise<rows.PositionRow | null>;
  all(): Promise<readonly rows.PositionRow[]>;
  /** Those that are not flat. */
  active(): Promise<readonly rows.PositionRow[]>;
  changesOf(symbol: string): Promise<readonly rows.PositionChangeRow[]>;
}

export interface PositionRepository extends PositionReads {
  upsert(position: rows.PositionRow): Promise<void>;
  delete(symbol: string): Promise<void>;
  recordChange(change: rows.PositionChangeRow): Promise<Recorded>;
}

export interface TradeReads {
  /** Every round trip of a symbol, as they were recorded. */
  ofSymbol(symbol: string): Promise<readonly rows.TradeRow[]>;
  /** The open round trip of a symbol. */
  openOf(symbol: string): Promise<rows.TradeRow | null>;
  /** Closed round trips with `closedAtMs` in [from, until), oldest first. */
  closedBetween(fromMs: EpochMs, untilMs: EpochMs): Promise<readonly rows.TradeRow[]>;
  recent(limit: number): Promise<readonly rows.TradeRow[]>;
}

export interface TradeRepository extends TradeReads {
  /** Writes the trade by its id, new or known. */
  record(trade: rows.TradeRow): Promise<void>;
  /** Trades follow from fills: when those that made one are taken back, it never was. */
  delete(tradeId: string): Promise<void>;
}

export interface ReservationRepository {
  byOrder(clientOrderId: string): Promise<rows.ReservationRow | null>;
  all(): Promise<readonly rows.ReservationRow[]>;
  put(reservation: rows.ReservationRow): Promise<void>;
  delete(clientOrderId: string): Promise<void>;
}

export interface CashReads {
  entries(): Promise<readonly rows.CashEntryRow[]>;
}

export interface CashRepository extends CashReads {
  record(entry: rows.CashEntryRow): Promise<Recorded>;
}

export interface TradingDayReads {
  byDate(date: string): Promise<rows.TradingDayRow | null>;
  latest(): Promise<rows.TradingDayRow | null>;
}

export interface TradingDayRepository extends TradingDayReads {
  put(day: rows.TradingDayRow): Promise<void>;
}

export interface SystemStateReads {
  get(): Promise<rows.SystemStateRow | null>;
}

export interface SystemStateRepository extends SystemStateReads {
  set(state: rows.SystemStateRow): Promise<void>;
}

export interface HaltReads {
  /** Engaged and not released, oldest first. */
  openCauses(): Promise<readonly rows.HaltCauseRow[]>;
  byId(causeId: string): Promise<rows.HaltCauseRow | null>;
}

export interface HaltRepository extends HaltReads {
  engage(cause: rows.HaltCauseRow): Promise<Recorded>;
  update(cause: rows.HaltCauseRow): Promise<void>;
}

export interface SignalReads {
  /** Signals of bars that ended at or after the instant. */
  since(barEndAtMs: EpochMs): Promise<readonly rows.StrategySignalRow[]>;
}

export interface SignalRepository extends SignalReads {
  record(signal: rows.StrategySignalRow): Promise<Recorded>;
}

export interface TurnReads {
  byId(turnId: string): Promise<rows.TurnRow | null>;
  /** Turns in any of the states; of one symbol when given; oldest first. */
  inStates(states: readonly TurnState[], symbol?: string): Promise<readonly rows.TurnRow[]>;
  /** Newest first. */
  recent(limit: number): Promise<readonly rows.TurnRow[]>;
}

export interface TurnRepository extends TurnReads {
  create(row: rows.TurnRow): Promise<Recorded>;
  /**
   * Writes the turn as it is now; the stored version must be `expectedVersion` (assertion
   * otherwise). The plan is fixed.
   */
  update(turn: Turn, expectedVersion: number): Promise<void>;
}

export interface RiskDecisionReads {
  byOrder(clientOrderId: string): Promise<readonly rows.RiskDecisionRow[]>;
}

export interface RiskDecisionRepository extends RiskDecisionReads {
  record(decision: rows.RiskDecisionRow): Promise<void>;
}

export interface InstrumentReads {
  bySymbol(symbol: string): Promise<rows.InstrumentRow | null>;
  all(): Promise<readonly rows.InstrumentRow[]>;
}

export interface InstrumentRepository extends InstrumentReads {
  upsert(instrument: rows.InstrumentRow): Promise<void>;
}

export interface BrokerEventReads {
  byId(eventId: string): Promise<rows.BrokerEventRow | null>;
  byOrder(clientOrderId: string): Promise<readonly rows.BrokerEventRow[]>;
}

export interface BrokerEventRepository extends BrokerEventReads {
  record(event: rows.BrokerEventRow): Promise<Recorded>;
}

export interface StreamStateReads {
  get(): Promise<rows.StreamStateRow | null>;
}

export interface StreamStateRepository extends StreamStateReads {
  set(state: rows.StreamStateRow): Promise<void>;
}

export interface OutboxReads {
  /**
   * Rows whose latest version is not delivered, at most `limit`: halts first, then what is news to
   * its workflow, by age, and the signals of orders last.
   */
  undelivered(limit: number): Promise<readonly rows.OutboxRow[]>;
  /** Starts of orders that were delivered, and of which the books have no order, by age. */
  lostStarts(): Promise<readonly rows.OutboxRow[]>;
}

export interface OutboxRepository extends OutboxReads {
  /**
   * Inserts with version 1, or raises the version of the row of this kind and target and replaces
   * its payload. It is there once the transaction has committed, not before.
   */
  post(message: {
    readonly kind: rows.OutboxKind;
    readonly target: string;
    readonly payload: string;
  }): Promise<void>;
  /** Never lowers `deliveredVersion`. */
  markDelivered(kind: rows.OutboxKind, target: string, version: number): Promise<void>;
}

export interface ReconciliationReads {
  /** Newest first. */
  recentRuns(limit: number): Promise<readonly rows.ReconciliationRunRow[]>;
  discrepanciesOf(runId: string): Promise<readonly rows.DiscrepancyRow[]>;
}

export interface ReconciliationRepository extends ReconciliationReads {
  recordRun(
    run: rows.ReconciliationRunRow,
    discrepancies: readonly rows.DiscrepancyRow[],
  ): Promise<Recorded>;
}

export interface AlertReads {
  byId(alertId: string): Promise<rows.AlertRow | null>;
  /** Newest first. */
  recent(limit: number): Promise<readonly rows.AlertRow[]>;
  count(): Promise<number>;
}

export interface AlertRepository extends AlertReads {
  record(alert: rows.AlertRow): Promise<Recorded>;
}

export interface AuditReads {
  /** From the sequence on, in order, at most `limit`. */
  from(sequence: number, limit: number): Promise<readonly rows.AuditRow[]>;
}

/** What anybody may read of one account, on a read-only client. */
export interface BooksReader {
  account(): Promise<rows.AccountRow | null>;
  limits(): Promise<rows.LimitsRow | null>;
  readonly orders: OrderReads;
  readonly fills: FillReads;
  readonly positions: PositionReads;
  readonly trades: TradeReads;
  readonly reservations: Pick<ReservationRepository, 'byOrder' | 'all'>;
  readonly cash: CashReads;
  readonly tradingDays: TradingDayReads;
  readonly systemState: SystemStateReads;
  readonly halts: HaltReads;
  readonly signals: SignalReads;
  readonly turns: TurnReads;
  readonly riskDecisions: RiskDecisionReads;
  readonly instruments: InstrumentReads;
  readonly brokerEvents: BrokerEventReads;
  readonly streamState: StreamStateReads;
  readonly outbox: OutboxReads;
  readonly reconciliation: ReconciliationReads;
  readonly alerts: AlertReads;
  readonly audit: AuditReads;
}

/**
 * The account's totals inside a transaction. They are written once, with the audit head, when it
 * commits.
 */
export interface AccountTotals {
  get(): rows.AccountRow;
  set(
    change: Partial<
      Omit<rows.AccountRow, 'account' | 'version' | 'auditSequence' | 'auditHead' | 'createdAtMs'>
    >,
  ): void;
}

/** All writes of one account, serial, in one database transaction. */
export interface BooksTransaction {
  readonly account: AccountTotals;
  readonly orders: OrderRepository;
  readonly fills: FillRepository;
  readonly positions: PositionRepository;
  readonly trades: TradeRepository;
  readonly reservations: ReservationRepository;
  readonly cash: CashRepository;
  readonly tradingDays: TradingDayRepository;
  readonly systemState: SystemStateRepository;
  readonly halts: HaltRepository;
  readonly signals: SignalRepository;
  readonly turns: TurnRepository;
  readonly riskDecisions: RiskDecisionRepository;
  readonly instruments: InstrumentRepository;
  readonly brokerEvents: BrokerEventRepository;
  readonly streamState: StreamStateRepository;
  readonly outbox: OutboxRepository;
  readonly reconciliation: ReconciliationRepository;
  readonly alerts: AlertRepository;
  limits(): Promise<rows.LimitsRow | null>;
  putLimits(limits: rows.LimitsRow): Promise<void>;
  recordBreakerEvent(event: rows.BreakerEventRow): Promise<void>;
  recordConfigSnapshot(snapshot: rows.ConfigSnapshotRow): Promise<Recorded>;
  /** Chained and written when the transaction commits. */
  audit(entry: rows.AuditEntry): void;
}

export interface NewAccount {
  readonly account: string;
  readonly mode: rows.AccountRow['mode'];
  readonly brokerAccountNumber: string;
  readonly openingCash: rows.AccountRow['openingCash'];
  readonly createdAtMs: EpochMs;
}

/**
 * The books. `transaction` is the one way to write: its first statement updates the account's lock
 * row, it awaits nothing but the transaction, and it commits or leaves nothing. It throws
 * `BooksBusy` when the lock was not had in time, and `CommitUnknown` when nobody can tell whether
 * it committed: then read again by natural key.
 */
export interface Books {
  transaction<Result>(
    account: string,
    write: (transaction: BooksTransaction) => Promise<Result>,
    options?: { readonly lockWaitMsMax?: number },
  ): Promise<Result>;
  reader(account: string): BooksReader;
  /** Creates the account's row with its opening cash entry; `repeated` when it is there. */
  openAccount(account: NewAccount): Promise<Recorded>;
  accounts(): Promise<readonly rows.AccountRow[]>;
  /**
   * Called after each commit of this process: wakes the outbox and whoever waits for an order to
   * change.
   */
  onCommit(listener: CommitListener): () => void;
}

/** `hasPosted`: the transaction has put something into the outbox. */
export type CommitListener = (account: string, hasPosted: boolean) => void;
