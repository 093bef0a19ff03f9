import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { LimitsRow } from '../port.js';
import type { Client } from './client.js';
import { instantOf, orNull, usdOf } from './columns.js';

export async function readLimits(client: Client, account: string): Promise<LimitsRow | null> {
  return orNull(await client.limits.findUnique({ where: { account } }), limitsRow);
}

export async function putLimits(client: Client, account: string, row: LimitsRow): Promise<void> {
  const columns = limitsColumns(account, row);
  await client.limits.upsert({
    where: { account },
    create: columns,
    update: columns,
    select: { account: true },
  });
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

function limitsRow(stored: Prisma.LimitsModel): LimitsRow {
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
