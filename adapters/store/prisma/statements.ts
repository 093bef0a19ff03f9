import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { Recorded } from '../port.js';
import type { Client, Columns, SqlValue, Stored } from './client.js';
import {
  type Condition,
  conditionText,
  columnName,
  marks,
  quotedColumns,
  sqlValue,
} from './sql-text.js';
import { ACCOUNTS, ORDER_EVENTS, OUTBOX, type Table } from './tables.js';

// With `sql-text.ts` and `tables.ts` the only SQL of ours. Values are always parameters.

interface Selection<Model> {
  readonly where: Condition<Model>;
  /** One more condition, without values. */
  readonly and?: string;
  /** Such as `"id" DESC`. */
  readonly order?: string;
  readonly limit?: number;
}

/** The rows that a condition names. */
export async function findRows<Model extends object>(
  { sql }: Client,
  table: Table<Model>,
  { where, and, order, limit }: Selection<Model>,
): Promise<readonly Stored<Model>[]> {
  const condition = conditionText(where);
  let text = `${table.select} WHERE ${condition.text}`;
  if (and !== undefined) text += ` AND ${and}`;
  if (order !== undefined) text += ` ORDER BY ${order}`;
  if (limit !== undefined) text += ' LIMIT ?';
  const values = limit === undefined ? condition.values : [...condition.values, limit];
  const rows = await sql.query(text, values);
  return rows.map((cells) => rowOf(table, cells));
}

/** The row that a condition names, or the first of its order. */
export async function findRow<Model extends object>(
  client: Client,
  table: Table<Model>,
  selection: Omit<Selection<Model>, 'limit'>,
): Promise<Stored<Model> | null> {
  const [row] = await findRows(client, table, { ...selection, limit: 1 });
  return row ?? null;
}

/**
 * Writes a row, unless its key is there: then nothing changes and the answer is `repeated`. Any
 * other constraint refuses the statement.
 */
export async function insertOnce<Model extends object>(
  { sql }: Client,
  table: Table<Model>,
  columns: Columns<Model>,
): Promise<Recorded> {
  const inserted = await sql.execute(table.insertOnce, valuesOf(table, columns));
  return inserted === 1 ? 'recorded' : 'repeated';
}

/** Writes a row over the one of its key, if there is one. */
export async function putRow<Model extends object>(
  { sql }: Client,
  table: Table<Model>,
  columns: Columns<Model>,
): Promise<void> {
  await sql.execute(table.put, valuesOf(table, columns));
}

/** Changes the rows that a condition names, and says how many; an undefined field stays. */
export async function updateRows<Model extends object>(
  { sql }: Client,
  table: Table<Model>,
  change: {
    readonly where: Condition<Model>;
    readonly data: { readonly [Field in keyof Model]?: Model[Field] | undefined };
  },
): Promise<number> {
  const data = Object.entries<unknown>(change.data).filter(([, value]) => value !== undefined);
  const changes = data.map(([field]) => `"${columnName(field)}" = ?`).join(', ');
  const where = conditionText(change.where);
  const text = `UPDATE "${table.name}" SET ${changes} WHERE ${where.text}`;
  return sql.execute(text, [...data.map(([, value]) => sqlValue(value)), ...where.values]);
}

/** Deletes the rows that a condition names. */
export async function deleteRows<Model extends object>(
  { sql }: Client,
  table: Table<Model>,
  where: Condition<Model>,
): Promise<void> {
  const { text, values } = conditionText(where);
  await sql.execute(`DELETE FROM "${table.name}" WHERE ${text}`, values);
}

/** Raises the version of an account, which takes its lock; null: there is no such account. */
export async function raiseVersion(
  { sql }: Client,
  account: string,
): Promise<Stored<Prisma.AccountModel> | null> {
  const [cells] = await sql.query(
    `UPDATE "accounts" SET "version" = "version" + 1 WHERE "account" = ?
     RETURNING ${quotedColumns(ACCOUNTS.fields)}`,
    [account],
  );
  return cells === undefined ? null : rowOf(ACCOUNTS, cells);
}

/** A statement holds so many rows at most: SQLite takes 32,766 values in one. */
const ROWS_MAX = 1_000;

/** Appends rows that nobody has written before. */
export async function appendRows<Model extends object>(
  { sql }: Client,
  table: Table<Model>,
  rows: readonly Columns<Model>[],
): Promise<void> {
  for (const { text, values } of batchesOf(table, rows)) await sql.execute(text, values);
}

/** Puts messages into the outbox; one of a kind and target that is there gets a newer version. */
export async function postMessages(
  { sql }: Client,
  rows: readonly Prisma.OutboxMessageModel[],
): Promise<void> {
  for (const { text, values } of batchesOf(OUTBOX, rows)) {
    await sql.execute(
      `${text} ON CONFLICT ("account", "kind", "target") DO UPDATE SET
        "version" = "outbox"."version" + 1,
        "payload" = excluded."payload",
        "posted_at_version" = excluded."posted_at_version"`,
      values,
    );
  }
}

/** Notes the version up to which a message has been delivered; never back. */
export async function markDelivered(
  { sql }: Client,
  {
    account,
    kind,
    target,
    version,
  }: Pick<Prisma.OutboxMessageModel, 'account' | 'kind' | 'target' | 'version'>,
): Promise<void> {
  await sql.execute(
    `UPDATE "outbox" SET "delivered_version" = ?
     WHERE "account" = ? AND "kind" = ? AND "target" = ? AND "delivered_version" < ?`,
    [version, account, kind, target, version],
  );
}

interface Batch {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

function batchesOf<Model extends object>(
  table: Table<Model>,
  rows: readonly Columns<Model>[],
): readonly Batch[] {
  const row = marks(table.written.length);
  const starts = Array.from(
    { length: Math.ceil(rows.length / ROWS_MAX) },
    (_, at) => at * ROWS_MAX,
  );
  return starts.map((start) => {
    const some = rows.slice(start, start + ROWS_MAX);
    return {
      text: `${table.insert} ${some.map(() => row).join(', ')}`,
      values: some.flatMap((one) => valuesOf(table, one)),
    };
  });
}

const EVENT_FIELDS = ORDER_EVENTS.written.filter((field) => field !== 'sequence');
const APPEND_EVENT =
  `INSERT INTO "order_events" (${quotedColumns(EVENT_FIELDS)}, "sequence") ` +
  `SELECT ${EVENT_FIELDS.map(() => '?').join(', ')}, coalesce(max("sequence"), 0) + 1 ` +
  'FROM "order_events" WHERE "account" = ? AND "client_order_id" = ?';

/** Appends an event with the next sequence number of its order. */
export async function appendOrderEvent(
  { sql }: Client,
  event: Omit<Prisma.OrderEventModel, 'sequence'>,
): Promise<void> {
  const columns = { ...event, sequence: 0 };
  const values = EVENT_FIELDS.map((field) => columns[field]);
  await sql.execute(APPEND_EVENT, [...values, event.account, event.clientOrderId]);
}

function valuesOf<Model extends object>(
  { written }: Table<Model>,
  columns: Columns<Model>,
): readonly SqlValue[] {
  return written.map((field) => sqlValue(columns[field]));
}

function rowOf<Model extends object>(
  { fields }: Table<Model>,
  cells: readonly unknown[],
): Stored<Model> {
  const row: Record<string, unknown> = {};
  fields.forEach((field, at) => {
    row[field] = cells[at];
  });
  return row as Stored<Model>;
}
