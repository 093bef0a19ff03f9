import { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { Columns } from './client.js';
import { columnName, marks, quotedColumns } from './sql-text.js';

// The list of tables: every name in a statement comes from here, never from outside.

/**
 * A table of the books as its Prisma model describes it, with the texts of what is said of it again
 * and again.
 */
export interface Table<Model> {
  readonly name: string;
  readonly fields: readonly (keyof Model & string)[];
  /** All but the number that the database gives. */
  readonly written: readonly (keyof Columns<Model> & string)[];
  /** Up to the conditions. */
  readonly select: string;
  /** Up to the first row. */
  readonly insert: string;
  /** One row, unless its key is there. */
  readonly insertOnce: string;
  /** One row, over the one of its key. */
  readonly put: string;
}

/** `key` is what a row is known by: written twice it is one row. */
function table<Model extends object>(
  name: string,
  fieldNames: { readonly [Field in keyof Model & string]: Field },
  key: readonly (keyof Columns<Model> & string)[],
): Table<Model> {
  const fields = Object.keys(fieldNames) as (keyof Model & string)[];
  const written = fields.filter((field) => field !== 'id') as Table<Model>['written'][number][];
  const insert = `INSERT INTO "${name}" (${quotedColumns(written)}) VALUES`;
  const row = marks(written.length);
  const changes = written
    .filter((field) => !key.includes(field))
    .map((field) => `"${columnName(field)}" = excluded."${columnName(field)}"`);
  const conflict = `ON CONFLICT (${quotedColumns(key)})`;
  return {
    name,
    fields,
    written,
    select: `SELECT ${quotedColumns(fields)} FROM "${name}"`,
    insert,
    insertOnce: `${insert} ${row} ${conflict} DO NOTHING`,
    put: `${insert} ${row} ${conflict} DO UPDATE SET ${changes.join(', ')}`,
  };
}

export const ACCOUNTS = table<Prisma.AccountModel>('accounts', Prisma.AccountScalarFieldEnum, [
  'account',
]);
export const LIMITS = table<Prisma.LimitsModel>('limits', Prisma.LimitsScalarFieldEnum, [
  'account',
]);
export const TRADING_DAYS = table<Prisma.TradingDayModel>(
  'trading_days',
  Prisma.TradingDayScalarFieldEnum,
  ['account', 'date'],
);
export const CASH_ENTRIES = table<Prisma.CashEntryModel>(
  'cash_entries',
  Prisma.CashEntryScalarFieldEnum,
  ['account', 'entryId'],
);
export const ORDERS = table<Prisma.OrderModel>('orders', Prisma.OrderScalarFieldEnum, [
  'account',
  'clientOrderId',
]);
export const ORDER_EVENTS = table<Prisma.OrderEventModel>(
  'order_events',
  Prisma.OrderEventScalarFieldEnum,
  ['account', 'clientOrderId', 'sequence'],
);
export const FILLS = table<Prisma.FillModel>('fills', Prisma.FillScalarFieldEnum, [
  'account',
  'fillId',
]);
export const POSITIONS = table<Prisma.PositionModel>('positions', Prisma.PositionScalarFieldEnum, [
  'account',
  'symbol',
]);
export const POSITION_CHANGES = table<Prisma.PositionChangeModel>(
  'position_changes',
  Prisma.PositionChangeScalarFieldEnum,
  ['account', 'changeId'],
);
export const TRADES = table<Prisma.TradeModel>('trades', Prisma.TradeScalarFieldEnum, [
  'account',
  'tradeId',
]);
export const RESERVATIONS = table<Prisma.ReservationModel>(
  'reservations',
  Prisma.ReservationScalarFieldEnum,
  ['account', 'clientOrderId'],
);
export const STRATEGY_SIGNALS = table<Prisma.StrategySignalModel>(
  'strategy_signals',
  Prisma.StrategySignalScalarFieldEnum,
  ['account', 'strategy', 'symbol', 'barEndAtMs', 'leg'],
);
export const RISK_DECISIONS = table<Prisma.RiskDecisionModel>(
  'risk_decisions',
  Prisma.RiskDecisionScalarFieldEnum,
  [],
);
export const TURNS = table<Prisma.TurnModel>('turns', Prisma.TurnScalarFieldEnum, [
  'account',
  'turnId',
]);
export const INSTRUMENTS = table<Prisma.InstrumentModel>(
  'instruments',
  Prisma.InstrumentScalarFieldEnum,
  ['account', 'symbol'],
);
export const SYSTEM_STATE = table<Prisma.SystemStateModel>(
  'system_state',
  Prisma.SystemStateScalarFieldEnum,
  ['account'],
);
export const STREAM_STATE = table<Prisma.StreamStateModel>(
  'stream_state',
  Prisma.StreamStateScalarFieldEnum,
  ['account'],
);
export const HALT_CAUSES = table<Prisma.HaltCauseModel>(
  'halt_causes',
  Prisma.HaltCauseScalarFieldEnum,
  ['account', 'causeId'],
);
export const BROKER_EVENTS = table<Prisma.BrokerEventModel>(
  'broker_events',
  Prisma.BrokerEventScalarFieldEnum,
  ['account', 'eventId'],
);
export const OUTBOX = table<Prisma.OutboxMessageModel>(
  'outbox',
  Prisma.OutboxMessageScalarFieldEnum,
  ['account', 'kind', 'target'],
);
export const RECONCILIATION_RUNS = table<Prisma.ReconciliationRunModel>(
  'reconciliation_runs',
  Prisma.ReconciliationRunScalarFieldEnum,
  ['account', 'runId'],
);
export const ALERTS = table<Prisma.AlertModel>('alerts', Prisma.AlertScalarFieldEnum, [
  'account',
  'alertId',
]);
export const AUDIT_RECORDS = table<Prisma.AuditRecordModel>(
  'audit_records',
  Prisma.AuditRecordScalarFieldEnum,
  ['account', 'sequence'],
);
export const CONFIG_SNAPSHOTS = table<Prisma.ConfigSnapshotModel>(
  'config_snapshots',
  Prisma.ConfigSnapshotScalarFieldEnum,
  ['account', 'hash', 'bootEpoch'],
);
