import type { TimeInForce } from '../../domain/order/index.js';
import type { Price, Quantity } from '../../domain/values/index.js';
import { isClosed, stateOf } from '../../workers/reference.js';
import type { ReplaceAnswer } from '../../workflows/contract/order.js';
import { printAnswer, printProgress } from '../answer.js';
import { aliveRun, existingDataDirectory } from '../data-folder.js';
import { CommandFailure, EXIT, firstLineOf, UsageFault } from '../failure.js';
import { Faults, readChoice, readPrice, readQuantity } from '../flag-values.js';
import type { ManualReplacement } from '../ports.js';
import type { CommonFlags, Shell } from '../shell.js';
import { TIMES_IN_FORCE } from './manual-order.js';
import { orderNamed, overText } from './order-named.js';

export interface OrderReplaceFlags extends CommonFlags {
  readonly by: string;
  readonly reason: string;
  readonly qty?: string;
  readonly limit?: string;
  readonly stop?: string;
  readonly tif?: string;
}

/**
 * `ordinis order replace`: puts another order in the place of one, through its workflow. Only a
 * running Ordinis sends it, since whatever may raise exposure is written and judged before. Exit
 * code 0 when the broker took it.
 */
export async function orderReplaceCommand(
  shell: Shell,
  flags: OrderReplaceFlags,
  clientOrderId: string,
): Promise<number> {
  const replacement = readReplacement(flags);
  const { account, row, inItsPlace } = await orderNamed(shell, flags, clientOrderId);
  const state = stateOf(row.order);
  if (isClosed(state)) {
    const message = overText(state, inItsPlace);
    const answer = { outcome: 'already_closed', message, state, replacement: null } as const;
    return show(shell, flags, { clientOrderId, ...answer });
  }
  const run = await aliveRun(shell, existingDataDirectory(shell, flags));
  if (run?.account !== account) throw new CommandFailure([notRunning(account)]);
  printProgress(shell, flags, `asking for a replacement of ${clientOrderId}`);
  const client = await (await shell.workers()).connectToRun(run);
  try {
    const answer = await client.replaceOrder(clientOrderId, replacement);
    return show(shell, flags, { clientOrderId, ...answer });
  } catch (error) {
    throw new CommandFailure([
      `expected the order's workflow to answer, found ${firstLineOf(error)}; ` +
        `see "npx ordinis order show ${clientOrderId}" before you ask again`,
    ]);
  } finally {
    await client.close();
  }
}

function notRunning(account: string): string {
  return (
    `expected a running Ordinis of account ${account}, found none: it alone sends a replacement; ` +
    'start it, or cancel the order, which needs nothing that runs'
  );
}

function readReplacement(flags: OrderReplaceFlags): ManualReplacement {
  const faults = new Faults();
  const quantity = optional<Quantity>(flags.qty, (text) =>
    faults.take(readQuantity('--qty', text)),
  );
  const limitPrice = optional<Price>(flags.limit, (text) =>
    faults.take(readPrice('--limit', text)),
  );
  const stopPrice = optional<Price>(flags.stop, (text) => faults.take(readPrice('--stop', text)));
  const timeInForce = optional<TimeInForce>(flags.tif, (text) =>
    faults.take(readChoice('--tif', text, TIMES_IN_FORCE)),
  );
  const given = [flags.qty, flags.limit, flags.stop, flags.tif];
  if (given.every((text) => text === undefined)) {
    faults.add('expected --qty, --limit, --stop or --tif, found none; say what changes');
  }
  if (faults.lines.length > 0) throw new UsageFault(faults.lines);
  const { by: requestedBy, reason } = flags;
  return { requestedBy, reason, quantity, limitPrice, stopPrice, timeInForce };
}

function optional<Value>(
  text: string | undefined,
  read: (text: string) => Value | null,
): Value | null {
  return text === undefined ? null : read(text);
}

function show(
  shell: Shell,
  flags: OrderReplaceFlags,
  answer: ReplaceAnswer & { readonly clientOrderId: string },
): number {
  const { clientOrderId, outcome, message, state } = answer;
  const line = `order ${clientOrderId}: ${outcome}: ${message} (state ${state})`;
  printAnswer(shell, flags, { lines: [line], json: answer });
  return outcome === 'requested' ? EXIT.fine : EXIT.failure;
}
