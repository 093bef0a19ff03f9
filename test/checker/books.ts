import Database from 'better-sqlite3';
import { z } from 'zod';

const text = z.string();
const whole = z.bigint();

/** The columns that the checker looks at. Everything else may be as it likes. */
const TABLES = {
  orders: z.object({
    client_order_id: text,
    symbol: text,
    side: text,
    ordered_quantity_nanos: whole,
    type: text,
    limit_price_nanos: whole.nullable(),
    stop_price_nanos: whole.nullable(),
    time_in_force: text,
    decision_price_nanos: whole.nullable(),
    state: text,
    broker_order_id: text.nullable(),
    attempts: whole,
    filled_quantity_nanos: whole,
    filled_notional_micros: whole,
    broker_filled_quantity_nanos: whole,
    parked_reason: text.nullable(),
  }),
  order_events: z.object({
    client_order_id: text,
    sequence: whole,
    kind: text,
    from_state: text.nullable(),
    to_state: text,
    outcome: text,
    recorded_at_wall_ms: whole,
  }),
  fills: z.object({
    fill_id: text,
    client_order_id: text,
    broker_order_id: text,
    strategy: text,
    symbol: text,
    side: text,
    cumulative_before_nanos: whole,
    cumulative_after_nanos: whole,
    price_nanos: whole,
    notional_micros: whole,
    fee_micros: whole,
    kind: text,
    reverses_fill_id: text.nullable(),
    replaces_fill_id: text.nullable(),
    execution_id: text.nullable(),
    activity_id: text.nullable(),
    at_ms: whole,
  }),
  positions: z.object({
    symbol: text,
    side: text,
    quantity_nanos: whole,
    cost_basis_micros: whole,
    realized_pnl_micros: whole,
  }),
  position_changes: z.object({
    change_id: text,
    symbol: text,
    cause: text,
    side_before: text,
    quantity_before_nanos: whole,
    cost_basis_before_micros: whole,
    side_after: text,
    quantity_after_nanos: whole,
    cost_basis_after_micros: whole,
    realized_micros: whole,
  }),
  trades: z.object({
    trade_id: text,
    symbol: text,
    strategy: text,
    side: text,
    entry_quantity_nanos: whole,
    entry_notional_micros: whole,
    exit_quantity_nanos: whole,
    exit_notional_micros: whole,
    realized_pnl_micros: whole,
    fees_micros: whole,
    slippage_micros: whole,
    entry_fill_ids: text,
    exit_fill_ids: text,
    closed_at_ms: whole.nullable(),
  }),
  reservations: z.object({ client_order_id: text, amount_micros: whole }),
  cash_entries: z.object({ entry_id: text, kind: text, amount_micros: whole }),
  outbox: z.object({ kind: text, target: text, version: whole, delivered_version: whole }),
  turns: z.object({ turn_id: text, state: text }),
  broker_events: z.object({
    event_id: text,
    outcome: text,
    client_order_id: text.nullable(),
  }),
  discrepancies: z.object({ kind: text, subject: text, local: text, broker: text }),
  instruments: z.object({ symbol: text, parked_reason: text.nullable() }),
  audit_records: z.object({
    sequence: whole,
    actor: text,
    kind: text,
    entity: text,
    body: text,
    at_wall_ms: whole,
    previous_hash: text,
    hash: text,
  }),
} as const;

const accountColumns = z.object({
  account: text,
  opening_cash_micros: whole,
  cash_micros: whole,
  realized_pnl_micros: whole,
  fees_micros: whole,
  long_cost_basis_micros: whole,
  short_cost_basis_micros: whole,
  reserved_micros: whole,
  audit_sequence: whole,
  audit_head: text,
});

type Tables = { readonly [Table in keyof typeof TABLES]: readonly Row<Table>[] };
type Table = keyof typeof TABLES;

/** A row of a table, columns as they are named there. */
export type Row<Name extends Table> = Readonly<z.infer<(typeof TABLES)[Name]>>;

/** The books of one account as raw rows, each table in the order in which it was written. */
export interface Books extends Tables {
  readonly account: Readonly<z.infer<typeof accountColumns>>;
}

/** The columns that say in which order rows were written, where no row number does. */
const WRITTEN_IN_ORDER: Readonly<Record<string, string>> = {
  order_events: 'client_order_id, sequence',
  audit_records: 'sequence',
};

/** Reads the books of an account straight from the database file, without writing to it. */
export function readBooks(file: string, account: string): Books {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    database.defaultSafeIntegers(true);
    const rows = <Schema extends z.ZodType>(table: string, schema: Schema) =>
      z.array(schema).parse(readTable(database, table, account));
    const found = database.prepare('SELECT * FROM accounts WHERE account = ?').get(account);
    if (found === undefined) throw new Error(`expected account ${account} in ${file}, found none`);
    return {
      account: accountColumns.parse(found),
      orders: rows('orders', TABLES.orders),
      order_events: rows('order_events', TABLES.order_events),
      fills: rows('fills', TABLES.fills),
      positions: rows('positions', TABLES.positions),
      position_changes: rows('position_changes', TABLES.position_changes),
      trades: rows('trades', TABLES.trades),
      reservations: rows('reservations', TABLES.reservations),
      cash_entries: rows('cash_entries', TABLES.cash_entries),
      outbox: rows('outbox', TABLES.outbox),
      turns: rows('turns', TABLES.turns),
      broker_events: rows('broker_events', TABLES.broker_events),
      discrepancies: rows('discrepancies', TABLES.discrepancies),
      instruments: rows('instruments', TABLES.instruments),
      audit_records: rows('audit_records', TABLES.audit_records),
    };
  } finally {
    database.close();
  }
}

/** The accounts that have books in a database file, oldest first. */
export function accountsIn(file: string): readonly string[] {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const found = database.prepare('SELECT account FROM accounts ORDER BY rowid').all();
    return z
      .array(z.object({ account: text }))
      .parse(found)
      .map(({ account }) => account);
  } finally {
    database.close();
  }
}

function readTable(database: Database.Database, table: string, account: string): unknown {
  const order = WRITTEN_IN_ORDER[table] ?? 'rowid';
  return database
    .prepare(`SELECT * FROM ${table} WHERE account = ? ORDER BY ${order}`)
    .all(account);
}
