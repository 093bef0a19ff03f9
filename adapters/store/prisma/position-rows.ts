import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { PositionChangeRow, PositionReads, PositionRepository, PositionRow } from '../port.js';
import type { Client, Columns } from './client.js';
import {
  bigintOrNull,
  instantOf,
  member,
  type Members,
  orNull,
  priceOf,
  quantityOf,
  usdOf,
} from './columns.js';
import { insertOnce } from './statements.js';

const SIDES: Members<PositionRow['side']> = { long: true, short: true, flat: true };
const CAUSES: Members<PositionChangeRow['cause']> = {
  fill: true,
  reversal: true,
  adjustment: true,
  opening_balance: true,
};

export function positionReads(client: Client, account: string): PositionReads {
  const all = async (where: Prisma.PositionWhereInput): Promise<readonly PositionRow[]> => {
    const stored = await client.position.findMany({
      where: { account, ...where },
      orderBy: { symbol: 'asc' },
    });
    return stored.map(positionRow);
  };
  return {
    bySymbol: async (symbol) => {
      const where = { account_symbol: { account, symbol } };
      return orNull(await client.position.findUnique({ where }), positionRow);
    },
    all: () => all({}),
    active: () => all({ side: { not: 'flat' } }),
    changesOf: async (symbol) => {
      const where = { account, symbol };
      const stored = await client.positionChange.findMany({ where, orderBy: { id: 'asc' } });
      return stored.map(positionChangeRow);
    },
  };
}

export function positionRepository(client: Client, account: string): PositionRepository {
  return {
    ...positionReads(client, account),
    upsert: async (position) => {
      const columns = positionColumns(account, position);
      await client.position.upsert({
        where: { account_symbol: { account, symbol: position.symbol } },
        create: columns,
        update: columns,
        select: { account: true },
      });
    },
    delete: async (symbol) => {
      await client.position.deleteMany({ where: { account, symbol } });
    },
    recordChange: (change) =>
      insertOnce(client, 'position_changes', positionChangeColumns(account, change)),
  };
}

function positionColumns(account: string, row: PositionRow): Prisma.PositionModel {
  return {
    account,
    symbol: row.symbol,
    side: row.side,
    quantityNanos: BigInt(row.quantity),
    costBasisMicros: BigInt(row.costBasis),
    realizedPnlMicros: BigInt(row.realizedPnl),
    lastPriceNanos: bigintOrNull(row.lastPrice),
    lastPriceAtMs: bigintOrNull(row.lastPriceAtMs),
    enteredAtMs: bigintOrNull(row.enteredAtMs),
    updatedAtMs: BigInt(row.updatedAtMs),
  };
}

function positionRow(stored: Prisma.PositionModel): PositionRow {
  return {
    symbol: stored.symbol,
    side: member(SIDES, stored.side),
    quantity: quantityOf(stored.quantityNanos),
    costBasis: usdOf(stored.costBasisMicros),
    realizedPnl: usdOf(stored.realizedPnlMicros),
    lastPrice: orNull(stored.lastPriceNanos, priceOf),
    lastPriceAtMs: orNull(stored.lastPriceAtMs, instantOf),
    enteredAtMs: orNull(stored.enteredAtMs, instantOf),
    updatedAtMs: instantOf(stored.updatedAtMs),
  };
}

function positionChangeColumns(
  account: string,
  row: PositionChangeRow,
): Columns<Prisma.PositionChangeModel> {
  return {
    account,
    changeId: row.changeId,
    symbol: row.symbol,
    cause: row.cause,
    sideBefore: row.sideBefore,
    quantityBeforeNanos: BigInt(row.quantityBefore),
    costBasisBeforeMicros: BigInt(row.costBasisBefore),
    sideAfter: row.sideAfter,
    quantityAfterNanos: BigInt(row.quantityAfter),
    costBasisAfterMicros: BigInt(row.costBasisAfter),
    realizedMicros: BigInt(row.realized),
    evidence: row.evidence,
    atMs: BigInt(row.atMs),
  };
}

function positionChangeRow(stored: Prisma.PositionChangeModel): PositionChangeRow {
  return {
    changeId: stored.changeId,
    symbol: stored.symbol,
    cause: member(CAUSES, stored.cause),
    sideBefore: member(SIDES, stored.sideBefore),
    quantityBefore: quantityOf(stored.quantityBeforeNanos),
    costBasisBefore: usdOf(stored.costBasisBeforeMicros),
    sideAfter: member(SIDES, stored.sideAfter),
    quantityAfter: quantityOf(stored.quantityAfterNanos),
    costBasisAfter: usdOf(stored.costBasisAfterMicros),
    realized: usdOf(stored.realizedMicros),
    evidence: stored.evidence,
    atMs: instantOf(stored.atMs),
  };
}
