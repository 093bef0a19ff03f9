import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { PositionChangeRow, PositionReads, PositionRepository, PositionRow } from '../port.js';
import type { Client, Columns, Stored } from './client.js';
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
import { deleteRows, findRow, findRows, insertOnce, putRow } from './statements.js';
import { POSITIONS, POSITION_CHANGES } from './tables.js';

const SIDES: Members<PositionRow['side']> = { long: true, short: true, flat: true };
const CAUSES: Members<PositionChangeRow['cause']> = {
  fill: true,
  reversal: true,
  adjustment: true,
  opening_balance: true,
};

export function positionReads(client: Client, account: string): PositionReads {
  const inSides = async (
    sides: readonly PositionRow['side'][],
  ): Promise<readonly PositionRow[]> => {
    const where = { account, side: sides };
    return (await findRows(client, POSITIONS, { where, order: '"symbol"' })).map(positionRow);
  };
  return {
    bySymbol: async (symbol) => {
      const where = { account, symbol };
      return orNull(await findRow(client, POSITIONS, { where }), positionRow);
    },
    all: () => inSides(['long', 'short', 'flat']),
    active: () => inSides(['long', 'short']),
    changesOf: async (symbol) => {
      const where = { account, symbol };
      const stored = await client.models.positionChange.findMany({ where, orderBy: { id: 'asc' } });
      return stored.map(positionChangeRow);
    },
  };
}

export function positionRepository(client: Client, account: string): PositionRepository {
  return {
    ...positionReads(client, account),
    upsert: (position) => putRow(client, POSITIONS, positionColumns(account, position)),
    delete: (symbol) => deleteRows(client, POSITIONS, { account, symbol }),
    recordChange: (change) =>
      insertOnce(client, POSITION_CHANGES, positionChangeColumns(account, change)),
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

function positionRow(stored: Stored<Prisma.PositionModel>): PositionRow {
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

function positionChangeRow(stored: Stored<Prisma.PositionChangeModel>): PositionChangeRow {
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
