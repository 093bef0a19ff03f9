import type { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import type { Sql, SqlValue } from './client.js';

type Adapter = Awaited<ReturnType<PrismaBetterSqlite3['connect']>>;
type Statement = Parameters<Adapter['queryRaw']>[0];
type ArgumentType = Statement['argTypes'][number];

/** Statements for the driver behind Prisma's adapter: values go as they are. */
export function directSql(adapter: Pick<Adapter, 'queryRaw' | 'executeRaw'>): Sql {
  return {
    execute: async (sql, values) => adapter.executeRaw(statementOf(sql, values)),
    query: async (sql, values) => (await adapter.queryRaw(statementOf(sql, values))).rows,
  };
}

/** Asked for strings alone, which may stand for something else in Prisma's own statements. */
const AS_IT_IS: ArgumentType = { scalarType: 'string', arity: 'scalar' };

function statementOf(sql: string, values: readonly SqlValue[]): Statement {
  return { sql, args: [...values], argTypes: values.map(() => AS_IT_IS) };
}
