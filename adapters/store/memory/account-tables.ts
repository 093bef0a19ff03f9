import type * as rows from '../port.js';
import { openTable, type StagedTable, type Table, type TableView } from './table.js';

/** What each table of an account holds. Tables of one row use the key `ONLY`. */
interface AccountSchema {
  readonly account: rows.AccountRow;
  readonly orders: rows.OrderRow;
  /** All events of an order, by client order id. */
  readonly orderEvents: readonly rows.OrderEventRow[];
  readonly fills: rows.FillRow;
  readonly positions: rows.PositionRow;
  readonly positionChanges: rows.PositionChangeRow;
  readonly trades: rows.TradeRow;
  readonly reservations: rows.ReservationRow;
  readonly cash: rows.CashEntryRow;
  readonly tradingDays: rows.TradingDayRow;
  readonly systemState: rows.SystemStateRow;
  readonly halts: rows.HaltCauseRow;
  readonly limits: rows.LimitsRow;
  readonly breakerEvents: rows.BreakerEventRow;
  readonly signals: rows.StrategySignalRow;
  readonly turns: rows.TurnRow;
  readonly riskDecisions: rows.RiskDecisionRow;
  readonly instruments: rows.InstrumentRow;
  readonly brokerEvents: rows.BrokerEventRow;
  readonly streamState: rows.StreamStateRow;
  readonly outbox: PostedOutboxRow;
  readonly runs: rows.ReconciliationRunRow;
  readonly discrepancies: rows.DiscrepancyRow;
  readonly alerts: rows.AlertRow;
  readonly audit: rows.AuditRow;
  readonly configSnapshots: rows.ConfigSnapshotRow;
}

export interface PostedOutboxRow extends rows.OutboxRow {
  /** The account's version when it was last posted: the order of delivery. */
  readonly postedAtVersion: number;
}

export const ONLY = 'only';

type Name = keyof AccountSchema;
export type AccountTables = { readonly [N in Name]: Table<AccountSchema[N]> };
export type StagedTables = { readonly [N in Name]: StagedTable<AccountSchema[N]> };
export type AccountView = { readonly [N in Name]: TableView<AccountSchema[N]> };

export function openAccountTables(): AccountTables {
  return {
    account: openTable(),
    orders: openTable(),
    orderEvents: openTable(),
    fills: openTable(),
    positions: openTable(),
    positionChanges: openTable(),
    trades: openTable(),
    reservations: openTable(),
    cash: openTable(),
    tradingDays: openTable(),
    systemState: openTable(),
    halts: openTable(),
    limits: openTable(),
    breakerEvents: openTable(),
    signals: openTable(),
    turns: openTable(),
    riskDecisions: openTable(),
    instruments: openTable(),
    brokerEvents: openTable(),
    streamState: openTable(),
    outbox: openTable(),
    runs: openTable(),
    discrepancies: openTable(),
    alerts: openTable(),
    audit: openTable(),
    configSnapshots: openTable(),
  };
}

export function stageTables(tables: AccountTables): StagedTables {
  return {
    account: tables.account.stage(),
    orders: tables.orders.stage(),
    orderEvents: tables.orderEvents.stage(),
    fills: tables.fills.stage(),
    positions: tables.positions.stage(),
    positionChanges: tables.positionChanges.stage(),
    trades: tables.trades.stage(),
    reservations: tables.reservations.stage(),
    cash: tables.cash.stage(),
    tradingDays: tables.tradingDays.stage(),
    systemState: tables.systemState.stage(),
    halts: tables.halts.stage(),
    limits: tables.limits.stage(),
    breakerEvents: tables.breakerEvents.stage(),
    signals: tables.signals.stage(),
    turns: tables.turns.stage(),
    riskDecisions: tables.riskDecisions.stage(),
    instruments: tables.instruments.stage(),
    brokerEvents: tables.brokerEvents.stage(),
    streamState: tables.streamState.stage(),
    outbox: tables.outbox.stage(),
    runs: tables.runs.stage(),
    discrepancies: tables.discrepancies.stage(),
    alerts: tables.alerts.stage(),
    audit: tables.audit.stage(),
    configSnapshots: tables.configSnapshots.stage(),
  };
}

/** Makes a transaction's changes the truth. */
export function applyTables(staged: StagedTables): void {
  for (const table of Object.values(staged)) table.apply();
}
