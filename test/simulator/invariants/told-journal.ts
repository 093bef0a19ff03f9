import type { Books, Row } from '../../checker/books.js';
import type { BrokerExecution, Journal } from '../../checker/journal.js';
import { standingFills } from '../../checker/standing-fills.js';
import type { ChangedExecution, ExchangeJournal } from '../exchange/exchange-journal.js';
import { isNeverMissed } from '../scenario/mischief.js';

/**
 * The exchange's side as far as the books must know it: where they hold an execution as it was, and
 * nobody has told them yet that the venue took it back or gave it another price, it stands as it
 * was.
 */
export function asToldTo(
  books: Books,
  journal: ExchangeJournal,
  isUntold: (change: ChangedExecution) => boolean,
): Journal {
  const held = new Set(standingFills(books.fills).map(placeOfFill));
  const known = new Set(books.orders.map((row) => row.client_order_id));
  const orders = new Map(
    [...journal.orders].filter(
      ([, order]) => known.has(order.clientOrderId) || !isNeverMissed(order),
    ),
  );
  const untold = journal.changes.filter(
    (change) => isUntold(change) && held.has(placeOf(change.before)),
  );
  const replaced = new Set(untold.map(({ before }) => intervalOf(before)));
  const executions = [
    ...journal.executions.filter((one) => !replaced.has(intervalOf(one))),
    ...untold.map(({ before }) => before),
  ];
  const { openingCashMicros, submissions, firedFaults } = journal;
  return { openingCashMicros, orders, submissions, firedFaults, executions };
}

/** Corrections that no frame has brought: a price alone does not show in any other way. */
export function isUntoldCorrection(books: Books): (change: ChangedExecution) => boolean {
  const told = new Set(books.broker_events.map(({ event_id }) => event_id));
  return ({ kind, eventId }) => kind === 'trade_correct' && !told.has(eventId);
}

function intervalOf(one: BrokerExecution): string {
  return `${one.brokerOrderId} ${one.cumulativeNanos - one.quantityNanos} ${one.cumulativeNanos}`;
}

function placeOf(one: BrokerExecution): string {
  return `${intervalOf(one)} at ${one.priceNanos}`;
}

function placeOfFill(fill: Row<'fills'>): string {
  const interval = `${fill.cumulative_before_nanos} ${fill.cumulative_after_nanos}`;
  return `${fill.broker_order_id} ${interval} at ${fill.price_nanos}`;
}
