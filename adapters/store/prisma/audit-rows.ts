import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { AuditReads, AuditRow } from '../port.js';
import type { Client, Stored } from './client.js';
import { instantOf } from './columns.js';
import { appendRows } from './statements.js';
import { AUDIT_RECORDS } from './tables.js';

export function auditReads(client: Client, account: string): AuditReads {
  return {
    from: async (sequence, limit) => {
      const stored = await client.models.auditRecord.findMany({
        where: { account, sequence: { gte: sequence } },
        orderBy: { sequence: 'asc' },
        take: limit,
      });
      return stored.map(auditRow);
    },
  };
}

/** Appends records that were chained already. */
export async function appendAudit(
  client: Client,
  account: string,
  rows: readonly AuditRow[],
): Promise<void> {
  const columns = rows.map((row) => auditColumns(account, row));
  await appendRows(client, AUDIT_RECORDS, columns);
}

function auditColumns(account: string, row: AuditRow): Prisma.AuditRecordModel {
  return {
    account,
    sequence: row.sequence,
    actor: row.actor,
    kind: row.kind,
    entity: row.entity,
    body: row.body,
    atWallMs: BigInt(row.atWallMs),
    previousHash: row.previousHash,
    hash: row.hash,
  };
}

function auditRow(stored: Stored<Prisma.AuditRecordModel>): AuditRow {
  return {
    sequence: stored.sequence,
    actor: stored.actor,
    kind: stored.kind,
    entity: stored.entity,
    body: stored.body,
    atWallMs: instantOf(stored.atWallMs),
    previousHash: stored.previousHash,
    hash: stored.hash,
  };
}
