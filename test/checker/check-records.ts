import { createHash } from 'node:crypto';
import type { Books, Row } from './books.js';

const BEFORE_THE_FIRST = '0'.repeat(64);

/**
 * I10: the audit chain is gap-free and whole by its own arithmetic, it ends where the account says,
 * and each send of an order has its record.
 */
export function checkAudit(books: Books): readonly string[] {
  const { account, audit_sequence, audit_head } = books.account;
  let head = BEFORE_THE_FIRST;
  for (const [index, record] of books.audit_records.entries()) {
    const sequence = index + 1;
    if (record.sequence !== BigInt(sequence)) return [`I10: audit record ${sequence} is missing`];
    const hash = hashOf(record, { account, sequence, head });
    if (record.previous_hash !== head || record.hash !== hash) {
      return [`I10: audit record ${sequence} was changed`];
    }
    head = hash;
  }
  if (audit_sequence !== BigInt(books.audit_records.length) || audit_head !== head) {
    return [`I10: the account promises ${audit_sequence} audit records, found another end`];
  }
  return checkSendsAreAudited(books);
}

interface Place {
  readonly account: string;
  readonly sequence: number;
  /** The hash of the record before. */
  readonly head: string;
}

/** What was found for a row at its place: rows that are looked at again and again never change. */
const found = new WeakMap<Row<'audit_records'>, { readonly place: Place; readonly hash: string }>();

function hashOf(record: Row<'audit_records'>, place: Place): string {
  const { account, sequence, head } = place;
  const known = found.get(record);
  if (known?.place.head === head && known.place.account === account) return known.hash;
  // Members in the order of the alphabet, as the chain has been written since its first record.
  const text = JSON.stringify({
    account,
    actor: record.actor,
    atWallMs: Number(record.at_wall_ms),
    body: record.body,
    entity: record.entity,
    kind: record.kind,
    sequence,
  });
  const hash = createHash('sha256').update(`${head}\n${text}`).digest('hex');
  found.set(record, { place, hash });
  return hash;
}

function checkSendsAreAudited(books: Books): readonly string[] {
  const sends = countById(
    books.order_events.filter(({ kind }) => kind === 'send_began'),
    ({ client_order_id: id }) => id,
  );
  const audited = countById(
    books.audit_records.filter(({ kind }) => kind === 'order_admitted'),
    ({ entity }) => entity,
  );
  return books.orders.flatMap(({ client_order_id: id }) => {
    const [sent, told] = [sends.get(id) ?? 0, audited.get(id) ?? 0];
    return sent === told ? [] : [`I10: order ${id} was sent ${sent}×, audited ${told}×`];
  });
}

function countById<Item>(
  items: readonly Item[],
  idOf: (item: Item) => string,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(idOf(item), (counts.get(idOf(item)) ?? 0) + 1);
  return counts;
}

/**
 * Everything that was promised to a workflow has been delivered. A reconciliation is only wished
 * for: the one of the shutdown or of the next start is the same.
 */
export function checkOutbox(books: Books): readonly string[] {
  return books.outbox
    .filter((message) => message.kind !== 'reconcile')
    .filter((message) => message.delivered_version < message.version)
    .map((message) => `I14: outbox ${message.kind} ${message.target} was not delivered`);
}

/** Outcomes of events that changed what they were to change, or that the books held already. */
const TAKEN = ['applied', 'repeated'];

/**
 * Nothing was repaired by guessing, and nothing was set aside for a person. An event may come
 * before the answer that explains it, as of a leg, and then it was looked up.
 */
export function checkNothingInvented(books: Books): readonly string[] {
  const known = new Set<string | null>(books.orders.map((order) => order.client_order_id));
  const isExplained = (event: Row<'broker_events'>): boolean =>
    TAKEN.includes(event.outcome) ||
    (event.outcome === 'unmatched' && known.has(event.client_order_id));
  return [
    ...books.fills
      .filter((fill) => fill.kind !== 'execution')
      .map((fill) => `fill ${fill.fill_id} is ${fill.kind}, not an execution`),
    ...books.position_changes
      .filter((change) => change.cause !== 'fill')
      .map((change) => `${change.symbol} was changed by ${change.cause}, not by a fill`),
    ...books.cash_entries
      .filter((entry) => entry.kind !== 'opening_balance')
      .map((entry) => `cash entry ${entry.entry_id} (${entry.kind})`),
    ...books.order_events
      .filter((event) => event.outcome === 'quarantined')
      .map((event) => `order ${event.client_order_id} was quarantined`),
    ...books.broker_events
      .filter((event) => !isExplained(event))
      .map((event) => `broker event ${event.event_id} was ${event.outcome}`),
    ...books.orders
      .filter((order) => order.parked_reason !== null)
      .map((order) => `order ${order.client_order_id} is parked: ${order.parked_reason}`),
    ...books.instruments
      .filter((instrument) => instrument.parked_reason !== null)
      .map((instrument) => `${instrument.symbol} is parked: ${instrument.parked_reason}`),
    ...books.discrepancies.map(
      (one) => `discrepancy ${one.kind} ${one.subject}: ${one.local} here, ${one.broker} there`,
    ),
  ];
}
