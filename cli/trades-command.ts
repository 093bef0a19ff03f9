import type { TradeRow } from '../adapters/store/port.js';
import { formatQuantity, formatUsd } from '../domain/values/index.js';
import { printAnswer } from './answer.js';
import { withBooks } from './data-folder.js';
import { EXIT } from './failure.js';
import type { CommonFlags, Shell } from './shell.js';
import { type Column, renderTable } from './table.js';
import {
  averageJson,
  averageText,
  durationText,
  instantJson,
  money,
  NONE,
  newYorkText,
  quantityText,
} from './words.js';

const COLUMNS: readonly Column[] = [
  { title: 'opened (New York)' },
  { title: 'held' },
  { title: 'symbol' },
  { title: 'side' },
  { title: 'quantity', align: 'right' },
  { title: 'entry', align: 'right' },
  { title: 'exit', align: 'right' },
  { title: 'P&L', align: 'right' },
  { title: 'fees', align: 'right' },
  { title: 'slippage', align: 'right' },
  { title: 'strategy' },
];

/** `ordinis trades`: the newest round trips, open ones included. */
export async function tradesCommand(
  shell: Shell,
  flags: CommonFlags & { readonly account?: string; readonly limit: number },
): Promise<number> {
  return withBooks(shell, flags, async ({ reader }) => {
    const rows = await reader.trades.recent(flags.limit);
    printAnswer(shell, flags, { lines: tradeTable(rows), json: rows.map(tradeJson) });
    return EXIT.fine;
  });
}

export function tradeTable(rows: readonly TradeRow[]): readonly string[] {
  const cells = rows.map((row) => [
    newYorkText(row.openedAtMs),
    row.closedAtMs === null ? 'open' : durationText(row.closedAtMs - row.openedAtMs),
    row.symbol,
    row.side,
    quantityText(row.entryQuantity),
    averageText(row.entryNotional, row.entryQuantity),
    averageText(row.exitNotional, row.exitQuantity),
    row.exitQuantity === 0 ? NONE : money(row.realizedPnl),
    money(row.fees),
    money(row.slippage),
    row.strategy,
  ]);
  return renderTable(COLUMNS, cells, 'no trades yet');
}

function tradeJson(row: TradeRow) {
  return {
    tradeId: row.tradeId,
    symbol: row.symbol,
    strategy: row.strategy,
    side: row.side,
    entryQuantity: formatQuantity(row.entryQuantity),
    entryNotionalUsd: formatUsd(row.entryNotional),
    averageEntryPrice: averageJson(row.entryNotional, row.entryQuantity),
    exitQuantity: formatQuantity(row.exitQuantity),
    exitNotionalUsd: formatUsd(row.exitNotional),
    averageExitPrice: averageJson(row.exitNotional, row.exitQuantity),
    realizedPnlUsd: formatUsd(row.realizedPnl),
    feesUsd: formatUsd(row.fees),
    slippageUsd: formatUsd(row.slippage),
    entryFillIds: row.entryFillIds,
    exitFillIds: row.exitFillIds,
    openedAt: instantJson(row.openedAtMs),
    closedAt: instantJson(row.closedAtMs),
  };
}
