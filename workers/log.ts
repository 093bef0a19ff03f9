import { join } from 'node:path';
import pino from 'pino';
import roll from 'pino-roll';
import type { Log } from '../activities/world.js';

/** A log that can be told to write what it still holds. */
export interface FileLog extends Log {
  close(): Promise<void>;
}

/** Keys whose values never reach a log, wherever they stand. */
const SECRET_KEYS = ['secret', 'keyId', 'password', 'token', 'authorization'];
const REDACTED = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

/** Structured lines in `data/logs/`, one file a day, thirty days kept. */
export async function openFileLog(dataDirectory: string): Promise<FileLog> {
  const stream = await roll({
    file: join(dataDirectory, 'logs', 'ordinis'),
    frequency: 'daily',
    dateFormat: 'yyyy-MM-dd',
    extension: '.log',
    mkdir: true,
    limit: { count: 30 },
    sync: true,
  });
  const logger = pino({ redact: { paths: REDACTED, censor: '[secret]' } }, stream);
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    close: async () => {
      stream.end();
    },
  };
}
