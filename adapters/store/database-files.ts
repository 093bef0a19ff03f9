import {
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';
import { BooksUnusable } from './errors.js';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** The files that SQLite keeps beside a database. They inherit its mode only when it is made. */
export const SIDE_FILES = ['-wal', '-shm', '-journal'] as const;

/**
 * Makes the folder and an empty file where they are missing, and takes away what others could read.
 * A file that is a link or belongs to somebody else is refused. Tells whether the file was there.
 */
export function prepareDatabaseFile(file: string): 'existing' | 'created' {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  protect(folder, lstatSync(folder), FOLDER_MODE);
  const found = statOrNull(file);
  if (found === null) {
    // Made before SQLite would make it, which gives everybody the right to read it.
    closeSync(openSync(file, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, FILE_MODE));
    syncFolder(folder);
    return 'created';
  }
  if (!found.isFile()) {
    throw new BooksUnusable(`expected a plain file at ${file}, found a link or a folder: move it`);
  }
  protect(file, found, FILE_MODE);
  for (const suffix of SIDE_FILES) {
    const side = statOrNull(file + suffix);
    if (side !== null) protect(file + suffix, side, FILE_MODE);
  }
  return 'existing';
}

/** Makes a new or renamed entry of a folder survive a power loss. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** What lies at a path, links not followed; null: nothing. */
export function statOrNull(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

function protect(path: string, found: Stats, mode: number): void {
  const self = process.getuid?.();
  if (self !== undefined && found.uid !== self) {
    throw new BooksUnusable(
      `expected ${path} to belong to user ${self}, found user ${found.uid}: change its owner`,
    );
  }
  if ((found.mode & 0o777) !== mode) chmodSync(path, mode);
}
