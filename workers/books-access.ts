import { join } from 'node:path';
import type { AccountRow, BooksReader } from '../adapters/store/port.js';
import {
  backupDatabase,
  type BooksStanding,
  booksStanding as standingOf,
  openPrismaBooks,
  restoreDatabase,
} from '../adapters/store/prisma/index.js';
import { epochMs } from '../domain/values/index.js';
import { takeLease } from './take-lease.js';

export type { BooksStanding };

/** The books of a data folder, beside a running Ordinis or without one. */
export interface BooksAccess {
  accounts(): Promise<readonly AccountRow[]>;
  reader(account: string): BooksReader;
  close(): Promise<void>;
}

/** Where a verified copy of the books is. */
export interface BackupReport {
  readonly path: string;
  readonly bytes: number;
}

export interface RestoreReport {
  /** Where the books that were there before are kept; null when there were none. */
  readonly previousPath: string | null;
}

export async function openReader(dataDirectory: string): Promise<BooksAccess> {
  const books = await openPrismaBooks({ file: booksFile(dataDirectory) });
  return {
    accounts: () => books.accounts(),
    reader: (account) => books.reader(account),
    close: () => books.close(),
  };
}

/** Why the books of a folder cannot be read, once a read has failed. */
export function booksStanding(dataDirectory: string): Promise<BooksStanding> {
  return standingOf(booksFile(dataDirectory));
}

/** A verified copy of the books, beside a running Ordinis or without one. */
export async function backUp(dataDirectory: string): Promise<BackupReport> {
  const file = booksFile(dataDirectory);
  const nowAtMs = epochMs(Date.now());
  const report = await backupDatabase({ file, folder: join(dataDirectory, 'backups'), nowAtMs });
  return { path: report.file, bytes: report.bytes };
}

/**
 * Puts a backup in the place of the books. Has the one writer's lock for its time, so that nothing
 * runs or starts on the folder meanwhile; throws `StartRefused` with the process that has it.
 */
export async function restoreBackup(
  dataDirectory: string,
  backupFile: string,
): Promise<RestoreReport> {
  const lease = takeLease(dataDirectory);
  try {
    const nowAtMs = epochMs(Date.now());
    const file = booksFile(dataDirectory);
    const { replaced } = await restoreDatabase({ file, backupFile, nowAtMs });
    return { previousPath: replaced };
  } finally {
    lease.release();
  }
}

function booksFile(dataDirectory: string): string {
  return join(dataDirectory, 'ordinis.db');
}
