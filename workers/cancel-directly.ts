import { join } from 'node:path';
import {
  isUnsent,
  writeCancelAnswer,
  writeCancelRequest,
} from '../activities/order/cancel-wish.js';
import type { CancelOutcome } from '../adapters/broker/port.js';
import type { Books, BooksTransaction, OrderRow } from '../adapters/store/port.js';
import { openPrismaBooks } from '../adapters/store/prisma/index.js';
import { brokerOrderIdOf, isClosed, type Order, stateOf } from '../domain/order/index.js';
import { assert } from '../domain/values/index.js';
import type { CancelAnswer, CancelRequest } from '../workflows/contract/index.js';
import { brokerOfAccount } from './broker-of-account.js';
import { openWallClock } from './clocks.js';
import { reasonOf } from './failure-reason.js';
import { marketTimeOrLast } from './market-time.js';
import { readRunRecord } from './run-record.js';
import type { BrokerCredentials } from './start-options.js';

interface DirectCancel {
  readonly dataDirectory: string;
  readonly account: string;
  readonly clientOrderId: string;
  readonly request: CancelRequest;
  /** For an account at Alpaca; a simulated run's keys are in its record. */
  readonly credentials: BrokerCredentials | null;
}

/**
 * Cancels one order at the broker where no workflow answers. That it was asked for, and what the
 * broker said, is in the books, so that no run sends the order after it or puts it back; what the
 * broker made of it, the run that comes next books. Books that cannot be written hold up no cancel.
 * Throws where the broker cannot be asked.
 */
export async function cancelOrderDirectly(options: DirectCancel): Promise<CancelAnswer> {
  const { account, clientOrderId, request } = options;
  const books = await openPrismaBooks({ file: join(options.dataDirectory, 'ordinis.db') });
  try {
    const row = await books.reader(account).orders.byClientOrderId(clientOrderId);
    if (row === null)
      throw new Error(`expected an order ${clientOrderId} in the books, found none`);
    const state = stateOf(row.order);
    if (isClosed(state)) {
      return { outcome: 'already_closed', message: `the order is ${state} already`, state };
    }
    const run = readRunRecord(options.dataDirectory);
    const broker = brokerOfAccount({ account, run, credentials: options.credentials });
    const fault = await keep(books, options, async (transaction, clocks, now) =>
      writeCancelRequest(transaction, clocks, { row: now, request }),
    );
    const shown = await broker.orderByClientOrderId(clientOrderId);
    const brokerOrderId = shown?.brokerOrderId ?? brokerOrderIdOf(row.order);
    if (brokerOrderId === null) return { ...notThere(row.order, fault), state };
    const outcome = await broker.cancelOrder(brokerOrderId);
    await keep(books, options, async (transaction, clocks, now) =>
      writeCancelAnswer(transaction, clocks, { row: now, outcome }),
    );
    const { message, ...answer } = answerOf(outcome);
    return { ...answer, message: withFault(message, fault), state };
  } finally {
    await books.close();
  }
}

type Answer = Omit<CancelAnswer, 'state'>;
type Clocks = Parameters<typeof writeCancelRequest>[1];

/** Writes something of the order's story. Null: it is in the books; else why it is not. */
async function keep(
  books: Books,
  { dataDirectory, account, clientOrderId }: DirectCancel,
  write: (transaction: BooksTransaction, clocks: Clocks, row: OrderRow) => Promise<void>,
): Promise<string | null> {
  try {
    const marketMs = await marketTimeOrLast(readRunRecord(dataDirectory), books.reader(account));
    const clocks = { marketClock: { nowMs: () => marketMs }, wallClock: openWallClock() };
    await books.transaction(account, async (transaction) => {
      const row = await transaction.orders.byClientOrderId(clientOrderId);
      assert(row !== null, `expected order ${clientOrderId} in the books`);
      await write(transaction, clocks, row);
    });
    return null;
  } catch (error) {
    return reasonOf(error); // Locked or full: the cancel goes on, and the answer says so.
  }
}

function withFault(message: string, fault: string | null): string {
  return fault === null ? message : `${message}; not in the books: ${fault}`;
}

/** An order that the broker does not show is not sent after this, if the books know of it. */
function notThere(order: Order, fault: string | null): Answer {
  if (fault === null && isUnsent(order)) {
    return { outcome: 'never_sent', message: 'nothing of it was sent, and nothing will be' };
  }
  const message = withFault('the broker shows no order under this id', fault);
  return { outcome: 'unknown', message };
}

function answerOf(outcome: CancelOutcome): Answer {
  switch (outcome.kind) {
    case 'requested':
      return { outcome: 'requested', message: 'the broker took the request' };
    case 'not_cancelable':
      return { outcome: 'not_cancelable', message: outcome.message };
    case 'not_found':
      return { outcome: 'not_cancelable', message: 'the broker does not know the order' };
    case 'unknown':
      return { outcome: 'unknown', message: outcome.reason };
  }
}
