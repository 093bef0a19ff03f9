import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type {
  SystemState,
  SystemStateReads,
  SystemStateRepository,
  SystemStateRow,
} from '../port.js';
import type { Client, Stored } from './client.js';
import { instantOf, member, type Members, orNull } from './columns.js';
import { findRow, putRow } from './statements.js';
import { SYSTEM_STATE } from './tables.js';

const STATES: Members<SystemState> = {
  uninitialized: true,
  initializing: true,
  starting: true,
  running: true,
  stopping: true,
  stopped: true,
  stopped_unsettled: true,
  error: true,
  halted: true,
};

export function systemStateReads(client: Client, account: string): SystemStateReads {
  return {
    get: async () =>
      orNull(await findRow(client, SYSTEM_STATE, { where: { account } }), systemStateRow),
  };
}

export function systemStateRepository(client: Client, account: string): SystemStateRepository {
  return {
    ...systemStateReads(client, account),
    set: (state) => putRow(client, SYSTEM_STATE, systemStateColumns(account, state)),
  };
}

function systemStateColumns(account: string, row: SystemStateRow): Prisma.SystemStateModel {
  return {
    account,
    state: row.state,
    bootEpoch: row.bootEpoch,
    message: row.message,
    updatedAtWallMs: BigInt(row.updatedAtWallMs),
  };
}

function systemStateRow(stored: Stored<Prisma.SystemStateModel>): SystemStateRow {
  return {
    state: member(STATES, stored.state),
    bootEpoch: stored.bootEpoch,
    message: stored.message,
    updatedAtWallMs: instantOf(stored.updatedAtWallMs),
  };
}
