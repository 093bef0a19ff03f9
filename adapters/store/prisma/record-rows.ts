import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { BreakerEventRow, ConfigSnapshotRow, Recorded } from '../port.js';
import type { Client, Columns } from './client.js';
import { insertOnce } from './statements.js';
import { CONFIG_SNAPSHOTS } from './tables.js';

// Rows that are kept for people and nothing reads back.

export async function recordBreakerEvent(
  client: Client,
  account: string,
  event: BreakerEventRow,
): Promise<void> {
  const columns: Columns<Prisma.BreakerEventModel> = {
    account,
    endpointClass: event.endpointClass,
    fromState: event.fromState,
    toState: event.toState,
    reason: event.reason,
    atWallMs: BigInt(event.atWallMs),
  };
  await client.models.breakerEvent.createMany({ data: [columns] });
}

export function recordConfigSnapshot(
  client: Client,
  account: string,
  snapshot: ConfigSnapshotRow,
): Promise<Recorded> {
  const columns: Columns<Prisma.ConfigSnapshotModel> = {
    account,
    hash: snapshot.hash,
    body: snapshot.body,
    bootEpoch: snapshot.bootEpoch,
    atWallMs: BigInt(snapshot.atWallMs),
  };
  return insertOnce(client, CONFIG_SNAPSHOTS, columns);
}
