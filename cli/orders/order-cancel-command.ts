import { isBrokerFailure, isClosed, stateOf } from '../../workers/reference.js';
import type { RunRecord } from '../../workers/run-record.js';
import type { CancelAnswer, CancelRequest } from '../../workflows/contract/order.js';
import { keysOfAccount } from '../account-keys.js';
import { printAnswer, printProgress } from '../answer.js';
import { aliveRun, existingDataDirectory } from '../data-folder.js';
import { CommandFailure, EXIT, firstLineOf, UsageFault } from '../failure.js';
import type { CommonFlags, Shell } from '../shell.js';
import { orderNamed, overText } from './order-named.js';

export interface OrderCancelFlags extends CommonFlags {
  readonly by: string;
  readonly reason: string;
  /** Where no workflow answers, for an account at Alpaca. */
  readonly keysFile?: string;
}

interface OrderOfAccount {
  readonly dataDirectory: string;
  readonly account: string;
  readonly clientOrderId: string;
}

/**
 * `ordinis order cancel`: an order that is over is answered from the books at once; else asks the
 * order's workflow, and where none answers, does the same directly, with the keys of an account at
 * Alpaca. Exit code 0 when the broker took the request, or the order is over or was never sent; 1
 * where another order works in its place.
 */
export async function orderCancelCommand(
  shell: Shell,
  flags: OrderCancelFlags,
  clientOrderId: string,
): Promise<number> {
  const dataDirectory = existingDataDirectory(shell, flags);
  const { account, row, inItsPlace } = await orderNamed(shell, flags, clientOrderId);
  const state = stateOf(row.order);
  const message = overText(state, inItsPlace);
  const answer = isClosed(state)
    ? ({ outcome: 'already_closed', message, state, inItsPlace } as const)
    : await ask(shell, flags, { dataDirectory, account, clientOrderId });
  const { outcome } = answer;
  const line = `order ${clientOrderId}: ${outcome}: ${answer.message} (state ${answer.state})`;
  const lines = outcome === 'unknown' ? [line, WHEN_UNKNOWN] : [line];
  printAnswer(shell, flags, { lines, json: { clientOrderId, ...answer } });
  return DONE.includes(outcome) && inItsPlace === null ? EXIT.fine : EXIT.failure;
}

const DONE: readonly CancelAnswer['outcome'][] = ['requested', 'already_closed', 'never_sent'];
const WHEN_UNKNOWN = 'perhaps canceled, nobody can tell yet: ask again, which does no harm';

async function ask(
  shell: Shell,
  flags: OrderCancelFlags,
  order: OrderOfAccount,
): Promise<CancelAnswer> {
  const { dataDirectory, account, clientOrderId } = order;
  const request: CancelRequest = { requestedBy: flags.by, reason: flags.reason };
  const run = await aliveRun(shell, dataDirectory);
  const asked =
    run?.account === account
      ? await askWorkflow(shell, flags, { run, clientOrderId, request })
      : null;
  return asked ?? askBroker(shell, flags, { ...order, request });
}

async function askBroker(
  shell: Shell,
  flags: OrderCancelFlags,
  order: OrderOfAccount & { readonly request: CancelRequest },
): Promise<CancelAnswer> {
  const { keys: credentials, faults } = keysOfAccount(shell, flags, order.account);
  if (faults.length > 0) throw new UsageFault(faults);
  const workers = await shell.workers();
  try {
    return await workers.cancelOrderDirectly({ ...order, credentials });
  } catch (error) {
    if (!isBrokerFailure(error)) throw error;
    throw new CommandFailure([`${error.message}; nothing was canceled: ask again`]);
  }
}

/** Null when no workflow answers: a cancel must not fail because its messenger did. */
async function askWorkflow(
  shell: Shell,
  flags: CommonFlags,
  question: {
    readonly run: RunRecord;
    readonly clientOrderId: string;
    readonly request: CancelRequest;
  },
): Promise<CancelAnswer | null> {
  try {
    const client = await (await shell.workers()).connectToRun(question.run);
    try {
      return await client.cancelOrder(question.clientOrderId, question.request);
    } finally {
      await client.close();
    }
  } catch (error) {
    const why = firstLineOf(error);
    printProgress(shell, flags, `the order's workflow did not answer (${why}): asking the broker`);
    return null;
  }
}
