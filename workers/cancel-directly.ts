import { brokerOrderIdOf, isClosed, stateOf } from '../domain/order/index.js';
import type { CancelAnswer, CancelRequest } from '../workflows/contract/index.js';
import { openReader } from './books-access.js';
import { brokerOfAccount } from './broker-of-account.js';
import { readRunRecord } from './run-record.js';

/**
 * Cancels one order at the broker where no workflow answers: the books are only read, and the run
 * that comes next books what the broker made of it.
 */
export async function cancelOrderDirectly(options: {
  readonly dataDirectory: string;
  readonly account: string;
  readonly clientOrderId: string;
  readonly request: CancelRequest;
}): Promise<CancelAnswer> {
  const { dataDirectory, account, clientOrderId } = options;
  const books = await openReader(dataDirectory);
  try {
    const row = await books.reader(account).orders.byClientOrderId(clientOrderId);
    if (row === null)
      throw new Error(`expected an order ${clientOrderId} in the books, found none`);
    const state = stateOf(row.order);
    if (isClosed(state)) {
      return { outcome: 'already_closed', message: `the order is ${state} already`, state };
    }
    const run = readRunRecord(dataDirectory);
    const broker = brokerOfAccount({ account, run, credentials: null });
    const shown = await broker.orderByClientOrderId(clientOrderId);
    const brokerOrderId = shown?.brokerOrderId ?? brokerOrderIdOf(row.order);
    if (brokerOrderId === null) {
      return { outcome: 'unknown', message: 'the broker shows no order under this id', state };
    }
    const outcome = await broker.cancelOrder(brokerOrderId);
    return outcome.kind === 'requested'
      ? { outcome: 'requested', message: 'the broker took the request', state }
      : { outcome: 'not_cancelable', message: outcome.kind, state };
  } finally {
    await books.close();
  }
}
