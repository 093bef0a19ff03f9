import type { CancelOutcome } from '../adapters/broker/port.js';
import { brokerOrderIdOf, isClosed, stateOf } from '../domain/order/index.js';
import type { CancelAnswer, CancelRequest } from '../workflows/contract/index.js';
import { openReader } from './books-access.js';
import { brokerOfAccount } from './broker-of-account.js';
import { readRunRecord } from './run-record.js';
import type { BrokerCredentials } from './start-options.js';

/**
 * Cancels one order at the broker where no workflow answers: the books are only read, and the run
 * that comes next books what the broker made of it. Throws where the broker cannot be asked.
 */
export async function cancelOrderDirectly(options: {
  readonly dataDirectory: string;
  readonly account: string;
  readonly clientOrderId: string;
  readonly request: CancelRequest;
  /** For an account at Alpaca; a simulated run's keys are in its record. */
  readonly credentials: BrokerCredentials | null;
}): Promise<CancelAnswer> {
  const { dataDirectory, account, clientOrderId, credentials } = options;
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
    const broker = brokerOfAccount({ account, run, credentials });
    const shown = await broker.orderByClientOrderId(clientOrderId);
    const brokerOrderId = shown?.brokerOrderId ?? brokerOrderIdOf(row.order);
    if (brokerOrderId === null) {
      return { outcome: 'unknown', message: 'the broker shows no order under this id', state };
    }
    return { ...answerOf(await broker.cancelOrder(brokerOrderId)), state };
  } finally {
    await books.close();
  }
}

function answerOf(outcome: CancelOutcome): Omit<CancelAnswer, 'state'> {
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
