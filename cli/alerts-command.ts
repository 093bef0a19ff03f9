import type { AlertRow } from '../adapters/store/port.js';
import { printAnswer } from './answer.js';
import { withBooks } from './data-folder.js';
import { EXIT } from './failure.js';
import { jsonOf } from './json-text.js';
import type { CommonFlags, Shell } from './shell.js';
import { type Column, renderTable } from './table.js';
import { instantJson, newYorkText } from './words.js';

const COLUMNS: readonly Column[] = [
  { title: 'at (New York)' },
  { title: 'severity' },
  { title: 'type' },
  { title: 'title' },
  { title: 'message' },
];

/** `ordinis alerts`: the newest messages to people. */
export async function alertsCommand(
  shell: Shell,
  flags: CommonFlags & { readonly account?: string; readonly limit: number },
): Promise<number> {
  return withBooks(shell, flags, async ({ reader }) => {
    const rows = await reader.alerts.recent(flags.limit);
    printAnswer(shell, flags, { lines: alertTable(rows), json: rows.map(alertJson) });
    return EXIT.fine;
  });
}

function alertTable(rows: readonly AlertRow[]): readonly string[] {
  const cells = rows.map((row) => [
    newYorkText(row.atMs),
    row.severity,
    row.type,
    row.title,
    row.message.replace(/\s+/g, ' '),
  ]);
  return renderTable(COLUMNS, cells, 'no alerts');
}

function alertJson(row: AlertRow) {
  return {
    alertId: row.alertId,
    type: row.type,
    severity: row.severity,
    title: row.title,
    message: row.message,
    metadata: jsonOf(row.metadata),
    at: instantJson(row.atMs),
    recordedAt: instantJson(row.recordedAtWallMs),
    acknowledgedBy: row.acknowledgedBy,
  };
}
