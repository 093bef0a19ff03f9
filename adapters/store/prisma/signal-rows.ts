import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { SignalReads, SignalRepository, StrategySignalRow } from '../port.js';
import type { Client, Columns, Stored } from './client.js';
import { instantOf } from './columns.js';
import { insertOnce } from './statements.js';
import { STRATEGY_SIGNALS } from './tables.js';

export function signalReads(client: Client, account: string): SignalReads {
  return {
    since: async (barEndAtMs) => {
      const stored = await client.models.strategySignal.findMany({
        where: { account, barEndAtMs: { gte: BigInt(barEndAtMs) } },
        orderBy: [{ barEndAtMs: 'asc' }, { id: 'asc' }],
      });
      return stored.map(signalRow);
    },
  };
}

export function signalRepository(client: Client, account: string): SignalRepository {
  return {
    ...signalReads(client, account),
    record: (signal) => insertOnce(client, STRATEGY_SIGNALS, signalColumns(account, signal)),
  };
}

function signalColumns(
  account: string,
  row: StrategySignalRow,
): Columns<Prisma.StrategySignalModel> {
  return {
    account,
    strategy: row.strategy,
    symbol: row.symbol,
    barEndAtMs: BigInt(row.barEndAtMs),
    leg: row.leg,
    signal: row.signal,
    clientOrderId: row.clientOrderId,
    dataFeed: row.dataFeed,
  };
}

function signalRow(stored: Stored<Prisma.StrategySignalModel>): StrategySignalRow {
  return {
    strategy: stored.strategy,
    symbol: stored.symbol,
    barEndAtMs: instantOf(stored.barEndAtMs),
    leg: stored.leg,
    signal: stored.signal,
    clientOrderId: stored.clientOrderId,
    dataFeed: stored.dataFeed,
  };
}
