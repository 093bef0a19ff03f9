import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { RiskDecisionReads, RiskDecisionRepository, RiskDecisionRow } from '../port.js';
import type { Client, Columns, Stored } from './client.js';
import { instantOf, member, type Members } from './columns.js';
import { appendRows } from './statements.js';
import { RISK_DECISIONS } from './tables.js';

const DECISIONS: Members<RiskDecisionRow['decision']> = { admitted: true, denied: true };

export function riskDecisionReads(client: Client, account: string): RiskDecisionReads {
  return {
    byOrder: async (clientOrderId) => {
      const where = { account, clientOrderId };
      const stored = await client.models.riskDecision.findMany({ where, orderBy: { id: 'asc' } });
      return stored.map(riskDecisionRow);
    },
  };
}

export function riskDecisionRepository(client: Client, account: string): RiskDecisionRepository {
  return {
    ...riskDecisionReads(client, account),
    record: (decision) =>
      appendRows(client, RISK_DECISIONS, [riskDecisionColumns(account, decision)]),
  };
}

function riskDecisionColumns(
  account: string,
  row: RiskDecisionRow,
): Columns<Prisma.RiskDecisionModel> {
  return {
    account,
    clientOrderId: row.clientOrderId,
    decision: row.decision,
    code: row.code,
    message: row.message,
    inputs: row.inputs,
    atMs: BigInt(row.atMs),
  };
}

function riskDecisionRow(stored: Stored<Prisma.RiskDecisionModel>): RiskDecisionRow {
  return {
    clientOrderId: stored.clientOrderId,
    decision: member(DECISIONS, stored.decision),
    code: stored.code,
    message: stored.message,
    inputs: stored.inputs,
    atMs: instantOf(stored.atMs),
  };
}
