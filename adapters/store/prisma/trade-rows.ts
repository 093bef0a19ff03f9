import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import { BooksUnusable } from '../errors.js';
import type { TradeReads, TradeRepository, TradeRow } from '../port.js';
import type { Client, Columns, Stored } from './client.js';
import {
  bigintOrNull,
  instantOf,
  member,
  type Members,
  orNull,
  quantityOf,
  usdOf,
} from './columns.js';
import { deleteRows, findRow, findRows, putRow } from './statements.js';
import { TRADES } from './tables.js';

const SIDES: Members<TradeRow['side']> = { long: true, short: true };

export function tradeReads(client: Client, account: string): TradeReads {
  return {
    ofSymbol: async (symbol) => {
      const where = { account, symbol };
      return (await findRows(client, TRADES, { where, order: '"id"' })).map(tradeRow);
    },
    openOf: async (symbol) => {
      const where = { account, symbol, closedAtMs: null };
      return orNull(await findRow(client, TRADES, { where, order: '"id" DESC' }), tradeRow);
    },
    closedBetween: async (fromMs, untilMs) => {
      const stored = await client.models.trade.findMany({
        where: { account, closedAtMs: { gte: BigInt(fromMs), lt: BigInt(untilMs) } },
        orderBy: [{ closedAtMs: 'asc' }, { id: 'asc' }],
      });
      return stored.map(tradeRow);
    },
    recent: async (limit) => {
      const newest = { where: { account }, orderBy: { id: 'desc' }, take: limit } as const;
      return (await client.models.trade.findMany(newest)).map(tradeRow);
    },
  };
}

export function tradeRepository(client: Client, account: string): TradeRepository {
  return {
    ...tradeReads(client, account),
    record: (trade) => putRow(client, TRADES, tradeColumns(account, trade)),
    delete: (tradeId) => deleteRows(client, TRADES, { account, tradeId }),
  };
}

function tradeColumns(account: string, row: TradeRow): Columns<Prisma.TradeModel> {
  return {
    account,
    tradeId: row.tradeId,
    symbol: row.symbol,
    strategy: row.strategy,
    side: row.side,
    entryQuantityNanos: BigInt(row.entryQuantity),
    entryNotionalMicros: BigInt(row.entryNotional),
    exitQuantityNanos: BigInt(row.exitQuantity),
    exitNotionalMicros: BigInt(row.exitNotional),
    realizedPnlMicros: BigInt(row.realizedPnl),
    feesMicros: BigInt(row.fees),
    slippageMicros: BigInt(row.slippage),
    entryFillIds: JSON.stringify(row.entryFillIds),
    exitFillIds: JSON.stringify(row.exitFillIds),
    openedAtMs: BigInt(row.openedAtMs),
    closedAtMs: bigintOrNull(row.closedAtMs),
  };
}

function tradeRow(stored: Stored<Prisma.TradeModel>): TradeRow {
  return {
    tradeId: stored.tradeId,
    symbol: stored.symbol,
    strategy: stored.strategy,
    side: member(SIDES, stored.side),
    entryQuantity: quantityOf(stored.entryQuantityNanos),
    entryNotional: usdOf(stored.entryNotionalMicros),
    exitQuantity: quantityOf(stored.exitQuantityNanos),
    exitNotional: usdOf(stored.exitNotionalMicros),
    realizedPnl: usdOf(stored.realizedPnlMicros),
    fees: usdOf(stored.feesMicros),
    slippage: usdOf(stored.slippageMicros),
    entryFillIds: fillIds(stored.entryFillIds),
    exitFillIds: fillIds(stored.exitFillIds),
    openedAtMs: instantOf(stored.openedAtMs),
    closedAtMs: orNull(stored.closedAtMs, instantOf),
  };
}

function fillIds(text: string): readonly string[] {
  const parsed: unknown = JSON.parse(text);
  if (Array.isArray(parsed) && parsed.every((id) => typeof id === 'string')) return parsed;
  throw new BooksUnusable(`expected a list of fill ids in the books, found ${text}`);
}
