import type { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { assert } from '../../../domain/values/index.js';
import type { Sql } from './client.js';
import { directSql } from './direct-sql.js';
import { driverFailureOf } from './driver-failure.js';

export type Adapter = Awaited<ReturnType<PrismaBetterSqlite3['connect']>>;
type AdapterTransaction = Awaited<ReturnType<Adapter['startTransaction']>>;
type Statement = Parameters<Adapter['queryRaw']>[0];

/** Prisma's adapter, with an eye on its statements and a way past Prisma. */
export interface WatchedAdapter {
  readonly adapter: Adapter;
  /** Statements outside of any transaction. */
  readonly sql: Sql;
  /** Statements of the transaction that is open now; when it has ended they are refused. */
  transactionSql(): Sql;
}

/** `onStatement` is called with each text that is sent, BEGIN and COMMIT included. */
export function watchAdapter(adapter: Adapter, onStatement: (sql: string) => void): WatchedAdapter {
  let open: AdapterTransaction | null = null;
  const queryRaw = (statement: Statement) => {
    onStatement(statement.sql);
    return adapter.queryRaw(statement);
  };
  const executeRaw = (statement: Statement) => {
    onStatement(statement.sql);
    return adapter.executeRaw(statement);
  };
  return {
    adapter: {
      provider: adapter.provider,
      adapterName: adapter.adapterName,
      queryRaw,
      executeRaw,
      executeScript: (script) => adapter.executeScript(script),
      startTransaction: async (isolationLevel) => {
        onStatement('BEGIN');
        const started = await adapter.startTransaction(isolationLevel);
        open = watchedTransaction(started, onStatement, () => {
          open = null;
        });
        return open;
      },
      dispose: () => adapter.dispose(),
    },
    sql: directSql({ queryRaw, executeRaw }),
    transactionSql: () => {
      const own = open;
      assert(own !== null, 'expected an open transaction, found none');
      const stillOpen = (): AdapterTransaction => {
        assert(open === own, 'expected the transaction to be open, found it ended');
        return own;
      };
      return directSql({
        queryRaw: (statement) => stillOpen().queryRaw(statement),
        executeRaw: (statement) => stillOpen().executeRaw(statement),
      });
    },
  };
}

function watchedTransaction(
  transaction: AdapterTransaction,
  onStatement: (sql: string) => void,
  onEnd: () => void,
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
      if (statement.sql === 'COMMIT' || statement.sql === 'ROLLBACK') onEnd();
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
