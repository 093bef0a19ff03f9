import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { AlertReads, AlertRepository, AlertRow, AlertType } from '../port.js';
import type { Client, Columns, Stored } from './client.js';
import { instantOf, member, type Members, orNull } from './columns.js';
import { findRow, insertOnce } from './statements.js';
import { ALERTS } from './tables.js';

const TYPES: Members<AlertType> = {
  kill_switch: true,
  risk_breach: true,
  order_rejected: true,
  position_reconciliation: true,
  api_connectivity: true,
  system_health: true,
  trade_executed: true,
  daily_summary: true,
  custom: true,
};
const SEVERITIES: Members<AlertRow['severity']> = {
  info: true,
  warning: true,
  critical: true,
  emergency: true,
};

export function alertReads(client: Client, account: string): AlertReads {
  return {
    byId: async (alertId) =>
      orNull(await findRow(client, ALERTS, { where: { account, alertId } }), alertRow),
    recent: async (limit) => {
      const newest = { where: { account }, orderBy: { id: 'desc' }, take: limit } as const;
      return (await client.models.alert.findMany(newest)).map(alertRow);
    },
    count: () => client.models.alert.count({ where: { account } }),
  };
}

export function alertRepository(client: Client, account: string): AlertRepository {
  return {
    ...alertReads(client, account),
    record: (alert) => insertOnce(client, ALERTS, alertColumns(account, alert)),
  };
}

function alertColumns(account: string, row: AlertRow): Columns<Prisma.AlertModel> {
  return {
    account,
    alertId: row.alertId,
    type: row.type,
    severity: row.severity,
    title: row.title,
    message: row.message,
    metadata: row.metadata,
    atMs: BigInt(row.atMs),
    recordedAtWallMs: BigInt(row.recordedAtWallMs),
    acknowledgedBy: row.acknowledgedBy,
  };
}

function alertRow(stored: Stored<Prisma.AlertModel>): AlertRow {
  return {
    alertId: stored.alertId,
    type: member(TYPES, stored.type),
    severity: member(SEVERITIES, stored.severity),
    title: stored.title,
    message: stored.message,
    metadata: stored.metadata,
    atMs: instantOf(stored.atMs),
    recordedAtWallMs: instantOf(stored.recordedAtWallMs),
    acknowledgedBy: stored.acknowledgedBy,
  };
}
