import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder of minute files by name; their content is never read by what looks for them. */
export function marketFolder(
  root: string,
  days: Readonly<Record<string, readonly string[]>>,
): string {
  const folder = join(root, 'minute');
  for (const [symbol, dates] of Object.entries(days)) {
    mkdirSync(join(folder, symbol), { recursive: true });
    for (const date of dates) {
      writeFileSync(join(folder, symbol, `${date.replaceAll('-', '')}_trade.csv`), '');
    }
  }
  return folder;
}
