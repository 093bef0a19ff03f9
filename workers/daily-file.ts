import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface DailyFileOptions {
  readonly folder: string;
  /** Files are called `<name>.<date>.log`. */
  readonly name: string;
  /** How many files stay, the one of today among them. */
  readonly kept: number;
  readonly nowWallMs: () => number;
  /** Told, with what the system said, when lines begin to be lost. */
  readonly onLost: (why: string) => void;
  /** The line that says, once there is room again, how many lines are missing before it. */
  readonly lostLine: (lost: number) => string;
}

/** Where lines go, each on disk before the call returns: a killed process has lost none. */
export interface DailyFile {
  /** Never fails for the world: a line that cannot be written, or comes late, is dropped. */
  write(line: string): void;
  close(): void;
}

/**
 * A file a day of the machine's time zone, to which later runs of the day add. Whatever is older
 * than the files that are kept is removed when a file is begun, whichever run has written it.
 */
export function openDailyFile(options: DailyFileOptions): DailyFile {
  const { nowWallMs, onLost, lostLine } = options;
  mkdirSync(options.folder, { recursive: true });
  let date = dateOf(nowWallMs());
  let file = beginFile(options, date);
  let lost = 0;
  let isClosed = false;
  const writeToday = (line: string): void => {
    const today = dateOf(nowWallMs());
    if (today !== date) {
      const next = beginFile(options, today);
      file.close();
      [file, date] = [next, today];
      removeOld(options);
    }
    if (lost > 0) {
      file.append(lostLine(lost));
      lost = 0;
    }
    file.append(line);
  };
  removeOld(options);
  return {
    write: (line) => {
      if (isClosed) return; // Its descriptor may be another file's by now.
      try {
        writeToday(line);
      } catch (error) {
        if (!isOfTheSystem(error)) throw error;
        lost += 1;
        if (lost === 1) onLost(error.message);
      }
    },
    close: () => {
      isClosed = true;
      file.close();
    },
  };
}

interface AppendedFile {
  append(text: string): void;
  close(): void;
}

/** Opens the file of a day. What a full disk has torn off ends before the next line. */
function beginFile({ folder, name }: DailyFileOptions, date: string): AppendedFile {
  const descriptor = openSync(join(folder, `${name}.${date}.log`), 'a');
  let isTorn = false;
  return {
    append: (text) => {
      const bytes = Buffer.from(isTorn ? `\n${text}` : text);
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(descriptor, bytes, written);
        isTorn = written < bytes.length;
      }
    },
    close: () => closeSync(descriptor),
  };
}

/** Such as a full disk, or a folder that is gone. */
function isOfTheSystem(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}

/** YYYY-MM-DD. */
function dateOf(wallMs: number): string {
  const date = new Date(wallMs);
  const padded = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${padded(date.getMonth() + 1)}-${padded(date.getDate())}`;
}

function removeOld({ folder, name, kept }: DailyFileOptions): void {
  const isOurs = (file: string): boolean => file.startsWith(`${name}.`) && file.endsWith('.log');
  const files = readdirSync(folder).filter(isOurs).toSorted();
  for (const file of files.slice(0, -kept)) rmSync(join(folder, file), { force: true });
}
