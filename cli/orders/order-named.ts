import type { OrderRow } from '../../adapters/store/port.js';
import { withBooks } from '../data-folder.js';
import { CommandFailure } from '../failure.js';
import type { CommonFlags, Shell } from '../shell.js';

/** The order that a person has named, with its account; a `CommandFailure` where there is none. */
export async function orderNamed(
  shell: Shell,
  flags: CommonFlags,
  clientOrderId: string,
): Promise<{ readonly account: string; readonly row: OrderRow }> {
  return withBooks(shell, flags, async ({ account: { account }, reader }) => {
    const row = await reader.orders.byClientOrderId(clientOrderId);
    if (row !== null) return { account, row };
    throw new CommandFailure([
      `expected an order ${clientOrderId} of account ${account}, found none; ` +
        'see "npx ordinis orders --open"',
    ]);
  });
}
