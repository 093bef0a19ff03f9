import { isClosed, stateOf } from '../../workers/reference.js';
import type { RunRecord } from '../../workers/run-record.js';
import type { CancelAnswer, CancelRequest } from '../../workflows/contract/order.js';
import { printAnswer, printProgress } from '../answer.js';
import { aliveRun, existingDataDirectory } from '../data-folder.js';
import { EXIT, firstLineOf } from '../failure.js';
import type { CommonFlags, Shell } from '../shell.js';
import { orderNamed } from './order-named.js';

export interface OrderCancelFlags extends CommonFlags {
  readonly by: string;
  readonly reason: string;
}

/**
 * `ordinis order cancel`: an order that is over is answered from the books at once; else asks the
 * order's workflow, and where none answers, does the same directly. Exit code 0 when the broker
 * took the request or the order is over already.
 */
export async function orderCancelCommand(
  shell: Shell,
  flags: OrderCancelFlags,
  clientOrderId: string,
): Promise<number> {
  const dataDirectory = existingDataDirectory(shell, flags);
  const { account, row } = await orderNamed(shell, flags, clientOrderId);
  const state = stateOf(row.order);
  const answer = isClosed(state)
    ? ({ outcome: 'already_closed', message: `the order is ${state} already`, state } as const)
    : await ask(shell, flags, { dataDirectory, account, clientOrderId });
  const { outcome, message } = answer;
  const line = `order ${clientOrderId}: ${outcome}: ${message} (state ${answer.state})`;
  printAnswer(shell, flags, { lines: [line], json: { clientOrderId, ...answer } });
  const isDone = outcome === 'requested' || outcome === 'already_closed';
  return isDone ? EXIT.fine : EXIT.failure;
}

async function ask(
  shell: Shell,
  flags: OrderCancelFlags,
  order: {
    readonly dataDirectory: string;
    readonly account: string;
    readonly clientOrderId: string;
  },
): Promise<CancelAnswer> {
  const { dataDirectory, account, clientOrderId } = order;
  const request: CancelRequest = { requestedBy: flags.by, reason: flags.reason };
  const run = await aliveRun(shell, dataDirectory);
  const workers = await shell.workers();
  const asked =
    run?.account === account
      ? await askWorkflow(shell, flags, { run, clientOrderId, request })
      : null;
  return asked ?? (await workers.cancelOrderDirectly({ ...order, request }));
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
