import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { OutboxKind, OutboxReads, OutboxRepository, OutboxRow } from '../port.js';
import type { Client } from './client.js';
import { member, type Members } from './columns.js';

const KINDS: Members<OutboxKind> = {
  start_order: true,
  signal_order: true,
  start_turn: true,
  signal_turn: true,
  signal_halt: true,
  reconcile: true,
};

export function outboxReads(client: Client, account: string): OutboxReads {
  return {
    undelivered: async (limit) => {
      const stored = await client.outboxMessage.findMany({
        where: { account, deliveredVersion: { lt: client.outboxMessage.fields.version } },
        orderBy: [{ postedAtVersion: 'asc' }, { kind: 'asc' }, { target: 'asc' }],
        take: limit,
      });
      return stored.map(outboxRow);
    },
  };
}

/** `accountVersion` is the account's version in this transaction: the order of delivery. */
export function outboxRepository(
  client: Client,
  account: string,
  accountVersion: number,
): OutboxRepository {
  return {
    ...outboxReads(client, account),
    post: async ({ kind, target, payload }) => {
      const posted = { payload, postedAtVersion: accountVersion };
      await client.outboxMessage.upsert({
        where: { account_kind_target: { account, kind, target } },
        create: { account, kind, target, version: 1, deliveredVersion: 0, ...posted },
        update: { version: { increment: 1 }, ...posted },
        select: { account: true },
      });
    },
    markDelivered: async (kind, target, version) => {
      await client.outboxMessage.updateMany({
        where: { account, kind, target, deliveredVersion: { lt: version } },
        data: { deliveredVersion: version },
      });
    },
  };
}

function outboxRow(stored: Prisma.OutboxMessageModel): OutboxRow {
  return {
    kind: member(KINDS, stored.kind),
    target: stored.target,
    version: stored.version,
    payload: stored.payload,
    deliveredVersion: stored.deliveredVersion,
  };
}
