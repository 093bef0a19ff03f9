import type * as rows from '../port.js';
import { lazyMembers } from './lazy-members.js';
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

/** Staged tables as a transaction asks for them, and how to make its changes the truth. */
export interface Staging {
  readonly staged: StagedTables;
  apply(): void;
}

export function stageTables(tables: AccountTables): Staging {
  const touched: { apply(): void }[] = [];
  return {
    staged: stagedTables({ tables, touched }),
    apply: () => {
      for (const table of touched) table.apply();
    },
  };
}

interface Ground {
  readonly tables: AccountTables;
  readonly touched: { apply(): void }[];
}

function stage<Row>(table: Table<Row>, touched: { apply(): void }[]): StagedTable<Row> {
  const staged = table.stage();
  touched.push(staged);
  return staged;
}

const stagedTables = lazyMembers<Ground, StagedTables>({
  account: ({ tables, touched }) => stage(tables.account, touched),
  orders: ({ tables, touched }) => stage(tables.orders, touched),
  orderEvents: ({ tables, touched }) => stage(tables.orderEvents, touched),
  fills: ({ tables, touched }) => stage(tables.fills, touched),
  positions: ({ tables, touched }) => stage(tables.positions, touched),
  positionChanges: ({ tables, touched }) => stage(tables.positionChanges, touched),
  trades: ({ tables, touched }) => stage(tables.trades, touched),
  reservations: ({ tables, touched }) => stage(tables.reservations, touched),
  cash: ({ tables, touched }) => stage(tables.cash, touched),
  tradingDays: ({ tables, touched }) => stage(tables.tradingDays, touched),
  systemState: ({ tables, touched }) => stage(tables.systemState, touched),
  halts: ({ tables, touched }) => stage(tables.halts, touched),
  limits: ({ tables, touched }) => stage(tables.limits, touched),
  breakerEvents: ({ tables, touched }) => stage(tables.breakerEvents, touched),
  signals: ({ tables, touched }) => stage(tables.signals, touched),
  turns: ({ tables, touched }) => stage(tables.turns, touched),
  riskDecisions: ({ tables, touched }) => stage(tables.riskDecisions, touched),
  instruments: ({ tables, touched }) => stage(tables.instruments, touched),
  brokerEvents: ({ tables, touched }) => stage(tables.brokerEvents, touched),
  streamState: ({ tables, touched }) => stage(tables.streamState, touched),
  outbox: ({ tables, touched }) => stage(tables.outbox, touched),
  runs: ({ tables, touched }) => stage(tables.runs, touched),
  discrepancies: ({ tables, touched }) => stage(tables.discrepancies, touched),
  alerts: ({ tables, touched }) => stage(tables.alerts, touched),
  audit: ({ tables, touched }) => stage(tables.audit, touched),
  configSnapshots: ({ tables, touched }) => stage(tables.configSnapshots, touched),
});
