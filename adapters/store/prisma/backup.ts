import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EpochMs } from '../../../domain/values/index.js';
import { BooksUnusable } from '../errors.js';
import { backupName, backupsToDelete } from './backup-names.js';
import { prepareDatabaseFile, SIDE_FILES, statOrNull, syncFolder } from '../database-files.js';
import { checkFile, copyDatabase } from './database-task.js';

export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  /** Older backups that the retention rule gave up. */
  readonly deleted: readonly string[];
}

/**
 * Copies a database that may be in use into the folder, reads the copy back, gives it its name only
 * then, and removes what the retention rule gives up. A failed backup leaves nothing and throws.
 */
export async function backupDatabase(options: {
  readonly file: string;
  readonly folder: string;
  readonly nowAtMs: EpochMs;
}): Promise<BackupReport> {
  const { file, folder, nowAtMs } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const target = join(folder, backupName(nowAtMs));
  const unfinished = `${target}.${process.pid}.part`;
  try {
    const answer = await copyDatabase(file, unfinished);
    if (!answer.ok) {
      throw new BooksUnusable(
        `expected a backup of ${file}, found: ${answer.message}; check the disk and the books`,
      );
    }
    renameSync(unfinished, target);
    syncFolder(folder);
  } finally {
    removeDatabase(unfinished);
  }
  const deleted = backupsToDelete(readdirSync(folder));
  for (const name of deleted) rmSync(join(folder, name));
  return { file: target, bytes: statOrNull(target)?.size ?? 0, deleted };
}

/**
 * Puts a backup in the place of a database that nobody has open. The backup is checked first; the
 * database that was there is kept beside it, and its path is returned. Null: none was there.
 */
export async function restoreDatabase(options: {
  readonly file: string;
  readonly backupFile: string;
  readonly nowAtMs: EpochMs;
}): Promise<{ readonly replaced: string | null }> {
  const { file, backupFile, nowAtMs } = options;
  if (statOrNull(backupFile) === null) {
    throw new BooksUnusable(`expected a backup at ${backupFile}, found nothing`);
  }
  const answer = await checkFile(backupFile);
  if (!answer.ok) {
    throw noBackup(backupFile, answer.message);
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${process.pid}.part`;
  const copied = await copyDatabase(backupFile, unfinished);
  if (!copied.ok) {
    removeDatabase(unfinished);
    throw noBackup(backupFile, copied.message);
  }
  const replaced = setAside(file, nowAtMs);
  renameSync(unfinished, file);
  prepareDatabaseFile(file);
  syncFolder(dirname(file));
  return { replaced };
}

function noBackup(file: string, found: string): BooksUnusable {
  return new BooksUnusable(`expected a sound backup at ${file}, found: ${found}; take another`);
}

/** Moves a database with its side files, which hold its last commits, to a name of its own. */
function setAside(file: string, nowAtMs: EpochMs): string | null {
  if (statOrNull(file) === null) return null;
  const replaced = `${file}.replaced_${nowAtMs}`;
  for (const suffix of ['', ...SIDE_FILES]) {
    if (statOrNull(file + suffix) !== null) renameSync(file + suffix, replaced + suffix);
  }
  return replaced;
}

function removeDatabase(file: string): void {
  for (const suffix of ['', ...SIDE_FILES]) rmSync(file + suffix, { force: true });
}
