import type { BooksReader } from '../../../adapters/store/port.js';
import { checkFills } from '../../checker/check-fills.js';
import { checkMoney } from '../../checker/check-money.js';
import { checkAudit } from '../../checker/check-records.js';
import type { Books } from '../../checker/books.js';
import type { BrokerExecution, BrokerOrder, Journal } from '../../checker/journal.js';
import { booksRowsOf } from './books-rows.js';

const CLOSED = ['filled', 'canceled', 'expired', 'replaced', 'refused', 'denied', 'abandoned'];

/**
 * What must hold in the middle of a run: every fill of the books is an execution of the broker, and
 * money, positions, trades and audit are what those fills make them. What the books do not know yet
 * is no violation; the end of the run decides about that.
 */
export async function checkRunning(
  reader: BooksReader,
  journal: Journal,
): Promise<readonly string[]> {
  const books = await booksRowsOf(reader);
  const known = asFarAsBooked(books, journal);
  return [
    ...checkFills(books, known).filter((line) => !line.includes('leave a gap')),
    ...checkMoney(books, known),
    ...checkAudit(books),
    ...atMostOneOrder(journal),
  ];
}

/** The broker's side without what the books have not heard of. */
function asFarAsBooked(books: Books, journal: Journal): Journal {
  const booked = new Set(
    books.fills.map(
      (fill) =>
        `${fill.broker_order_id} ${fill.cumulative_before_nanos} ${fill.cumulative_after_nanos}`,
    ),
  );
  const isBooked = (execution: BrokerExecution): boolean => {
    const before = execution.cumulativeNanos - execution.quantityNanos;
    return booked.has(`${execution.brokerOrderId} ${before} ${execution.cumulativeNanos}`);
  };
  const orders = new Map(
    books.orders.map((row) => [
      row.client_order_id,
      openUnlessClosed(row.client_order_id, row.state),
    ]),
  );
  return {
    ...journal,
    openingCashMicros: journal.openingCashMicros,
    executions: journal.executions.filter(isBooked),
    orders,
  };
}

function openUnlessClosed(clientOrderId: string, state: string): BrokerOrder {
  return {
    id: clientOrderId,
    clientOrderId,
    symbol: '',
    side: '',
    type: '',
    timeInForce: '',
    quantityNanos: 0n,
    limitPriceNanos: null,
    stopPriceNanos: null,
    status: CLOSED.includes(state) ? 'canceled' : 'new',
    filledNanos: 0n,
  };
}

/** I1, at any time. */
function atMostOneOrder(journal: Journal): readonly string[] {
  const ids = [...journal.orders.values()].map(({ clientOrderId }) => clientOrderId);
  return ids
    .filter((id, index) => ids.indexOf(id) !== index)
    .map((id) => `I1: the broker holds more than one order with the id ${id}`);
}
