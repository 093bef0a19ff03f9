import type { Books, Row } from './books.js';

const ENDS = ['turned', 'closed_only', 'kept', 'uncovered'];

/**
 * The order of a turn: its entry is sent after the last of its exits has ended, never before; and
 * its state tells whether the entry filled.
 */
export function checkTurns(books: Books): readonly string[] {
  return books.turns.flatMap((turn) => {
    const orders = books.orders.filter(({ client_order_id }) =>
      client_order_id.startsWith(`${turn.turn_id}-`),
    );
    const entry = orders.find(({ client_order_id }) => client_order_id.endsWith('-entry'));
    const exits = orders.filter(({ client_order_id }) => /-exit\d*$/.test(client_order_id));
    return [
      ...(entry === undefined ? [] : sentTooEarly(books, entry, exits)),
      ...wrongEnd(turn, entry),
    ];
  });
}

function sentTooEarly(
  books: Books,
  entry: Row<'orders'>,
  exits: readonly Row<'orders'>[],
): readonly string[] {
  const sent = books.order_events.find(
    (event) => event.client_order_id === entry.client_order_id && event.kind === 'send_began',
  );
  if (sent === undefined) return [];
  return exits.flatMap(({ client_order_id }) => {
    const moves = books.order_events.filter(
      (event) => event.client_order_id === client_order_id && event.outcome === 'moved',
    );
    const last = moves.at(-1);
    const isEarlier = last !== undefined && last.recorded_at_wall_ms > sent.recorded_at_wall_ms;
    return isEarlier
      ? [`turn: ${entry.client_order_id} was sent before ${client_order_id} ended`]
      : [];
  });
}

function wrongEnd(turn: Row<'turns'>, entry: Row<'orders'> | undefined): readonly string[] {
  if (!ENDS.includes(turn.state)) return [];
  const hasFilled = (entry?.filled_quantity_nanos ?? 0n) > 0n;
  if (hasFilled === (turn.state === 'turned')) return [];
  return [`turn: ${turn.turn_id} is ${turn.state}, its entry has ${hasFilled ? '' : 'not '}filled`];
}
