import { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { Recorded } from '../port.js';
import type { Client, Columns } from './client.js';

// The one file with raw SQL: what Prisma cannot say in a single statement. Names come from the list
// below, never from outside; values are always parameters.

interface KeyedTables {
  readonly accounts: Prisma.AccountModel;
  readonly cash_entries: Columns<Prisma.CashEntryModel>;
  readonly orders: Columns<Prisma.OrderModel>;
  readonly fills: Columns<Prisma.FillModel>;
  readonly position_changes: Columns<Prisma.PositionChangeModel>;
  readonly strategy_signals: Columns<Prisma.StrategySignalModel>;
  readonly turns: Columns<Prisma.TurnModel>;
  readonly halt_causes: Columns<Prisma.HaltCauseModel>;
  readonly broker_events: Columns<Prisma.BrokerEventModel>;
  readonly reconciliation_runs: Columns<Prisma.ReconciliationRunModel>;
  readonly alerts: Columns<Prisma.AlertModel>;
  readonly config_snapshots: Columns<Prisma.ConfigSnapshotModel>;
}

/** The natural key of each table whose rows are written once. */
const NATURAL_KEYS: { readonly [Table in keyof KeyedTables]: readonly string[] } = {
  accounts: ['account'],
  cash_entries: ['account', 'entry_id'],
  orders: ['account', 'client_order_id'],
  fills: ['account', 'fill_id'],
  position_changes: ['account', 'change_id'],
  strategy_signals: ['account', 'strategy', 'symbol', 'bar_end_at_ms', 'leg'],
  turns: ['account', 'turn_id'],
  halt_causes: ['account', 'cause_id'],
  broker_events: ['account', 'event_id'],
  reconciliation_runs: ['account', 'run_id'],
  alerts: ['account', 'alert_id'],
  config_snapshots: ['account', 'hash', 'boot_epoch'],
};

/**
 * Writes a row, unless its natural key is there: then nothing changes and the answer is `repeated`.
 * Any other constraint refuses the statement.
 */
export async function insertOnce<Table extends keyof KeyedTables>(
  client: Client,
  table: Table,
  columns: KeyedTables[Table],
): Promise<Recorded> {
  const names = Object.keys(columns).map(columnName);
  const values = Object.values<unknown>(columns);
  const inserted = await client.$executeRaw`
    INSERT INTO ${Prisma.raw(`"${table}" (${quoted(names)})`)}
    VALUES (${Prisma.join(values)})
    ON CONFLICT (${Prisma.raw(quoted(NATURAL_KEYS[table]))}) DO NOTHING`;
  return inserted === 1 ? 'recorded' : 'repeated';
}

interface AppendedTables {
  readonly audit_records: Prisma.AuditRecordModel;
  readonly risk_decisions: Columns<Prisma.RiskDecisionModel>;
}

/** A statement holds so many rows at most: SQLite takes 32,766 values in one. */
const ROWS_MAX = 1_000;

/** Appends rows of one shape. Prisma's own `createMany` plans each of its statements anew. */
export async function appendRows<Table extends keyof AppendedTables>(
  client: Client,
  table: Table,
  rows: readonly AppendedTables[Table][],
): Promise<void> {
  for (const { names, values } of batchesOf(rows)) {
    await client.$executeRaw`
      INSERT INTO ${Prisma.raw(`"${table}" (${quoted(names)})`)} VALUES ${values}`;
  }
}

/** Puts messages into the outbox; one of a kind and target that is there gets a newer version. */
export async function postMessages(
  client: Client,
  rows: readonly Prisma.OutboxMessageModel[],
): Promise<void> {
  for (const { names, values } of batchesOf(rows)) {
    await client.$executeRaw`
      INSERT INTO ${Prisma.raw(`"outbox" (${quoted(names)})`)} VALUES ${values}
      ON CONFLICT ("account", "kind", "target") DO UPDATE SET
        "version" = "outbox"."version" + 1,
        "payload" = excluded."payload",
        "posted_at_version" = excluded."posted_at_version"`;
  }
}

interface Batch {
  readonly names: readonly string[];
  readonly values: Prisma.Sql;
}

function batchesOf<Row extends object>(rows: readonly Row[]): readonly Batch[] {
  const [first] = rows;
  if (first === undefined) return [];
  const names = Object.keys(first).map(columnName);
  const starts = Array.from(
    { length: Math.ceil(rows.length / ROWS_MAX) },
    (_, at) => at * ROWS_MAX,
  );
  return starts.map((start) => {
    const some = rows.slice(start, start + ROWS_MAX);
    const values = some.map((row) => Prisma.sql`(${Prisma.join(Object.values(row))})`);
    return { names, values: Prisma.join(values) };
  });
}

/** Appends an event with the next sequence number of its order. */
export async function appendOrderEvent(
  client: Client,
  event: Omit<Prisma.OrderEventModel, 'sequence'>,
): Promise<void> {
  const names = Object.keys(event).map(columnName);
  const values = Object.values<unknown>(event);
  await client.$executeRaw`
    INSERT INTO "order_events" (${Prisma.raw(quoted(names))}, "sequence")
    SELECT ${Prisma.join(values)}, coalesce(max("sequence"), 0) + 1
    FROM "order_events"
    WHERE "account" = ${event.account} AND "client_order_id" = ${event.clientOrderId}`;
}

/** The column of a field: the models map every `fieldName` to `field_name`. */
export function columnName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
