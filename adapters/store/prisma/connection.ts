import { setFlagsFromString } from 'node:v8';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { PrismaClient } from '../../../prisma/generated/sqlite/client.js';
import { BooksUnusable } from '../errors.js';
import { driverFailureOf } from './driver-failure.js';
import { reusePreparedStatements } from './prepared-statements.js';

type Adapter = Awaited<ReturnType<PrismaBetterSqlite3['connect']>>;
type AdapterTransaction = Awaited<ReturnType<Adapter['startTransaction']>>;
type Statement = Parameters<Adapter['queryRaw']>[0];

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

/** A Prisma client with one connection, whose pragmas were set and read back. */
export async function openClient(options: ConnectionOptions): Promise<PrismaClient> {
  const driver = new PrismaBetterSqlite3({
    url: options.file,
    readonly: options.readonly,
    fileMustExist: true,
    timeout: DRIVER_WAIT_MS,
  });
  // Prisma's planner of queries is WebAssembly. Left alone, V8 optimises it beside every start, for
  // more than half of what opening the books costs; plans are kept, so that it is needed rarely.
  setFlagsFromString('--liftoff-only');
  const client = new PrismaClient({
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
        return watched(adapter, options.onStatement ?? (() => undefined));
      },
    },
  });
  await client.$connect();
  return client;
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

function watched(adapter: Adapter, onStatement: (sql: string) => void): Adapter {
  const queryRaw = (statement: Statement) => {
    onStatement(statement.sql);
    return adapter.queryRaw(statement);
  };
  const executeRaw = (statement: Statement) => {
    onStatement(statement.sql);
    return adapter.executeRaw(statement);
  };
  return {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    queryRaw,
    executeRaw,
    executeScript: (script) => adapter.executeScript(script),
    startTransaction: async (isolationLevel) => {
      onStatement('BEGIN');
      return watchedTransaction(await adapter.startTransaction(isolationLevel), onStatement);
    },
    dispose: () => adapter.dispose(),
  };
}

function watchedTransaction(
  transaction: AdapterTransaction,
  onStatement: (sql: string) => void,
): AdapterTransaction {
  return {
    provider: transaction.provider,
    adapterName: transaction.adapterName,
    options: transaction.options,
    queryRaw: (statement) => {
      onStatement(statement.sql);
      return transaction.queryRaw(statement);
    },
    executeRaw: async (statement) => {
      try {
        onStatement(statement.sql);
        return await transaction.executeRaw(statement);
      } catch (error) {
        // Prisma forgets a transaction whose COMMIT failed; SQLite may still be inside it.
        if (statement.sql === 'COMMIT') await leaveTransaction(transaction);
        throw error;
      }
    },
    commit: () => transaction.commit(),
    rollback: () => transaction.rollback(),
  };
}

async function leaveTransaction(transaction: AdapterTransaction): Promise<void> {
  try {
    await transaction.executeRaw({ sql: 'ROLLBACK', args: [], argTypes: [] });
  } catch (error) {
    // SQLite had left it by itself, as it does when the disk is full.
    const message = driverFailureOf(error)?.message ?? '';
    if (!message.includes('no transaction is active')) throw error;
  }
}
