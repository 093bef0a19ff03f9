import type { OrderState } from '../../../domain/order/index.js';
import { assert } from '../../../domain/values/index.js';
import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type {
  EvidenceSource,
  OrderEventRow,
  OrderReads,
  OrderRepository,
  OrderRow,
} from '../port.js';
import type { Client } from './client.js';
import { instantOf, member, type Members, orNull } from './columns.js';
import { orderColumns, orderRow, progressColumns, STATES } from './order-columns.js';
import { appendOrderEvent, insertOnce } from './statements.js';

const OUTCOMES: Members<OrderEventRow['outcome']> = {
  moved: true,
  repeated: true,
  quarantined: true,
};
export const SOURCES: Members<EvidenceSource> = {
  ordinis: true,
  answer: true,
  stream: true,
  poll: true,
  activity: true,
  reconciliation: true,
  operator: true,
};

export function orderReads(client: Client, account: string): OrderReads {
  const one = async (where: Prisma.OrderWhereUniqueInput): Promise<OrderRow | null> =>
    orNull(await client.order.findUnique({ where }), orderRow);
  return {
    byClientOrderId: (clientOrderId) => one({ account_clientOrderId: { account, clientOrderId } }),
    byBrokerOrderId: (brokerOrderId) => one({ account_brokerOrderId: { account, brokerOrderId } }),
    inStates: async (states, symbol) => {
      const where = {
        account,
        state: { in: [...states] },
        ...(symbol !== undefined && { symbol }),
      };
      const stored = await client.order.findMany({ where, orderBy: { id: 'asc' } });
      return stored.map(orderRow);
    },
    recent: async (limit) => {
      const newest = { where: { account }, orderBy: { id: 'desc' }, take: limit } as const;
      return (await client.order.findMany(newest)).map(orderRow);
    },
    decidedSince: async (sinceMs) => {
      const where = { account, decidedAtMs: { gte: BigInt(sinceMs) } };
      const orderBy = [{ decidedAtMs: 'asc' }, { id: 'asc' }] as const;
      return (await client.order.findMany({ where, orderBy: [...orderBy] })).map(orderRow);
    },
    countByState: async (sinceMs) => {
      const groups = await client.order.groupBy({
        by: ['state'],
        where: { account, createdAtMs: { gte: BigInt(sinceMs) } },
        _count: { _all: true },
      });
      return new Map<OrderState, number>(
        groups.map((group) => [member(STATES, group.state), group._count._all]),
      );
    },
    legsOf: async (parent) => {
      const legs = { where: { account, parent }, orderBy: { id: 'asc' } } as const;
      return (await client.order.findMany(legs)).map(orderRow);
    },
    eventsOf: async (clientOrderId) => {
      const where = { account, clientOrderId };
      const stored = await client.orderEvent.findMany({ where, orderBy: { sequence: 'asc' } });
      return stored.map(orderEventRow);
    },
  };
}

export function orderRepository(client: Client, account: string): OrderRepository {
  return {
    ...orderReads(client, account),
    create: (row) => {
      const { account: owner, clientOrderId } = row.order.intent;
      assert(
        owner === account,
        `expected an order of ${account}, found ${clientOrderId} of ${owner}`,
      );
      return insertOnce(client, 'orders', orderColumns(row));
    },
    update: async (order, expectedVersion, beside = {}) => {
      const { clientOrderId } = order.intent;
      const { count } = await client.order.updateMany({
        where: { account, clientOrderId, version: expectedVersion },
        data: { ...progressColumns(order), ...beside },
      });
      assert(count === 1, `expected order ${clientOrderId} at version ${expectedVersion}`);
    },
    appendEvent: (event) =>
      appendOrderEvent(client, {
        account,
        clientOrderId: event.clientOrderId,
        kind: event.kind,
        fromState: event.fromState,
        toState: event.toState,
        outcome: event.outcome,
        source: event.source,
        detail: event.detail,
        raw: event.raw,
        brokerEventId: event.brokerEventId,
        atMs: BigInt(event.atMs),
        recordedAtWallMs: BigInt(event.recordedAtWallMs),
      }),
  };
}

function orderEventRow(stored: Prisma.OrderEventModel): OrderEventRow {
  return {
    clientOrderId: stored.clientOrderId,
    sequence: stored.sequence,
    kind: stored.kind,
    fromState: orNull(stored.fromState, (state) => member(STATES, state)),
    toState: member(STATES, stored.toState),
    outcome: member(OUTCOMES, stored.outcome),
    source: member(SOURCES, stored.source),
    detail: stored.detail,
    raw: stored.raw,
    brokerEventId: stored.brokerEventId,
    atMs: instantOf(stored.atMs),
    recordedAtWallMs: instantOf(stored.recordedAtWallMs),
  };
}
