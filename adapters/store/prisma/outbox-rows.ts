import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { AccountRow, OutboxKind, OutboxReads, OutboxRepository, OutboxRow } from '../port.js';
import type { Client, Stored } from './client.js';
import { member, type Members } from './columns.js';
import { findRows, markDelivered, postMessages } from './statements.js';
import { OUTBOX } from './tables.js';

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
      const stored = await findRows(client, OUTBOX, {
        where: { account },
        and: '"delivered_version" < "version"',
        order:
          `("kind" <> 'signal_halt'), ("kind" = 'signal_order'), ` +
          '"posted_at_version", "kind", "target"',
        limit,
      });
      return stored.map(outboxRow);
    },
    lostStarts: async () => {
      const stored = await findRows(client, OUTBOX, {
        where: { account, kind: 'start_order' },
        and:
          '"delivered_version" >= "version" AND NOT EXISTS (SELECT 1 FROM "orders" ' +
          'WHERE "orders"."account" = "outbox"."account" ' +
          'AND "orders"."client_order_id" = "outbox"."target")',
        order: '"posted_at_version", "target"',
      });
      return stored.map(outboxRow);
    },
  };
}

/**
 * What a transaction has posted until now, by kind and target: written when it commits, since a
 * thousand orders that end at once ask for one reconciliation a thousand times.
 */
export type Posts = Map<string, Pick<OutboxRow, 'kind' | 'target' | 'payload'>>;

/** `posts` are written by `storePosts`, when the transaction commits. */
export function outboxRepository(client: Client, account: string, posts: Posts): OutboxRepository {
  return {
    ...outboxReads(client, account),
    post: async (message) => {
      posts.set(JSON.stringify([message.kind, message.target]), message);
    },
    markDelivered: (kind, target, version) =>
      markDelivered(client, { account, kind, target, version }),
  };
}

/** `postedAtVersion` is the account's version in this transaction: the order of delivery. */
export async function storePosts(
  client: Client,
  { account, version: postedAtVersion }: Pick<AccountRow, 'account' | 'version'>,
  posts: Posts,
): Promise<void> {
  const rows = [...posts.values()].map(({ kind, target, payload }) => {
    return { account, kind, target, version: 1, payload, deliveredVersion: 0, postedAtVersion };
  });
  await postMessages(client, rows);
}

function outboxRow(stored: Stored<Prisma.OutboxMessageModel>): OutboxRow {
  return {
    kind: member(KINDS, stored.kind),
    target: stored.target,
    version: stored.version,
    payload: stored.payload,
    deliveredVersion: stored.deliveredVersion,
  };
}
