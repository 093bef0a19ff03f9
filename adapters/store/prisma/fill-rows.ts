import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { FillReads, FillRepository, FillRow } from '../port.js';
import type { Client, Columns, Stored } from './client.js';
import { instantOf, member, type Members, priceOf, quantityOf, usdOf } from './columns.js';
import { SIDES } from './order-columns.js';
import { SOURCES } from './order-rows.js';
import type { Condition } from './sql-text.js';
import { findRows, insertOnce } from './statements.js';
import { FILLS } from './tables.js';

const KINDS: Members<FillRow['kind']> = { execution: true, inferred: true, reversal: true };

export function fillReads(client: Client, account: string): FillReads {
  const recorded = async (where: Condition<Prisma.FillModel>): Promise<readonly FillRow[]> =>
    (await findRows(client, FILLS, { where, order: '"id"' })).map(fillRow);
  return {
    byOrder: (clientOrderId) => recorded({ account, clientOrderId }),
    ofSymbol: (symbol) => recorded({ account, symbol }),
    inferred: async () => {
      const inferred = await recorded({ account, kind: 'inferred' });
      const ids = inferred.map(({ fillId }) => fillId);
      const reversals = await recorded({ account, reversesFillId: ids });
      const reversed = new Set(reversals.map(({ reversesFillId }) => reversesFillId));
      return inferred.filter(({ fillId }) => !reversed.has(fillId));
    },
    between: async (fromMs, untilMs) => {
      const where = { account, atMs: { gte: BigInt(fromMs), lt: BigInt(untilMs) } };
      const orderBy = [{ atMs: 'asc' }, { id: 'asc' }] as const;
      const stored = await client.models.fill.findMany({ where, orderBy: [...orderBy] });
      return stored.map(fillRow);
    },
    count: () => client.models.fill.count({ where: { account } }),
  };
}

export function fillRepository(client: Client, account: string): FillRepository {
  return {
    ...fillReads(client, account),
    record: (fill) => insertOnce(client, FILLS, fillColumns(account, fill)),
  };
}

function fillColumns(account: string, row: FillRow): Columns<Prisma.FillModel> {
  return {
    account,
    fillId: row.fillId,
    clientOrderId: row.clientOrderId,
    brokerOrderId: row.brokerOrderId,
    strategy: row.strategy,
    symbol: row.symbol,
    side: row.side,
    cumulativeBeforeNanos: BigInt(row.cumulativeBefore),
    cumulativeAfterNanos: BigInt(row.cumulativeAfter),
    priceNanos: BigInt(row.price),
    notionalMicros: BigInt(row.notional),
    feeMicros: BigInt(row.fee),
    kind: row.kind,
    reversesFillId: row.reversesFillId,
    replacesFillId: row.replacesFillId,
    executionId: row.executionId,
    activityId: row.activityId,
    eventId: row.eventId,
    source: row.source,
    atMs: BigInt(row.atMs),
    recordedAtWallMs: BigInt(row.recordedAtWallMs),
  };
}

function fillRow(stored: Stored<Prisma.FillModel>): FillRow {
  return {
    fillId: stored.fillId,
    clientOrderId: stored.clientOrderId,
    brokerOrderId: stored.brokerOrderId,
    strategy: stored.strategy,
    symbol: stored.symbol,
    side: member(SIDES, stored.side),
    cumulativeBefore: quantityOf(stored.cumulativeBeforeNanos),
    cumulativeAfter: quantityOf(stored.cumulativeAfterNanos),
    price: priceOf(stored.priceNanos),
    notional: usdOf(stored.notionalMicros),
    fee: usdOf(stored.feeMicros),
    kind: member(KINDS, stored.kind),
    reversesFillId: stored.reversesFillId,
    replacesFillId: stored.replacesFillId,
    executionId: stored.executionId,
    activityId: stored.activityId,
    eventId: stored.eventId,
    source: member(SOURCES, stored.source),
    atMs: instantOf(stored.atMs),
    recordedAtWallMs: instantOf(stored.recordedAtWallMs),
  };
}
