import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { printAnswer } from './answer.js';
import { dataDirectoryOf, existingDataDirectory, requireBooksFile } from './data-folder.js';
import { EXIT, UsageFault } from './failure.js';
import type { CommonFlags, Shell } from './shell.js';

/** `ordinis backup`: a verified copy of the books, also while they are written. */
export async function backupCommand(shell: Shell, flags: CommonFlags): Promise<number> {
  const dataDirectory = existingDataDirectory(shell, flags);
  requireBooksFile(dataDirectory);
  const report = await (await shell.booksAlone()).backUp(dataDirectory);
  const lines = [`backed up to ${report.path} (${report.bytes} bytes, verified)`];
  printAnswer(shell, flags, { lines, json: report });
  return EXIT.fine;
}

/**
 * `ordinis restore`: puts a backup in the place of the books, which are kept beside. Exit code 2
 * while a process runs or starts on the folder.
 */
export async function restoreCommand(
  shell: Shell,
  flags: CommonFlags,
  file: string,
): Promise<number> {
  const dataDirectory = dataDirectoryOf(shell, flags);
  const path = resolve(shell.workingDirectory, file);
  if (!existsSync(path)) {
    throw new UsageFault([
      `expected a backup at ${path}, found no file; see ${dataDirectory}/backups`,
    ]);
  }
  const report = await (await shell.booksAlone()).restoreBackup(dataDirectory, path);
  const kept =
    report.previousPath === null ? '' : `; the books before are kept at ${report.previousPath}`;
  printAnswer(shell, flags, {
    lines: [`restored ${path}${kept}`],
    json: { restoredFrom: path, ...report },
  });
  return EXIT.fine;
}
