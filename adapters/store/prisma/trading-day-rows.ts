import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { TradingDayReads, TradingDayRepository, TradingDayRow } from '../port.js';
import type { Client, Stored } from './client.js';
import { bigintOrNull, instantOf, orNull, usdOf } from './columns.js';
import { findRow, putRow } from './statements.js';
import { TRADING_DAYS } from './tables.js';

export function tradingDayReads(client: Client, account: string): TradingDayReads {
  return {
    byDate: async (date) => {
      const where = { account, date };
      return orNull(await findRow(client, TRADING_DAYS, { where }), tradingDayRow);
    },
    latest: async () => {
      const newest = { where: { account }, order: '"date" DESC' };
      return orNull(await findRow(client, TRADING_DAYS, newest), tradingDayRow);
    },
  };
}

export function tradingDayRepository(client: Client, account: string): TradingDayRepository {
  return {
    ...tradingDayReads(client, account),
    put: (day) => putRow(client, TRADING_DAYS, tradingDayColumns(account, day)),
  };
}

function tradingDayColumns(account: string, row: TradingDayRow): Prisma.TradingDayModel {
  return {
    account,
    date: row.date,
    startEquityMicros: BigInt(row.startEquity),
    peakEquityMicros: BigInt(row.peakEquity),
    lastEquityMicros: BigInt(row.lastEquity),
    realizedPnlMicros: BigInt(row.realizedPnl),
    tradesClosed: row.tradesClosed,
    losingStreak: row.losingStreak,
    ordersAdmitted: row.ordersAdmitted,
    ordersDenied: row.ordersDenied,
    startedAtMs: BigInt(row.startedAtMs),
    summarizedAtMs: bigintOrNull(row.summarizedAtMs),
  };
}

function tradingDayRow(stored: Stored<Prisma.TradingDayModel>): TradingDayRow {
  return {
    date: stored.date,
    startEquity: usdOf(stored.startEquityMicros),
    peakEquity: usdOf(stored.peakEquityMicros),
    lastEquity: usdOf(stored.lastEquityMicros),
    realizedPnl: usdOf(stored.realizedPnlMicros),
    tradesClosed: stored.tradesClosed,
    losingStreak: stored.losingStreak,
    ordersAdmitted: stored.ordersAdmitted,
    ordersDenied: stored.ordersDenied,
    startedAtMs: instantOf(stored.startedAtMs),
    summarizedAtMs: orNull(stored.summarizedAtMs, instantOf),
  };
}
