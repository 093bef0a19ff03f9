import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { BrokerEventReads, BrokerEventRepository, BrokerEventRow } from '../port.js';
import type { Client, Columns, Stored } from './client.js';
import {
  bigintOrNull,
  instantOf,
  member,
  type Members,
  orNull,
  priceOf,
  quantityOf,
} from './columns.js';
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
    executionId: row.trade?.executionId ?? null,
    previousExecutionId: row.trade?.previousExecutionId ?? null,
    priceNanos: bigintOrNull(row.trade?.price ?? null),
    quantityNanos: bigintOrNull(row.trade?.quantity ?? null),
    cumulativeNanos: bigintOrNull(row.trade?.cumulative ?? null),
    tradedAtMs: bigintOrNull(row.trade?.atMs ?? null),
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
    trade: toldTrade(stored),
    raw: stored.raw,
    streamEpoch: stored.streamEpoch,
    receivedAtWallMs: instantOf(stored.receivedAtWallMs),
  };
}

/** The four are written together, or none of them. */
function toldTrade(stored: Stored<Prisma.BrokerEventModel>): BrokerEventRow['trade'] {
  const { priceNanos, quantityNanos, cumulativeNanos, tradedAtMs } = stored;
  if (priceNanos === null || quantityNanos === null) return null;
  if (cumulativeNanos === null || tradedAtMs === null) return null;
  return {
    executionId: stored.executionId,
    previousExecutionId: stored.previousExecutionId,
    price: priceOf(priceNanos),
    quantity: quantityOf(quantityNanos),
    cumulative: quantityOf(cumulativeNanos),
    atMs: instantOf(tradedAtMs),
  };
}
