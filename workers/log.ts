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

/** Structured lines in `data/logs/`, one file a day, thirty days kept. */
export function openFileLog(dataDirectory: string): FileLog {
  const file = openDailyFile({
    folder: join(dataDirectory, 'logs'),
    name: 'ordinis',
    kept: FILES_KEPT,
    nowWallMs: openWallClock().nowMs,
  });
  const logger = pino({ redact: { paths: REDACTED, censor: '[secret]' } }, file);
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    close: async () => file.close(),
  };
}
