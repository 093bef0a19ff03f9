import { formatUsd } from '../../domain/values/index.js';
import type { DenyCode } from '../../workers/reference.js';
import type { OrderView } from '../../workflows/contract/order.js';
import { printAnswer, printProgress } from '../answer.js';
import { existingDataDirectory, requireAliveRun } from '../data-folder.js';
import { EXIT } from '../failure.js';
import type { ManualOrder } from '../ports.js';
import type { CommonFlags, Shell } from '../shell.js';
import { type ManualOrderFlags, readManualOrder } from './manual-order.js';

/** States that mean: no. */
const TURNED_DOWN: readonly OrderView['state'][] = ['denied', 'refused', 'abandoned'];

export interface OrderSubmitFlags extends CommonFlags, ManualOrderFlags {
  readonly by: string;
}

interface Denial {
  readonly clientOrderId: string;
  readonly code: DenyCode;
  readonly message: string;
}

/** Where the wish of a command goes. */
interface Intake {
  readonly shell: Shell;
  readonly flags: OrderSubmitFlags;
  readonly dataDirectory: string;
  readonly account: string;
}

/**
 * `ordinis order submit`: tells the id before anything is sent, so that the order can be found
 * whatever happens; then waits for the broker's answer. A wish that cannot be an order is denied
 * here and leaves one audit line. Exit code 1 when the order was turned down or nobody can tell.
 */
export async function orderSubmitCommand(shell: Shell, flags: OrderSubmitFlags): Promise<number> {
  const read = readManualOrder(flags);
  const dataDirectory = existingDataDirectory(shell, flags);
  const run = await requireAliveRun(shell, dataDirectory);
  const intake = { shell, flags, dataDirectory, account: run.account };
  if (read.kind === 'denied') {
    printProgress(shell, flags, `client order id: ${read.clientOrderId}`);
    return deny(intake, read);
  }
  const { order } = read;
  const client = await (await shell.workers()).connectToRun(run);
  try {
    printProgress(shell, flags, `client order id: ${order.clientOrderId}`);
    const view = await client.submitOrder(order, { by: flags.by, dataDirectory });
    const wish = `${order.side} ${sizeOf(order, view)} ${order.symbol}`;
    printAnswer(shell, flags, { lines: [answerLine(wish, view)], json: view });
    const isTaken = !TURNED_DOWN.includes(view.state) && view.state !== 'unknown';
    return isTaken ? EXIT.fine : EXIT.failure;
  } finally {
    await client.close();
  }
}

/** The quantity, or the amount where no quote has sized it. */
function sizeOf({ amount }: ManualOrder, { quantity }: OrderView): string {
  return amount !== null && quantity === '0' ? `${formatUsd(amount)} USD of` : quantity;
}

async function deny(intake: Intake, { clientOrderId, code, message }: Denial): Promise<number> {
  const { shell, flags, dataDirectory, account } = intake;
  const wish = asTyped(flags);
  const denied = { clientOrderId, actor: flags.by, code, message, wish: { ...wish } };
  await (await shell.booksAlone()).denyDirectly({ dataDirectory, account, denied });
  const detail = `${code}: ${message}`;
  const size = wish.qty ?? `${wish.notional} USD of`;
  printAnswer(shell, flags, {
    lines: [`${wish.side} ${size} ${wish.symbol}: denied: ${detail}`],
    json: { clientOrderId, state: 'denied', quantity: wish.qty ?? null, detail },
  });
  return EXIT.failure;
}

/** The words of the wish, without those about where and how to answer. */
function asTyped(flags: OrderSubmitFlags): ManualOrderFlags {
  const { json: _json, dataDir: _dataDir, debug: _debug, by: _by, id: _id, ...wish } = flags;
  return wish;
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
