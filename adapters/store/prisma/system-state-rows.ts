import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type {
  SystemState,
  SystemStateReads,
  SystemStateRepository,
  SystemStateRow,
} from '../port.js';
import type { Client } from './client.js';
import { instantOf, member, type Members, orNull } from './columns.js';

const STATES: Members<SystemState> = {
  uninitialized: true,
  initializing: true,
  starting: true,
  running: true,
  stopping: true,
  stopped: true,
  error: true,
  halted: true,
};

export function systemStateReads(client: Client, account: string): SystemStateReads {
  return {
    get: async () =>
      orNull(await client.systemState.findUnique({ where: { account } }), systemStateRow),
  };
}

export function systemStateRepository(client: Client, account: string): SystemStateRepository {
  return {
    ...systemStateReads(client, account),
    set: async (state) => {
      const columns = systemStateColumns(account, state);
      await client.systemState.upsert({
        where: { account },
        create: columns,
        update: columns,
        select: { account: true },
      });
    },
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

function systemStateRow(stored: Prisma.SystemStateModel): SystemStateRow {
  return {
    state: member(STATES, stored.state),
    bootEpoch: stored.bootEpoch,
    message: stored.message,
    updatedAtWallMs: instantOf(stored.updatedAtWallMs),
  };
}
