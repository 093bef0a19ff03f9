import { formatQuantity } from '../../domain/values/index.js';
import type { OrderView } from '../../workflows/contract/order.js';
import { printAnswer, printProgress } from '../answer.js';
import { existingDataDirectory, requireAliveRun } from '../data-folder.js';
import { EXIT } from '../failure.js';
import type { CommonFlags, Shell } from '../shell.js';
import { type ManualOrderFlags, readManualOrder } from './manual-order.js';

/** States that mean: no. */
const TURNED_DOWN: readonly OrderView['state'][] = ['denied', 'refused', 'abandoned'];

/**
 * `ordinis order submit`: tells the id before anything is sent, so that the order can be found
 * whatever happens; then waits for the broker's answer. Exit code 1 when the order was turned down
 * or nobody can tell.
 */
export async function orderSubmitCommand(
  shell: Shell,
  flags: CommonFlags & ManualOrderFlags,
): Promise<number> {
  const order = readManualOrder(flags);
  const run = await requireAliveRun(shell, existingDataDirectory(shell, flags));
  const client = await (await shell.workers()).connectToRun(run);
  try {
    printProgress(shell, flags, `client order id: ${order.clientOrderId}`);
    const view = await client.submitOrder(order);
    const wish = `${order.side} ${formatQuantity(order.quantity)} ${order.symbol}`;
    printAnswer(shell, flags, { lines: [answerLine(wish, view)], json: view });
    const isTaken = !TURNED_DOWN.includes(view.state) && view.state !== 'unknown';
    return isTaken ? EXIT.fine : EXIT.failure;
  } finally {
    await client.close();
  }
}

function answerLine(wish: string, view: OrderView): string {
  const detail = view.detail === null ? '' : `: ${view.detail}`;
  if (view.state === 'unknown') {
    return (
      `${wish}: unknown: perhaps sent, nobody can tell yet; do not send it again, ` +
      `see "npx ordinis order show ${view.clientOrderId}"`
    );
  }
  const average = view.averagePrice === null ? '' : ` at ${view.averagePrice}`;
  const filled = view.filledQuantity === '0' ? '' : `, filled ${view.filledQuantity}${average}`;
  return `${wish}: ${view.state}${detail}${filled}`;
}
