import { describe, expect, it } from 'vitest';
import { backupInstant, backupName, backupsToDelete } from '../../adapters/store/prisma/index.js';
import { DAY_MS, epochMs } from '../../domain/values/index.js';

const NOON_MS = Date.UTC(2026, 7, 3, 12, 4, 5);
const backupsOf = (days: number, everyMs = DAY_MS): readonly string[] =>
  Array.from({ length: days }, (_, index) => backupName(epochMs(NOON_MS - index * everyMs)));

describe('backup names', () => {
  it('backupName: an instant → its UTC date and time', () => {
    expect(backupName(epochMs(NOON_MS))).toBe('ordinis_backup_20260803_120405.db');
  });

  it('backupInstant: our name → the instant to the second; another file → null', () => {
    expect(backupInstant('ordinis_backup_20260803_120405.db')).toBe(NOON_MS);
    expect(backupInstant('ordinis_backup_20260803_120405.db.1.part')).toBeNull();
    expect(backupInstant('ordinis.db')).toBeNull();
  });

  it('backupsToDelete: 30 days → none', () => {
    expect(backupsToDelete(backupsOf(30))).toEqual([]);
  });

  it('backupsToDelete: 400 days → the last of 30 days and of 12 months are left', () => {
    const all = backupsOf(400);
    const deleted = new Set(backupsToDelete(all));
    const left = all.filter((name) => !deleted.has(name));
    // July's and August's last ones are among the newest 30 days already.
    expect(left).toHaveLength(30 + 12 - 2);
    expect(left.slice(0, 30)).toEqual(all.slice(0, 30));
    expect(left.slice(30)).toEqual([
      'ordinis_backup_20260630_120405.db',
      'ordinis_backup_20260531_120405.db',
      'ordinis_backup_20260430_120405.db',
      'ordinis_backup_20260331_120405.db',
      'ordinis_backup_20260228_120405.db',
      'ordinis_backup_20260131_120405.db',
      'ordinis_backup_20251231_120405.db',
      'ordinis_backup_20251130_120405.db',
      'ordinis_backup_20251031_120405.db',
      'ordinis_backup_20250930_120405.db',
    ]);
  });

  it('backupsToDelete: many a day → all of the newest day stay, one of each earlier', () => {
    const all = backupsOf(48, DAY_MS / 24);
    const deleted = backupsToDelete(all);
    const today = all.filter((name) => name.includes('20260803'));
    expect(today).toHaveLength(13);
    expect(all.length - deleted.length).toBe(13 + 2);
    expect(deleted).not.toContain('ordinis_backup_20260802_230405.db');
  });

  it('backupsToDelete: files that are no backups → never named', () => {
    const names = ['ordinis.db', 'notes.txt', 'ordinis_backup_x.db', ...backupsOf(100)];
    expect(backupsToDelete(names).every((name) => backupInstant(name) !== null)).toBe(true);
  });
});
