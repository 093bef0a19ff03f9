import type { PositionRow } from '../adapters/store/port.js';
import { formatPrice, formatQuantity, formatUsd } from '../domain/values/index.js';
import { printAnswer } from './answer.js';
import { unrealizedOf } from './books-snapshot.js';
import { withBooks } from './data-folder.js';
import { EXIT } from './failure.js';
import type { CommonFlags, Shell } from './shell.js';
import { type Column, renderTable } from './table.js';
import {
  averageJson,
  averageText,
  instantJson,
  money,
  newYorkText,
  priceText,
  quantityText,
} from './words.js';

const COLUMNS: readonly Column[] = [
  { title: 'symbol' },
  { title: 'side' },
  { title: 'quantity', align: 'right' },
  { title: 'average', align: 'right' },
  { title: 'last', align: 'right' },
  { title: 'unrealised', align: 'right' },
  { title: 'realised', align: 'right' },
  { title: 'entered (New York)' },
];

/** `ordinis positions`: what the account holds, as the books have it. */
export async function positionsCommand(
  shell: Shell,
  flags: CommonFlags & { readonly account?: string; readonly all?: boolean },
): Promise<number> {
  return withBooks(shell, flags, async ({ reader }) => {
    const rows =
      flags.all === true ? await reader.positions.all() : await reader.positions.active();
    printAnswer(shell, flags, { lines: positionTable(rows), json: rows.map(positionJson) });
    return EXIT.fine;
  });
}

export function positionTable(rows: readonly PositionRow[]): readonly string[] {
  const cells = rows.map((row) => [
    row.symbol,
    row.side,
    quantityText(row.quantity),
    averageText(row.costBasis, row.quantity),
    priceText(row.lastPrice),
    money(unrealizedOf(row)),
    money(row.realizedPnl),
    newYorkText(row.enteredAtMs),
  ]);
  return renderTable(COLUMNS, cells, 'no positions');
}

export function positionJson(row: PositionRow) {
  const unrealized = unrealizedOf(row);
  return {
    symbol: row.symbol,
    side: row.side,
    quantity: formatQuantity(row.quantity),
    costBasisUsd: formatUsd(row.costBasis),
    averagePrice: averageJson(row.costBasis, row.quantity),
    lastPrice: row.lastPrice === null ? null : formatPrice(row.lastPrice),
    lastPriceAt: instantJson(row.lastPriceAtMs),
    unrealizedPnlUsd: unrealized === null ? null : formatUsd(unrealized),
    realizedPnlUsd: formatUsd(row.realizedPnl),
    enteredAt: instantJson(row.enteredAtMs),
    updatedAt: instantJson(row.updatedAtMs),
  };
}
