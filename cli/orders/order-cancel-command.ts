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
 * `ordinis order cancel`: asks the order's workflow; where none answers, does the same directly.
 * Exit code 0 when the broker took the request or the order is over already.
 */
export async function orderCancelCommand(
  shell: Shell,
  flags: OrderCancelFlags,
  clientOrderId: string,
): Promise<number> {
  const dataDirectory = existingDataDirectory(shell, flags);
  const { account } = await orderNamed(shell, flags, clientOrderId);
  const request: CancelRequest = { requestedBy: flags.by, reason: flags.reason };
  const run = await aliveRun(shell, dataDirectory);
  const workers = await shell.workers();
  const asked =
    run?.account === account
      ? await askWorkflow(shell, flags, { run, clientOrderId, request })
      : null;
  const answer =
    asked ??
    (await workers.cancelOrderDirectly({ dataDirectory, account, clientOrderId, request }));
  const { outcome, message, state } = answer;
  const line = `order ${clientOrderId}: ${outcome}: ${message} (state ${state})`;
  printAnswer(shell, flags, { lines: [line], json: { clientOrderId, ...answer } });
  const isDone = outcome === 'requested' || outcome === 'already_closed';
  return isDone ? EXIT.fine : EXIT.failure;
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
