import type { Order, OrderState, Side, ToldTrade } from '../../domain/order/index.js';
import type { DiscrepancyKind } from '../../domain/reconciliation/index.js';
import type { CancelPolicy, HaltReason } from '../../domain/safety/halt-request.js';
import type { Turn } from '../../domain/turn/index.js';
import type { EpochMs, Price, Quantity, Usd } from '../../domain/values/index.js';

/** Text of a JSON value. Rows carry JSON as text: what was written is what is hashed and shown. */
export type JsonText = string;

/** Who is halted how. `none`: nothing stops new risk. */
export type HaltMode = 'none' | 'reduce_only' | 'halted';

/** The lock row of an account, with the totals that admissions read instead of summing the book. */
export interface AccountRow {
  /** `alpaca-paper`, `alpaca-live`, or one per simulated run. */
  readonly account: string;
  readonly mode: 'simulated' | 'paper' | 'live';
  /** The account number at the broker, pinned at first contact. */
  readonly brokerAccountNumber: string;
  /** Rises with every transaction. */
  readonly version: number;
  readonly openingCash: Usd;
  readonly cash: Usd;
  readonly realizedPnl: Usd;
  readonly fees: Usd;
  readonly longCostBasis: Usd;
  readonly shortCostBasis: Usd;
  /** The sum of all reservations. */
  readonly reserved: Usd;
  /** Derived from the open halt causes, in the same transaction. */
  readonly haltMode: HaltMode;
  /** Rises with each engaged or released cause: what a release compares. */
  readonly haltVersion: number;
  readonly auditSequence: number;
  readonly auditHead: string;
  readonly createdAtMs: EpochMs;
}

/** An order and what surrounds it. The order's own fields are the domain's. */
export interface OrderRow {
  readonly order: Order;
  /** Joins signal, order, fills and log lines of one wish. */
  readonly correlationId: string;
  /** The order whose leg this is: the entry of a bracket, the take-profit of an oco. */
  readonly parent: string | null;
  /** The order that this one replaces at the broker. */
  readonly replaces: string | null;
  readonly lastError: string | null;
  /** The broker's last body, as it came. */
  readonly rawBody: JsonText | null;
}

/** One change of an order, or evidence that changed nothing but must be seen. Append-only. */
export interface OrderEventRow {
  readonly clientOrderId: string;
  /** From 1, without gaps within an order. */
  readonly sequence: number;
  readonly kind: string;
  readonly fromState: OrderState | null;
  readonly toState: OrderState;
  readonly outcome: 'moved' | 'repeated' | 'quarantined';
  readonly source: EvidenceSource;
  readonly detail: JsonText;
  /** What was asked with a send, or what came back, as it was. Null: nothing was said with it. */
  readonly raw: string | null;
  /** The frame of the inbox that told it: its text is kept there. */
  readonly brokerEventId: string | null;
  /** Market time. */
  readonly atMs: EpochMs;
  readonly recordedAtWallMs: EpochMs;
}

export type EvidenceSource =
  | 'ordinis'
  | 'answer'
  | 'stream'
  | 'poll'
  | 'activity'
  | 'reconciliation'
  | 'operator';

/** A fill, or its reversal. Append-only. */
export interface FillRow {
  /** Natural key: broker order id, interval and kind. */
  readonly fillId: string;
  readonly clientOrderId: string;
  readonly brokerOrderId: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly side: Side;
  readonly cumulativeBefore: Quantity;
  readonly cumulativeAfter: Quantity;
  readonly price: Price;
  readonly notional: Usd;
  readonly fee: Usd;
  readonly kind: 'execution' | 'inferred' | 'reversal';
  readonly reversesFillId: string | null;
  /** The reversed fill whose place in the order of fills this one takes. Null: it is the newest. */
  readonly replacesFillId: string | null;
  readonly executionId: string | null;
  readonly activityId: string | null;
  readonly eventId: string | null;
  readonly source: EvidenceSource;
  /** The broker's instant of the execution, market time. */
  readonly atMs: EpochMs;
  readonly recordedAtWallMs: EpochMs;
}

export interface PositionRow {
  readonly symbol: string;
  readonly side: 'long' | 'short' | 'flat';
  readonly quantity: Quantity;
  /** Always positive: what the open quantity cost, or what a short one brought in. */
  readonly costBasis: Usd;
  readonly realizedPnl: Usd;
  readonly lastPrice: Price | null;
  readonly lastPriceAtMs: EpochMs | null;
  readonly enteredAtMs: EpochMs | null;
  readonly updatedAtMs: EpochMs;
}

