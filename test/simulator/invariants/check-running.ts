import type { BooksReader } from '../../../adapters/store/port.js';
import { checkFills } from '../../checker/check-fills.js';
import { checkMoney } from '../../checker/check-money.js';
import { checkAudit } from '../../checker/check-records.js';
import type { Books, Row } from '../../checker/books.js';
import type { BrokerExecution, BrokerOrder, Journal } from '../../checker/journal.js';
import { standingFills } from '../../checker/standing-fills.js';
import type { ExchangeJournal } from '../exchange/exchange-journal.js';
import { booksRowsOf } from './books-rows.js';
import { asToldTo } from './told-journal.js';

const CLOSED = ['filled', 'canceled', 'expired', 'replaced', 'refused', 'denied', 'abandoned'];

/**
 * What must hold in the middle of a run: every fill of the books is an execution of the broker, and
 * money, positions, trades and audit are what those fills make them. What the books do not know yet
 * is no violation; the end of the run decides about that.
 */
export async function checkRunning(
  reader: BooksReader,
  journal: ExchangeJournal,
): Promise<readonly string[]> {
  const books = await booksRowsOf(reader);
  const told = asToldTo(books, journal, () => true);
  // A guess may be about what the venue has taken back since.
  const everFilled = [...journal.executions, ...journal.changes.map(({ before }) => before)];
  const known = asFarAsBooked(books, told, everFilled);
  return [
    ...checkFills(books, known).filter((line) => !line.includes('leave a gap')),
    ...checkMoney(books, known),
    ...checkAudit(books),
    ...atMostOneOrder(journal),
  ];
}

/** The broker's side without what the books have not heard of. */
function asFarAsBooked(
  books: Books,
  journal: Journal,
  everFilled: readonly BrokerExecution[],
): Journal {
  // What was taken back was another trade where it had another price.
  const [standing, ever] = [
    new Set(standingFills(books.fills).map(intervalOfFill)),
    new Set(books.fills.map((fill) => `${intervalOfFill(fill)} at ${fill.price_nanos}`)),
  ];
  const isBooked = (execution: BrokerExecution): boolean => {
    const { brokerOrderId, quantityNanos, cumulativeNanos, priceNanos } = execution;
    const interval = `${brokerOrderId} ${cumulativeNanos - quantityNanos} ${cumulativeNanos}`;
    return standing.has(interval) || ever.has(`${interval} at ${priceNanos}`);
  };
  const guesses = standingFills(books.fills).filter(
    (fill) => fill.kind === 'inferred' && isFilled(everFilled, fill),
  );
  const orders = new Map(
    books.orders.map((row) => [
      row.client_order_id,
      openUnlessClosed(row.client_order_id, row.state),
    ]),
  );
  return {
    ...journal,
    openingCashMicros: journal.openingCashMicros,
    executions: [
      ...journal.executions.filter((one) => isBooked(one) && !isGuessed(guesses, one)),
      ...guesses.map(asExecution),
    ],
    orders,
  };
}

function intervalOfFill(fill: Row<'fills'>): string {
  const { broker_order_id: order, cumulative_before_nanos: before } = fill;
  return `${order} ${before} ${fill.cumulative_after_nanos}`;
}

/** Whether the broker has filled as much as a guess says, in however many pieces. */
function isFilled(executions: readonly BrokerExecution[], guess: Row<'fills'>): boolean {
  const own = executions.filter((one) => one.brokerOrderId === guess.broker_order_id);
  return own.some(({ cumulativeNanos }) => cumulativeNanos >= guess.cumulative_after_nanos);
}

function isGuessed(guesses: readonly Row<'fills'>[], one: BrokerExecution): boolean {
  return guesses.some(
    (guess) =>
      guess.broker_order_id === one.brokerOrderId &&
      guess.cumulative_before_nanos < one.cumulativeNanos &&
      guess.cumulative_after_nanos > one.cumulativeNanos - one.quantityNanos,
  );
}

/** A guess about what has filled, until the executions are known: its price is its own. */
function asExecution(guess: Row<'fills'>): BrokerExecution {
  const { notional_micros: notional, side } = guess;
  return {
    executionId: guess.execution_id ?? '',
    activityId: guess.activity_id ?? '',
    brokerOrderId: guess.broker_order_id,
    symbol: guess.symbol,
    side,
    quantityNanos: guess.cumulative_after_nanos - guess.cumulative_before_nanos,
    priceNanos: guess.price_nanos,
    cumulativeNanos: guess.cumulative_after_nanos,
    cashMicros: side === 'buy' ? -notional : notional,
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
