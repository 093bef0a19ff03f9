import { OPEN_STATES, OPEN_TURN_STATES } from '../../workers/reference.js';
import { printAnswer } from '../answer.js';
import { withBooks } from '../data-folder.js';
import { EXIT } from '../failure.js';
import type { CommonFlags, Shell } from '../shell.js';
import { turnTable } from '../turns-command.js';
import { orderJson, orderTable } from './order-lines.js';

export interface OrdersFlags extends CommonFlags {
  readonly account?: string;
  readonly open?: boolean;
  readonly limit: number;
}

/**
 * `ordinis orders`: the newest orders, or with `--open` all that may still cost money; below them
 * the turns that are on their way.
 */
export async function ordersCommand(shell: Shell, flags: OrdersFlags): Promise<number> {
  return withBooks(shell, flags, async ({ reader }) => {
    const rows =
      flags.open === true
        ? await reader.orders.inStates(OPEN_STATES)
        : await reader.orders.recent(flags.limit);
    const whenEmpty = flags.open === true ? 'no open orders' : 'no orders yet';
    const turns = await reader.turns.inStates(OPEN_TURN_STATES);
    const turnLines = turns.length === 0 ? [] : ['', ...turnTable(turns, shell.wallMs())];
    const lines = [...orderTable(rows, whenEmpty), ...turnLines];
    printAnswer(shell, flags, { lines, json: rows.map(orderJson) });
    return EXIT.fine;
  });
}