export interface PositionChangeRow {
  /** The fill or adjustment that caused it. */
  readonly changeId: string;
  readonly symbol: string;
  readonly cause: 'fill' | 'reversal' | 'adjustment' | 'opening_balance';
  readonly sideBefore: PositionRow['side'];
  readonly quantityBefore: Quantity;
  readonly costBasisBefore: Usd;
  readonly sideAfter: PositionRow['side'];
  readonly quantityAfter: Quantity;
  readonly costBasisAfter: Usd;
  readonly realized: Usd;
  readonly evidence: JsonText;
  readonly atMs: EpochMs;
}

/** A round trip. Open from its first fill, closed when the position is flat again or turns. */
export interface TradeRow {
  /** The fill that opened it. */
  readonly tradeId: string;
  readonly symbol: string;
  readonly strategy: string;
  readonly side: 'long' | 'short';
  readonly entryQuantity: Quantity;
  readonly entryNotional: Usd;
  readonly exitQuantity: Quantity;
  readonly exitNotional: Usd;
  readonly realizedPnl: Usd;
  readonly fees: Usd;
  /** Against the decision prices of its orders; positive is worse. */
  readonly slippage: Usd;
  readonly entryFillIds: readonly string[];
  readonly exitFillIds: readonly string[];
  readonly openedAtMs: EpochMs;
  readonly closedAtMs: EpochMs | null;
}

/**
 * Buying power that an open order may still need. Gone when nothing of it can open exposure any
 * more.
 */
export interface ReservationRow {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  /** The part of the remaining quantity that could open exposure. */
  readonly openingQuantity: Quantity;
  /** The worst price that is expected. */
  readonly unitPrice: Price;
  readonly amount: Usd;
}

/** Money that moved without a fill. Append-only. */
export interface CashEntryRow {
  readonly entryId: string;
  readonly kind: 'opening_balance' | 'fee' | 'dividend' | 'interest' | 'transfer' | 'adjustment';
  readonly amount: Usd;
  readonly evidence: JsonText;
  readonly atMs: EpochMs;
}

export interface TradingDayRow {
  /** YYYY-MM-DD of the broker. */
  readonly date: string;
  readonly startEquity: Usd;
  readonly peakEquity: Usd;
  readonly lastEquity: Usd;
  readonly realizedPnl: Usd;
  readonly tradesClosed: number;
  readonly losingStreak: number;
  readonly ordersAdmitted: number;
  readonly ordersDenied: number;
  readonly startedAtMs: EpochMs;
  readonly summarizedAtMs: EpochMs | null;
}

export type SystemState =
  | 'uninitialized'
  | 'initializing'
  | 'starting'
  | 'running'
  | 'stopping'
  | 'stopped'
  /** Stopped with something that a person must look at: the message names it. */
  | 'stopped_unsettled'
  | 'error'
  | 'halted';

export interface SystemStateRow {
  readonly state: SystemState;
  readonly bootEpoch: number;
  /** One sentence for people: why it is in this state, and what to do. */
  readonly message: string;
  readonly updatedAtWallMs: EpochMs;
}

export interface HaltCauseRow {
  readonly causeId: string;
  readonly reason: HaltReason;
  readonly mode: 'reduce_only' | 'halted';
  readonly message: string;
  readonly triggeredBy: string;
  readonly metadata: JsonText;
  readonly cancelPolicy: CancelPolicy;
  readonly engagedAtWallMs: EpochMs;
  /** When the cancel of this cause was verified at the broker, as the design defines complete. */
  readonly completedAtWallMs: EpochMs | null;
  readonly releasedAtWallMs: EpochMs | null;
  readonly releasedBy: string | null;
  readonly releaseReason: string | null;
}

/** The hard limits in force. One row an account. */
export interface LimitsRow {
  readonly orderNotionalMax: Usd;
  readonly positionNotionalMax: Usd;
  /**
   * Multiple of own money that positions and open orders may reach, in hundredths: 100 is cash
   * only.
   */
  readonly leverageHundredths: number;
  readonly dailyLossMax: Usd;
  readonly dailyLossBasisPointsMax: number;
  readonly drawdownBasisPointsMax: number;
  readonly losingStreakMax: number;
  readonly updatedAtWallMs: EpochMs;
}

export interface BreakerEventRow {
  readonly endpointClass: 'submit' | 'cancel' | 'read';
  readonly fromState: string;
  readonly toState: string;
  readonly reason: string;
  readonly atWallMs: EpochMs;
}

/**
 * What a strategy decided on one bar, whether or not an order came of it. Natural key: the
 * decision.
 */
export interface StrategySignalRow {
  readonly strategy: string;
  readonly symbol: string;
  readonly barEndAtMs: EpochMs;
  readonly leg: string;
  readonly signal: JsonText;
  /** Of the order, or of the turn, that came of it. */
  readonly clientOrderId: string | null;
  /** `iex`, `sip`, `recorded` or `synthetic`. */
  readonly dataFeed: string;
}

