import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMemoryBooks } from '../../adapters/store/memory/index.js';
import type { Books } from '../../adapters/store/port.js';
import { type Database, openDatabase } from '../../adapters/store/prisma/index.js';
import { at, newAccount } from './rows-fixture.js';

/** Books with one open account, and the way to be rid of them. */
export interface OpenedBooks {
  readonly books: Books;
  close(): Promise<void>;
}

export async function openMemory(): Promise<OpenedBooks> {
  const books = openMemoryBooks();
  await books.openAccount(newAccount());
  return { books, close: async () => undefined };
}

export async function openPrisma(): Promise<OpenedBooks> {
  const { database, close } = await openTestDatabase();
  await database.books.openAccount(newAccount());
  return { books: database.books, close };
}

export interface TestDatabase {
  readonly folder: string;
  readonly file: string;
  readonly backupFolder: string;
  readonly database: Database;
  readonly statements: string[];
  close(): Promise<void>;
}

/** A new database in a folder of its own. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const folder = newFolder();
  const file = join(folder, 'ordinis.db');
  const backupFolder = join(folder, 'backups');
  const statements: string[] = [];
  const onStatement = (sql: string): void => {
    statements.push(sql);
  };
  const database = await openDatabase({ file, backupFolder, nowAtMs: at(0), onStatement });
  const close = async (): Promise<void> => {
    await database.close();
    rmSync(folder, { recursive: true });
  };
  return { folder, file, backupFolder, database, statements, close };
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'ordinis-store-'));
}
