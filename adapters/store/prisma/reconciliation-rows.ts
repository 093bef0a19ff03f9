import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type {
  DiscrepancyRow,
  ReconciliationReads,
  ReconciliationRepository,
  ReconciliationRunRow,
} from '../port.js';
import type { Client, Columns, Stored } from './client.js';
import { instantOf, member, type Members } from './columns.js';
import { insertOnce } from './statements.js';
import { RECONCILIATION_RUNS } from './tables.js';

const OUTCOMES: Members<ReconciliationRunRow['outcome']> = {
  clean: true,
  discrepancies: true,
  not_calm: true,
  failed: true,
};
const KINDS: Members<DiscrepancyRow['kind']> = {
  quantity_mismatch: true,
  side_mismatch: true,
  missing_local: true,
  missing_broker: true,
  price_mismatch: true,
  order_missing_local: true,
  order_missing_broker: true,
  order_state_mismatch: true,
  cash_mismatch: true,
};
const SEVERITIES: Members<DiscrepancyRow['severity']> = { critical: true, medium: true, low: true };
const ACTIONS: Members<DiscrepancyRow['action']> = {
  alert_only: true,
  auto_correct: true,
  halt_trading: true,
  log: true,
};

export function reconciliationReads(client: Client, account: string): ReconciliationReads {
  return {
    recentRuns: async (limit) => {
      const newest = { where: { account }, orderBy: { id: 'desc' }, take: limit } as const;
      return (await client.models.reconciliationRun.findMany(newest)).map(runRow);
    },
    discrepanciesOf: async (runId) => {
      const where = { account, runId };
      const stored = await client.models.discrepancy.findMany({ where, orderBy: { id: 'asc' } });
      return stored.map(discrepancyRow);
    },
  };
}

export function reconciliationRepository(
  client: Client,
  account: string,
): ReconciliationRepository {
  return {
    ...reconciliationReads(client, account),
    recordRun: async (run, discrepancies) => {
      const recorded = await insertOnce(client, RECONCILIATION_RUNS, runColumns(account, run));
      if (recorded === 'repeated' || discrepancies.length === 0) return recorded;
      const data = discrepancies.map((row) => discrepancyColumns(account, row));
      await client.models.discrepancy.createMany({ data });
      return recorded;
    },
  };
}

function runColumns(
  account: string,
  row: ReconciliationRunRow,
): Columns<Prisma.ReconciliationRunModel> {
  return {
    account,
    runId: row.runId,
    trigger: row.trigger,
    outcome: row.outcome,
    localPositions: row.localPositions,
    brokerPositions: row.brokerPositions,
    corrections: row.corrections,
    message: row.message,
    startedAtWallMs: BigInt(row.startedAtWallMs),
    finishedAtWallMs: BigInt(row.finishedAtWallMs),
  };
}

function runRow(stored: Stored<Prisma.ReconciliationRunModel>): ReconciliationRunRow {
  return {
    runId: stored.runId,
    trigger: stored.trigger,
    outcome: member(OUTCOMES, stored.outcome),
    localPositions: stored.localPositions,
    brokerPositions: stored.brokerPositions,
    corrections: stored.corrections,
    message: stored.message,
    startedAtWallMs: instantOf(stored.startedAtWallMs),
    finishedAtWallMs: instantOf(stored.finishedAtWallMs),
  };
}

function discrepancyColumns(
  account: string,
  row: DiscrepancyRow,
): Columns<Prisma.DiscrepancyModel> {
  return {
    account,
    runId: row.runId,
    kind: row.kind,
    subject: row.subject,
    severity: row.severity,
    local: row.local,
    broker: row.broker,
    action: row.action,
  };
}

function discrepancyRow(stored: Stored<Prisma.DiscrepancyModel>): DiscrepancyRow {
  return {
    runId: stored.runId,
    kind: member(KINDS, stored.kind),
    subject: stored.subject,
    severity: member(SEVERITIES, stored.severity),
    local: stored.local,
    broker: stored.broker,
    action: member(ACTIONS, stored.action),
  };
}