/** A plan that takes a position through zero, and how far it got. All of it is the domain's. */
export interface TurnRow {
  readonly turn: Turn;
}

export interface RiskDecisionRow {
  readonly clientOrderId: string;
  readonly decision: 'admitted' | 'denied';
  /** Null when admitted. */
  readonly code: string | null;
  readonly message: string;
  readonly inputs: JsonText;
  readonly atMs: EpochMs;
}

export interface InstrumentRow {
  readonly symbol: string;
  readonly assetId: string;
  readonly name: string;
  readonly exchange: string;
  readonly tradable: boolean;
  readonly shortable: boolean;
  readonly fractionable: boolean;
  /** Why new entries are stopped for the symbol. Null: they are not. */
  readonly parkedReason: string | null;
  readonly updatedAtWallMs: EpochMs;
}

/** The raw inbox: what the broker told, before and beside what we made of it. Append-only. */
export interface BrokerEventRow {
  /** The broker's event id, or a hash of the body. */
  readonly eventId: string;
  readonly source: EvidenceSource;
  readonly event: string;
  readonly clientOrderId: string | null;
  readonly brokerOrderId: string | null;
  /** `unmatched`: of no order that the books know, while one of the symbol was in flight. */
  readonly outcome: 'applied' | 'repeated' | 'external' | 'unmatched' | 'quarantined';
  /** What it tells of a trade. Null: nothing that can be read. */
  readonly trade: ToldTrade | null;
  readonly raw: JsonText;
  readonly streamEpoch: number;
  readonly receivedAtWallMs: EpochMs;
}

export interface StreamStateRow {
  /** Rises with each connection attempt; batches of an older one are refused. */
  readonly streamEpoch: number;
  readonly bootEpoch: number;
  readonly status: 'down' | 'catching_up' | 'live';
  /** Market time up to which fills are known to be complete. Moved by completed repairs only. */
  readonly repairedThroughMs: EpochMs;
  readonly message: string;
  readonly updatedAtWallMs: EpochMs;
}

export type OutboxKind =
  | 'start_order'
  | 'signal_order'
  | 'start_turn'
  | 'signal_turn'
  | 'signal_halt'
  | 'reconcile';

/**
 * One row per target and kind; the latest version wins. Delivered when `deliveredVersion` has
 * caught up.
 */
export interface OutboxRow {
  readonly kind: OutboxKind;
  /** Client order id, turn id, or the account. */
  readonly target: string;
  readonly version: number;
  readonly payload: JsonText;
  readonly deliveredVersion: number;
}

export interface DiscrepancyRow {
  readonly runId: string;
  readonly kind: DiscrepancyKind;
  /** Symbol, client order id or `cash`. */
  readonly subject: string;
  readonly severity: 'critical' | 'medium' | 'low';
  readonly local: JsonText;
  readonly broker: JsonText;
  readonly action: 'alert_only' | 'auto_correct' | 'halt_trading' | 'log';
}

export interface ReconciliationRunRow {
  readonly runId: string;
  readonly trigger: string;
  readonly outcome: 'clean' | 'discrepancies' | 'not_calm' | 'failed';
  readonly localPositions: number;
  readonly brokerPositions: number;
  readonly corrections: number;
  readonly message: string;
  readonly startedAtWallMs: EpochMs;
  readonly finishedAtWallMs: EpochMs;
}

export type AlertType =
  | 'kill_switch'
  | 'risk_breach'
  | 'order_rejected'
  | 'position_reconciliation'
  | 'api_connectivity'
  | 'system_health'
  | 'trade_executed'
  | 'daily_summary'
  | 'custom';

export interface AlertRow {
  /** Natural key: what happened, once. */
  readonly alertId: string;
  readonly type: AlertType;
  readonly severity: 'info' | 'warning' | 'critical' | 'emergency';
  readonly title: string;
  readonly message: string;
  readonly metadata: JsonText;
  readonly atMs: EpochMs;
  readonly recordedAtWallMs: EpochMs;
  readonly acknowledgedBy: string | null;
}

export interface AuditEntry {
  readonly actor: string;
  readonly kind: string;
  readonly entity: string;
  readonly body: JsonText;
  readonly atWallMs: EpochMs;
}

export interface AuditRow extends AuditEntry {
  /** From 1, without gaps within an account. */
  readonly sequence: number;
  readonly previousHash: string;
  /** SHA-256 over the previous hash and the canonical text of the entry. */
  readonly hash: string;
}

export interface ConfigSnapshotRow {
  readonly hash: string;
  readonly body: JsonText;
  readonly bootEpoch: number;
  readonly atWallMs: EpochMs;
}
