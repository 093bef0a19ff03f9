import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { StreamStateReads, StreamStateRepository, StreamStateRow } from '../port.js';
import type { Client, Stored } from './client.js';
import { instantOf, member, type Members, orNull } from './columns.js';
import { findRow, putRow } from './statements.js';
import { STREAM_STATE } from './tables.js';

const STATUSES: Members<StreamStateRow['status']> = { down: true, catching_up: true, live: true };

export function streamStateReads(client: Client, account: string): StreamStateReads {
  return {
    get: async () =>
      orNull(await findRow(client, STREAM_STATE, { where: { account } }), streamStateRow),
  };
}

export function streamStateRepository(client: Client, account: string): StreamStateRepository {
  return {
    ...streamStateReads(client, account),
    set: (state) => putRow(client, STREAM_STATE, streamStateColumns(account, state)),
  };
}

function streamStateColumns(account: string, row: StreamStateRow): Prisma.StreamStateModel {
  return {
    account,
    streamEpoch: row.streamEpoch,
    bootEpoch: row.bootEpoch,
    status: row.status,
    repairedThroughMs: BigInt(row.repairedThroughMs),
    message: row.message,
    updatedAtWallMs: BigInt(row.updatedAtWallMs),
  };
}

function streamStateRow(stored: Stored<Prisma.StreamStateModel>): StreamStateRow {
  return {
    streamEpoch: stored.streamEpoch,
    bootEpoch: stored.bootEpoch,
    status: member(STATUSES, stored.status),
    repairedThroughMs: instantOf(stored.repairedThroughMs),
    message: stored.message,
    updatedAtWallMs: instantOf(stored.updatedAtWallMs),
  };
}
