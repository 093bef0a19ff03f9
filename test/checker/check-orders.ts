import type { Books, Row } from './books.js';
import { type BrokerOrder, isOpenAtBroker, type Journal } from './journal.js';

/** The states of the books in which an order may be while the broker shows a status. */
const STATES_OF_STATUS: Readonly<Record<string, readonly string[]>> = {
  pending_new: ['accepted', 'pending_cancel'],
  accepted: ['accepted', 'pending_cancel'],
  new: ['accepted', 'pending_cancel', 'pending_replace'],
  partially_filled: ['partially_filled', 'pending_cancel'],
  held: ['held', 'pending_cancel', 'pending_replace'],
  pending_replace: ['pending_replace'],
  pending_cancel: ['pending_cancel'],
  filled: ['filled'],
  canceled: ['canceled'],
  expired: ['expired'],
  replaced: ['replaced'],
  rejected: ['refused'],
};
/** States of orders that the broker never took. */
const NEVER_AT_BROKER = ['denied', 'refused', 'abandoned'];
const UNRESOLVED = ['created', 'submitting', 'unknown'];

/**
 * I1 and the order part of I4: at most one broker order for each id, none without a row that was
 * there before; every row in the state that the broker's order is in; nothing left unresolved.
 */
export function checkOrders(books: Books, journal: Journal): readonly string[] {
  const rows = new Map(books.orders.map((row) => [row.client_order_id, row]));
  const held = [...journal.orders.values()];
  return [
    ...doubledIds(held),
    ...held.flatMap((order) => compareWithRow(order, rows.get(order.clientOrderId))),
    ...books.orders.flatMap((row) => missingAtBroker(row, journal)),
    ...books.orders
      .filter(({ state }) => UNRESOLVED.includes(state))
      .map((row) => `order ${row.client_order_id} was left ${row.state}`),
    ...checkSubmissions(books, journal),
    ...checkPaths(books),
  ];
}

/** Whether the books may have an order in this state while the broker shows it like this. */
export function isStateOf(order: BrokerOrder, state: string): boolean {
  const { status, quantityNanos, filledNanos } = order;
  // Trades were taken back, and perhaps nobody has told the books that they ever were.
  const isTakenBack = status === 'filled' && quantityNanos !== null && filledNanos < quantityNanos;
  if (isTakenBack && state === 'canceled') return true;
  // All that was filled was taken back, and the order works on.
  if (status === 'partially_filled' && filledNanos === 0n && state === 'accepted') return true;
  return STATES_OF_STATUS[status]?.includes(state) === true;
}

function doubledIds(held: readonly BrokerOrder[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { clientOrderId } of held) {
    counts.set(clientOrderId, (counts.get(clientOrderId) ?? 0) + 1);
  }
  return [...counts].flatMap(([id, count]) =>
    count === 1 ? [] : [`I1: the broker holds ${count} orders with the id ${id}`],
  );
}

function compareWithRow(order: BrokerOrder, row: Row<'orders'> | undefined): readonly string[] {
  const name = `order ${order.clientOrderId}`;
  if (row === undefined) return [`I1: ${name} is at the broker and not in the books`];
  const expected = {
    'broker order id': order.id,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    'time in force': order.timeInForce,
    quantity: comparableQuantity(order, row),
    'limit price': order.limitPriceNanos,
    'stop price': order.stopPriceNanos,
    'filled quantity': order.filledNanos,
    "broker's filled quantity": order.filledNanos,
  };
  const found: typeof expected = {
    'broker order id': row.broker_order_id ?? 'none',
    symbol: row.symbol,
    side: row.side,
    type: row.type,
    'time in force': row.time_in_force,
    quantity: row.ordered_quantity_nanos,
    'limit price': row.limit_price_nanos,
    'stop price': row.stop_price_nanos,
    'filled quantity': row.filled_quantity_nanos,
    "broker's filled quantity": row.broker_filled_quantity_nanos,
  };
  const members = Object.keys(expected) as (keyof typeof expected)[];
  const differences = members
    .filter((member) => expected[member] !== found[member])
    .map((member) => `${name}: ${member} ${found[member]}, the broker has ${expected[member]}`);
  if (isStateOf(order, row.state)) return differences;
  return [...differences, `I4: ${name} is ${row.state}, the broker has it ${order.status}`];
}

/**
 * Of an order in dollars the broker says no units, so there is nothing to compare; nor is there of
 * an exit that the broker made smaller and then ended unfilled: no event tells of the first.
 */
function comparableQuantity({ quantityNanos, status }: BrokerOrder, row: Row<'orders'>): bigint {
  const ordered = row.ordered_quantity_nanos;
  if (quantityNanos === null) return ordered;
  const hasEnded = !isOpenAtBroker({ status }) && status !== 'filled';
  return hasEnded && quantityNanos < ordered ? ordered : quantityNanos;
}

function missingAtBroker(row: Row<'orders'>, journal: Journal): readonly string[] {
  const isThere = [...journal.orders.values()].some(
    ({ clientOrderId }) => clientOrderId === row.client_order_id,
  );
  if (isThere || NEVER_AT_BROKER.includes(row.state) || UNRESOLVED.includes(row.state)) return [];
  return [`I4: order ${row.client_order_id} is ${row.state}, the broker never took it`];
}

/** Each request for an order came after a send of that id began in the books, one to one. */
function checkSubmissions(books: Books, journal: Journal): readonly string[] {
  const begun = new Map<string, number[]>();
  for (const event of books.order_events) {
    if (event.kind !== 'send_began') continue;
    const instants = begun.get(event.client_order_id) ?? [];
    begun.set(event.client_order_id, [...instants, Number(event.recorded_at_wall_ms)]);
  }
  return journal.submissions.flatMap((submission) => {
    const { clientOrderId, receivedWallMs } = submission;
    const earlier = (begun.get(clientOrderId) ?? []).filter((atMs) => atMs <= receivedWallMs);
    const requests = journal.submissions.filter(
      (other) => other.clientOrderId === clientOrderId && other.receivedWallMs <= receivedWallMs,
    );
    return requests.length <= earlier.length
      ? []
      : [`I1: request ${requests.length} for order ${clientOrderId} had no send in the books`];
  });
}

/** The written path of an order is whole, and leads to where the order is. */
function checkPaths(books: Books): readonly string[] {
  return books.orders.flatMap((row) => {
    const path = books.order_events.filter((one) => one.client_order_id === row.client_order_id);
    let state: string | null = null;
    for (const [index, event] of path.entries()) {
      const isNext = event.sequence === BigInt(index + 1) && event.from_state === state;
      if (!isNext && event.outcome === 'moved') {
        return [`I6: event ${event.sequence} of order ${row.client_order_id} does not follow`];
      }
      state = event.to_state;
    }
    if (state === row.state) return [];
    return [
      `I6: the path of order ${row.client_order_id} ends ${state}, the order is ${row.state}`,
    ];
  });
}
