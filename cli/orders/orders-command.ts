import { OPEN_STATES } from '../../workers/reference.js';
import { printAnswer } from '../answer.js';
import { withBooks } from '../data-folder.js';
import { EXIT } from '../failure.js';
import type { CommonFlags, Shell } from '../shell.js';
import { orderJson, orderTable } from './order-lines.js';

export interface OrdersFlags extends CommonFlags {
  readonly account?: string;
  readonly open?: boolean;
  readonly limit: number;
}

/** `ordinis orders`: the newest orders, or with `--open` all that may still cost money. */
export async function ordersCommand(shell: Shell, flags: OrdersFlags): Promise<number> {
  return withBooks(shell, flags, async ({ reader }) => {
    const rows =
      flags.open === true
        ? await reader.orders.inStates(OPEN_STATES)
        : await reader.orders.recent(flags.limit);
    const whenEmpty = flags.open === true ? 'no open orders' : 'no orders yet';
    printAnswer(shell, flags, { lines: orderTable(rows, whenEmpty), json: rows.map(orderJson) });
    return EXIT.fine;
  });
}
