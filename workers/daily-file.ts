import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';

export interface DailyFileOptions {
  readonly folder: string;
  /** Files are called `<name>.<date>.log`. */
  readonly name: string;
  /** How many files stay, the one of today among them. */
  readonly kept: number;
  readonly nowWallMs: () => number;
}

/** Where lines go, each on disk before the call returns: a killed process has lost none. */
export interface DailyFile {
  write(line: string): void;
  close(): void;
}

/**
 * A file a day of the machine's time zone, to which later runs of the day add. Whatever is older
 * than the files that are kept is removed when a file is begun, whichever run has written it.
 */
export function openDailyFile(options: DailyFileOptions): DailyFile {
  const { folder, name, nowWallMs } = options;
  const fileOf = (date: string): string => join(folder, `${name}.${date}.log`);
  mkdirSync(folder, { recursive: true });
  let date = dateOf(nowWallMs());
  const destination = pino.destination({ dest: fileOf(date), sync: true });
  removeOld(options);
  return {
    write: (line) => {
      const today = dateOf(nowWallMs());
      if (today !== date) {
        date = today;
        destination.reopen(fileOf(date));
        removeOld(options);
      }
      destination.write(line);
    },
    close: () => destination.end(),
  };
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
