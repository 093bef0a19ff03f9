import { type EpochMs, epochMs, formatInstant } from '../../../domain/values/index.js';

const DAILY_KEPT = 30;
const MONTHLY_KEPT = 12;
const NAME = /^ordinis_backup_(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})\.db$/;

/** The file name of a backup made at an instant, in UTC. */
export function backupName(atMs: EpochMs): string {
  const digits = formatInstant(atMs).replace(/[-:]/g, '');
  return `ordinis_backup_${digits.slice(0, 8)}_${digits.slice(9, 15)}.db`;
}

/** When a backup was made, by its name; null: the file is no backup of ours. */
export function backupInstant(name: string): EpochMs | null {
  const parts = NAME.exec(name);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  return epochMs(
    Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0),
  );
}

/**
 * The backups that the retention rule gives up. Kept are all of the newest day, the last of each of
 * the newest 30 days, and the last of each of the newest 12 months. Other files are never named.
 */
export function backupsToDelete(names: readonly string[]): readonly string[] {
  const newestFirst = names
    .filter((name) => NAME.test(name))
    .sort()
    .reverse();
  const dayOf = (name: string): string => name.slice(0, 'ordinis_backup_YYYYMMDD'.length);
  const monthOf = (name: string): string => name.slice(0, 'ordinis_backup_YYYYMM'.length);
  const newestDay = newestFirst.slice(0, 1).map(dayOf);
  const kept = new Set([
    ...newestFirst.filter((name) => newestDay.includes(dayOf(name))),
    ...lastOfEach(newestFirst, dayOf).slice(0, DAILY_KEPT),
    ...lastOfEach(newestFirst, monthOf).slice(0, MONTHLY_KEPT),
  ]);
  return newestFirst.filter((name) => !kept.has(name));
}

function lastOfEach(
  newestFirst: readonly string[],
  periodOf: (name: string) => string,
): readonly string[] {
  const last = new Map<string, string>();
  for (const name of newestFirst) {
    if (!last.has(periodOf(name))) last.set(periodOf(name), name);
  }
  return [...last.values()];
}
