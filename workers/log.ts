import { join } from 'node:path';
import pino from 'pino';
import type { Log } from '../activities/world.js';
import { openWallClock } from './clocks.js';
import { openDailyFile } from './daily-file.js';

/** A log that can be told to write what it still holds. */
export interface FileLog extends Log {
  close(): Promise<void>;
}

/** Keys whose values never reach a log, wherever they stand. */
const SECRET_KEYS = ['secret', 'keyId', 'password', 'token', 'authorization'];
const REDACTED = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

const FILES_KEPT = 30;

/**
 * Structured lines in `data/logs/`, one file a day, thirty days kept. It never stops who writes:
 * lines for which there is no room are dropped, which standard error is told once, and counted in
 * the first line that has room again.
 */
export function openFileLog(
  dataDirectory: string,
  tell: (line: string) => void = tellStandardError,
): FileLog {
  const folder = join(dataDirectory, 'logs');
  const nowWallMs = openWallClock().nowMs;
  const file = openDailyFile({
    folder,
    name: 'ordinis',
    kept: FILES_KEPT,
    nowWallMs,
    onLost: (why) =>
      tell(`expected room for the log in ${folder}, found ${why}; its lines are lost: make room`),
    lostLine: (lost) => `${JSON.stringify(lostRecord(lost, nowWallMs()))}\n`,
  });
  const logger = pino({ redact: { paths: REDACTED, censor: '[secret]' } }, file);
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    close: async () => file.close(),
  };
}

/** As the logger itself would write it, which cannot be asked while it writes. */
function lostRecord(lost: number, time: number) {
  const { pid } = process;
  return { level: pino.levels.values['error'], time, pid, lost, msg: `${lost} lines were lost` };
}

function tellStandardError(line: string): void {
  process.stderr.write(`ordinis: ${line}\n`);
}
