import { existsSync, lstatSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { AccountRow, BooksReader } from '../adapters/store/port.js';
import type { RunRecord } from '../workers/run-record.js';
import { CommandFailure, NoAccountYet, UsageFault } from './failure.js';
import type { BooksAccess } from './ports.js';
import type { CommonFlags, Shell } from './shell.js';

const DATA = 'data';
const BOOKS_FILE = 'ordinis.db';
const KILL_FILE = 'KILL_SWITCH';

export function defaultDataDirectory(shell: Shell): string {
  return join(shell.homeDirectory, DATA);
}

/** What is wrong with the flag: an empty one would mean wherever the shell happens to stand. */
export function dataDirectoryFault({ dataDir }: CommonFlags): string | null {
  if (dataDir !== '') return null;
  return 'expected --data-dir to name a folder, found ""; name one, or leave it out';
}

/** The absolute path of the folder: the flag, else the environment, else `data` of the clone. */
export function dataDirectoryOf(shell: Shell, flags: CommonFlags): string {
  const fault = dataDirectoryFault(flags);
  if (fault !== null) throw new UsageFault([fault]);
  const named = flags.dataDir ?? shell.environment.variables.ORDINIS_DATA_DIR;
  return named === null ? defaultDataDirectory(shell) : resolve(shell.workingDirectory, named);
}

export function killFilePath(dataDirectory: string): string {
  return join(dataDirectory, KILL_FILE);
}

/** A link to nowhere is there as well. */
export function isKillFilePresent(dataDirectory: string): boolean {
  return lstatSync(killFilePath(dataDirectory), { throwIfNoEntry: false }) !== undefined;
}

/**
 * The data folder of a command that needs one to be there: a misspelt one must not look like a
 * calm one.
 */
export function existingDataDirectory(shell: Shell, flags: CommonFlags): string {
  const directory = dataDirectoryOf(shell, flags);
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return directory;
  const what = found === undefined ? 'none' : 'a file';
  throw new UsageFault([
    `expected a data folder at ${directory}, found ${what}; name the right one with --data-dir`,
  ]);
}

/** The run of the folder when its process lives, else null. */
export async function aliveRun(shell: Shell, dataDirectory: string): Promise<RunRecord | null> {
  const run = shell.processes.readRun(dataDirectory);
  return run !== null && (await shell.processes.isAlive(run)) ? run : null;
}

/** The process that has the folder while no run is up: it starts, or restores a backup. */
export async function startingProcess(shell: Shell, dataDirectory: string): Promise<number | null> {
  return (await shell.booksAlone()).leaseHolder(dataDirectory);
}

/** The run of the folder; a failure with what to do when there is none. */
export async function requireAliveRun(shell: Shell, dataDirectory: string): Promise<RunRecord> {
  const run = await aliveRun(shell, dataDirectory);
  if (run !== null) return run;
  const pid = await startingProcess(shell, dataDirectory);
  const found =
    pid === null
      ? 'none; run "npm start" first'
      : `process ${pid}, which is not up; ask again when "npx ordinis status" says that it runs`;
  throw new CommandFailure([`expected a running Ordinis on ${dataDirectory}, found ${found}`]);
}

/** What a command that reads the books is given. */
export interface OpenBooks {
  readonly account: AccountRow;
  readonly reader: BooksReader;
  readonly access: BooksAccess;
}

/**
 * Opens the books of a folder for one account: the one named, else the one of the run, else the
 * one used last. Closes them when `read` is done.
 */
export async function withBooks<Result>(
  shell: Shell,
  flags: CommonFlags & { readonly account?: string },
  read: (books: OpenBooks) => Promise<Result>,
): Promise<Result> {
  const directory = existingDataDirectory(shell, flags);
  requireBooksFile(directory);
  try {
    return await readBooks(shell, { directory, account: flags.account ?? null }, read);
  } catch (error) {
    throw await explained(shell, directory, error);
  }
}

async function readBooks<Result>(
  shell: Shell,
  place: { readonly directory: string; readonly account: string | null },
  read: (books: OpenBooks) => Promise<Result>,
): Promise<Result> {
  const { directory } = place;
  const access = await (await shell.booksAlone()).openReader(directory);
  try {
    const named = place.account ?? (await aliveRun(shell, directory))?.account ?? null;
    const account = await chooseAccount(access, named);
    return await read({ account, reader: access.reader(account.account), access });
  } finally {
    await access.close();
  }
}

/** What the books say of themselves where a read of them failed; else the error as it is. */
async function explained(shell: Shell, directory: string, error: unknown): Promise<unknown> {
  if (error instanceof CommandFailure || error instanceof UsageFault) return error;
  const standing = await (await shell.booksAlone()).booksStanding(directory);
  switch (standing.kind) {
    case 'none':
      return new NoAccountYet();
    case 'unreadable':
      return new CommandFailure([standing.message]);
    case 'readable':
      return error;
  }
}

export function hasBooks(dataDirectory: string): boolean {
  return existsSync(join(dataDirectory, BOOKS_FILE));
}

/** A failure with what to do when the folder has no books yet. */
export function requireBooksFile(dataDirectory: string): void {
  if (hasBooks(dataDirectory)) return;
  throw new CommandFailure([
    `expected books at ${join(dataDirectory, BOOKS_FILE)}, found none; run "npm start" first`,
  ]);
}

/** The account of this name, else the one whose state was written last. */
export async function chooseAccount(
  access: BooksAccess,
  named: string | null,
): Promise<AccountRow> {
  const accounts = await access.accounts();
  const found = accounts.find(({ account }) => account === named) ?? null;
  if (found !== null) return found;
  const names = accounts.map(({ account }) => account).join(', ');
  if (named !== null && names !== '') {
    throw new UsageFault([`expected --account to be one of ${names}, found ${named}; choose one`]);
  }
  const latest = await lastUsed(access, accounts);
  if (latest !== null) return latest;
  throw new NoAccountYet();
}

async function lastUsed(
  access: BooksAccess,
  accounts: readonly AccountRow[],
): Promise<AccountRow | null> {
  const uses = await Promise.all(
    accounts.map(async (account) => {
      const system = await access.reader(account.account).systemState.get();
      return { account, atMs: system?.updatedAtWallMs ?? -1 };
    }),
  );
  const latest = uses.reduce<(typeof uses)[number] | null>(
    (best, use) => (best === null || use.atMs >= best.atMs ? use : best),
    null,
  );
  return latest?.account ?? null;
}
