import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { LimitsRow } from '../port.js';
import type { Client, Stored } from './client.js';
import { instantOf, orNull, usdOf } from './columns.js';
import { findRow, putRow } from './statements.js';
import { LIMITS } from './tables.js';

export async function readLimits(client: Client, account: string): Promise<LimitsRow | null> {
  return orNull(await findRow(client, LIMITS, { where: { account } }), limitsRow);
}

export async function putLimits(client: Client, account: string, row: LimitsRow): Promise<void> {
  await putRow(client, LIMITS, limitsColumns(account, row));
}

function limitsColumns(account: string, row: LimitsRow): Prisma.LimitsModel {
  return {
    account,
    orderNotionalMaxMicros: BigInt(row.orderNotionalMax),
    positionNotionalMaxMicros: BigInt(row.positionNotionalMax),
    leverageHundredths: row.leverageHundredths,
    dailyLossMaxMicros: BigInt(row.dailyLossMax),
    dailyLossBasisPointsMax: row.dailyLossBasisPointsMax,
    drawdownBasisPointsMax: row.drawdownBasisPointsMax,
    losingStreakMax: row.losingStreakMax,
    updatedAtWallMs: BigInt(row.updatedAtWallMs),
  };
}

function limitsRow(stored: Stored<Prisma.LimitsModel>): LimitsRow {
  return {
    orderNotionalMax: usdOf(stored.orderNotionalMaxMicros),
    positionNotionalMax: usdOf(stored.positionNotionalMaxMicros),
    leverageHundredths: stored.leverageHundredths,
    dailyLossMax: usdOf(stored.dailyLossMaxMicros),
    dailyLossBasisPointsMax: stored.dailyLossBasisPointsMax,
    drawdownBasisPointsMax: stored.drawdownBasisPointsMax,
    losingStreakMax: stored.losingStreakMax,
    updatedAtWallMs: instantOf(stored.updatedAtWallMs),
  };
}
