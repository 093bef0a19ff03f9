import { assert } from '../../../domain/values/index.js';
import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { CancelPolicy, HaltReason } from '../../../domain/safety/halt-request.js';
import type { HaltCauseRow, HaltReads, HaltRepository } from '../port.js';
import type { Client, Columns, Stored } from './client.js';
import { bigintOrNull, instantOf, member, type Members, orNull } from './columns.js';
import { findRow, findRows, insertOnce, updateRows } from './statements.js';
import { HALT_CAUSES } from './tables.js';

const REASONS: Members<HaltReason> = {
  manual: true,
  file: true,
  unspecified: true,
  daily_loss: true,
  drawdown: true,
  consecutive_losses: true,
  connectivity: true,
  reconciliation: true,
  rejections: true,
  runaway: true,
  account_blocked: true,
};
const MODES: Members<HaltCauseRow['mode']> = { reduce_only: true, halted: true };
const POLICIES: Members<CancelPolicy> = { 'keep-protection': true, 'cancel-all': true, none: true };

export function haltReads(client: Client, account: string): HaltReads {
  return {
    openCauses: async () => {
      const where = { account, releasedAtWallMs: null };
      return (await findRows(client, HALT_CAUSES, { where, order: '"id"' })).map(haltCauseRow);
    },
    byId: async (causeId) => {
      const where = { account, causeId };
      return orNull(await findRow(client, HALT_CAUSES, { where }), haltCauseRow);
    },
  };
}

export function haltRepository(client: Client, account: string): HaltRepository {
  return {
    ...haltReads(client, account),
    engage: (cause) => insertOnce(client, HALT_CAUSES, haltCauseColumns(account, cause)),
    update: async (cause) => {
      const { causeId } = cause;
      const data = haltCauseColumns(account, cause);
      const count = await updateRows(client, HALT_CAUSES, { where: { account, causeId }, data });
      assert(count === 1, `expected an engaged halt cause, found none with id ${causeId}`);
    },
  };
}

function haltCauseColumns(account: string, row: HaltCauseRow): Columns<Prisma.HaltCauseModel> {
  return {
    account,
    causeId: row.causeId,
    reason: row.reason,
    mode: row.mode,
    message: row.message,
    triggeredBy: row.triggeredBy,
    metadata: row.metadata,
    cancelPolicy: row.cancelPolicy,
    engagedAtWallMs: BigInt(row.engagedAtWallMs),
    completedAtWallMs: bigintOrNull(row.completedAtWallMs),
    releasedAtWallMs: bigintOrNull(row.releasedAtWallMs),
    releasedBy: row.releasedBy,
    releaseReason: row.releaseReason,
  };
}

function haltCauseRow(stored: Stored<Prisma.HaltCauseModel>): HaltCauseRow {
  return {
    causeId: stored.causeId,
    reason: member(REASONS, stored.reason),
    mode: member(MODES, stored.mode),
    message: stored.message,
    triggeredBy: stored.triggeredBy,
    metadata: stored.metadata,
    cancelPolicy: member(POLICIES, stored.cancelPolicy),
    engagedAtWallMs: instantOf(stored.engagedAtWallMs),
    completedAtWallMs: orNull(stored.completedAtWallMs, instantOf),
    releasedAtWallMs: orNull(stored.releasedAtWallMs, instantOf),
    releasedBy: stored.releasedBy,
    releaseReason: stored.releaseReason,
  };
}
