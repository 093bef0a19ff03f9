import { setFlagsFromString } from 'node:v8';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { assert } from '../../../domain/values/index.js';
import { PrismaClient } from '../../../prisma/generated/sqlite/client.js';
import { BooksUnusable } from '../errors.js';
import type { Client, Sql } from './client.js';
import { reusePreparedStatements } from './prepared-statements.js';
import { type Adapter, watchAdapter, type WatchedAdapter } from './watched-adapter.js';

/**
 * The driver is synchronous: while it waits for a lock the whole process stands still. So it waits
 * this long at most, and the rest of the waiting is asynchronous.
 */
export const DRIVER_WAIT_MS = 50;

export interface ConnectionOptions {
  readonly file: string;
  readonly readonly: boolean;
  /** Called with the text of each statement that is sent, BEGIN and COMMIT included. */
  readonly onStatement?: ((sql: string) => void) | undefined;
}

/** One connection, by Prisma and past it. */
export interface OpenedClient extends Client {
  readonly models: PrismaClient;
  /** Statements of the transaction that Prisma has open. */
  transactionSql(): Sql;
  close(): Promise<void>;
}

/** Opens a Prisma client with one connection, whose pragmas were set and read back. */
export async function openClient(options: ConnectionOptions): Promise<OpenedClient> {
  const driver = new PrismaBetterSqlite3({
    url: options.file,
    readonly: options.readonly,
    fileMustExist: true,
    timeout: DRIVER_WAIT_MS,
  });
  // Prisma's planner of queries is WebAssembly. Left alone, V8 optimises it beside every start, for
  // more than half of what opening the books costs; plans are kept, so that it is needed rarely.
  setFlagsFromString('--liftoff-only');
  let watched: WatchedAdapter | null = null;
  const models = new PrismaClient({
    // No call site in messages: Prisma takes a stack with every query to find it.
    errorFormat: 'minimal',
    adapter: {
      provider: driver.provider,
      adapterName: driver.adapterName,
      connect: async () => {
        const adapter = await driver.connect();
        try {
          await prepare(adapter, options.readonly);
          reusePreparedStatements(adapter);
        } catch (error) {
          await adapter.dispose();
          throw error;
        }
        watched = watchAdapter(adapter, options.onStatement ?? (() => undefined));
        return watched.adapter;
      },
    },
  });
  await models.$connect();
  return openedClient(models, watched);
}

function openedClient(models: PrismaClient, watched: WatchedAdapter | null): OpenedClient {
  assert(watched !== null, 'expected a connection once Prisma has connected');
  const { sql, transactionSql } = watched;
  return { models, sql, transactionSql, close: () => models.$disconnect() };
}

/**
 * Sets what SQLite forgets with each connection, and refuses the connection where it did not take.
 */
async function prepare(adapter: Adapter, readonly: boolean): Promise<void> {
  if (!readonly) await adapter.executeScript('PRAGMA journal_mode = WAL');
  await adapter.executeScript('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  const expected = [
    ['journal_mode', 'wal'],
    ['synchronous', '2'],
    ['foreign_keys', '1'],
    ['busy_timeout', String(DRIVER_WAIT_MS)],
  ] as const;
  for (const [pragma, value] of expected) {
    const { rows } = await adapter.queryRaw({ sql: `PRAGMA ${pragma}`, args: [], argTypes: [] });
    const found = String(rows[0]?.[0]);
    if (found !== value) {
      throw new BooksUnusable(`expected SQLite's ${pragma} to be ${value}, found ${found}`);
    }
  }
}
