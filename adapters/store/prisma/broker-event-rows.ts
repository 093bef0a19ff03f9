import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { BrokerEventReads, BrokerEventRepository, BrokerEventRow } from '../port.js';
import type { Client, Columns, Stored } from './client.js';
import { instantOf, member, type Members, orNull } from './columns.js';
import { SOURCES } from './order-rows.js';
import { findRow, insertOnce } from './statements.js';
import { BROKER_EVENTS } from './tables.js';

const OUTCOMES: Members<BrokerEventRow['outcome']> = {
  applied: true,
  repeated: true,
  external: true,
  unmatched: true,
  quarantined: true,
};

export function brokerEventReads(client: Client, account: string): BrokerEventReads {
  return {
    byId: async (eventId) => {
      const where = { account, eventId };
      return orNull(await findRow(client, BROKER_EVENTS, { where }), brokerEventRow);
    },
    byOrder: async (clientOrderId) => {
      const where = { account, clientOrderId };
      const stored = await client.models.brokerEvent.findMany({ where, orderBy: { id: 'asc' } });
      return stored.map(brokerEventRow);
    },
  };
}

export function brokerEventRepository(client: Client, account: string): BrokerEventRepository {
  return {
    ...brokerEventReads(client, account),
    record: (event) => insertOnce(client, BROKER_EVENTS, brokerEventColumns(account, event)),
  };
}

function brokerEventColumns(
  account: string,
  row: BrokerEventRow,
): Columns<Prisma.BrokerEventModel> {
  return {
    account,
    eventId: row.eventId,
    source: row.source,
    event: row.event,
    clientOrderId: row.clientOrderId,
    brokerOrderId: row.brokerOrderId,
    outcome: row.outcome,
    raw: row.raw,
    streamEpoch: row.streamEpoch,
    receivedAtWallMs: BigInt(row.receivedAtWallMs),
  };
}

function brokerEventRow(stored: Stored<Prisma.BrokerEventModel>): BrokerEventRow {
  return {
    eventId: stored.eventId,
    source: member(SOURCES, stored.source),
    event: stored.event,
    clientOrderId: stored.clientOrderId,
    brokerOrderId: stored.brokerOrderId,
    outcome: member(OUTCOMES, stored.outcome),
    raw: stored.raw,
    streamEpoch: stored.streamEpoch,
    receivedAtWallMs: instantOf(stored.receivedAtWallMs),
  };
}
