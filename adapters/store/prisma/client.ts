import type { Prisma } from '../../../prisma/generated/sqlite/client.js';

/** Whatever can run statements: a connection, or the transaction that is open on the writer. */
export interface Client {
  /** Prisma's models: for what is asked rarely, and takes more than one table or a group. */
  readonly models: Prisma.TransactionClient;
  /** What every order does, said to the driver itself. */
  readonly sql: Sql;
}

/**
 * Statements past Prisma's planner, on the same connection and in the same transaction as its
 * models: planning cost twice as much as SQLite's own work.
 */
export interface Sql {
  /** Runs a statement; says how many rows it has changed. */
  execute(text: string, values: readonly SqlValue[]): Promise<number>;
  /** The rows of a statement, each as its cells in the order of the columns. */
  query(text: string, values: readonly SqlValue[]): Promise<readonly (readonly unknown[])[]>;
}

/** What a statement may carry beside its text. */
export type SqlValue = string | number | bigint | boolean | null;

/** A row to be stored, without the number that the database gives it. */
export type Columns<Model> = Omit<Model, 'id'>;

/**
 * A row as it was stored: Prisma reads 64-bit columns as `bigint` and flags as `boolean`, the
 * driver gives a number for both. Those of values that are no safe integer are refused by the
 * constructors of values.
 */
export type Stored<Model> = {
  readonly [Field in keyof Model]: Model[Field] | Driven<Model[Field]>;
};
type Driven<Value> = Value extends bigint | boolean ? number : never;
