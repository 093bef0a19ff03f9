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
import type { Client, Stored } from './client.js';
import { instantOf, member, type Members, orNull } from './columns.js';
import { orderColumns, orderRow, progressColumns, STATES } from './order-columns.js';
import type { Condition } from './sql-text.js';
import { appendOrderEvent, findRow, findRows, insertOnce, updateRows } from './statements.js';
import { ORDER_EVENTS, ORDERS } from './tables.js';

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
  const one = async (where: Condition<Prisma.OrderModel>): Promise<OrderRow | null> =>
    orNull(await findRow(client, ORDERS, { where }), orderRow);
  return {
    byClientOrderId: (clientOrderId) => one({ account, clientOrderId }),
    byBrokerOrderId: (brokerOrderId) => one({ account, brokerOrderId }),
    inStates: async (states, symbol) => {
      const where = {
        account,
        state: states,
        ...(symbol !== undefined && { symbol }),
      };
      return (await findRows(client, ORDERS, { where, order: '"id"' })).map(orderRow);
    },
    recent: async (limit) => {
      const newest = { where: { account }, order: '"id" DESC', limit };
      return (await findRows(client, ORDERS, newest)).map(orderRow);
    },
    decidedSince: async (sinceMs) => {
      const where = { account, decidedAtMs: { gte: BigInt(sinceMs) } };
      const orderBy = [{ decidedAtMs: 'asc' }, { id: 'asc' }] as const;
      return (await client.models.order.findMany({ where, orderBy: [...orderBy] })).map(orderRow);
    },
    countByState: async (sinceMs) => {
      const groups = await client.models.order.groupBy({
        by: ['state'],
        where: { account, createdAtMs: { gte: BigInt(sinceMs) } },
        _count: { _all: true },
      });
      return new Map<OrderState, number>(
        groups.map((group) => [member(STATES, group.state), group._count._all]),
      );
    },
    legsOf: async (parent) => {
      const legs = { where: { account, parent }, order: '"id"' };
      return (await findRows(client, ORDERS, legs)).map(orderRow);
    },
    eventsOf: async (clientOrderId) => {
      const history = { where: { account, clientOrderId }, order: '"sequence"' };
      return (await findRows(client, ORDER_EVENTS, history)).map(orderEventRow);
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
      return insertOnce(client, ORDERS, orderColumns(row));
    },
    update: async (order, expectedVersion, beside = {}) => {
      const { clientOrderId } = order.intent;
      const count = await updateRows(client, ORDERS, {
        where: { account, clientOrderId, version: expectedVersion },
        data: { ...progressColumns(order), ...beside },
      });
      assert(count === 1, `expected order ${clientOrderId} at version ${expectedVersion}`);
    },
    becomeLeg: async ({ intent: { clientOrderId }, version }, parent) => {
      const count = await updateRows(client, ORDERS, {
        where: { account, clientOrderId, version },
        data: { version: version + 1, purpose: 'exit', parent },
      });
      assert(count === 1, `expected order ${clientOrderId} at version ${version}`);
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

function orderEventRow(stored: Stored<Prisma.OrderEventModel>): OrderEventRow {
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
