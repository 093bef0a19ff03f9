import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endProcessGroup } from './end-process-group.js';
import { commandLineOf, isRunning } from './process-identity.js';
import type { ServerPorts } from './server-command.js';

/** What a later run must know to recognise a server that a dead run left behind. */
export interface ServerRecord extends ServerPorts {
  readonly pid: number;
  readonly startedAt: string;
  readonly database: string;
}

/** Remembers the server that runs now. Written whole or not at all. */
export async function writeServerRecord(folder: string, record: ServerRecord): Promise<void> {
  const path = recordPath(folder);
  await writeFile(`${path}.part`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.part`, path);
}

/** Forgets the server, once it is gone. */
export async function removeServerRecord(folder: string): Promise<void> {
  await rm(recordPath(folder), { force: true });
}

/**
 * Ends the server that a dead run left on this folder. Its process id alone proves nothing, so its
 * start and its command line are compared too. Returns it, or null when there was none.
 */
export async function endLeftoverServer(folder: string): Promise<ServerRecord | null> {
  const record = await readServerRecord(folder);
  const isOurs =
    record !== null &&
    (await isRunning(record)) &&
    ((await commandLineOf(record.pid))?.includes(record.database) ?? false);
  if (isOurs) {
    await endProcessGroup(record);
  }
  await removeServerRecord(folder);
  return isOurs ? record : null;
}

/** The recorded server, or null when there is none, or none that can be read. */
export async function readServerRecord(folder: string): Promise<ServerRecord | null> {
  try {
    const record: unknown = JSON.parse(await readFile(recordPath(folder), 'utf8'));
    return isServerRecord(record) ? record : null;
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isAbsent || error instanceof SyntaxError) {
      return null; // A record that nobody can read names nobody.
    }
    throw error;
  }
}

function isServerRecord(value: unknown): value is ServerRecord {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const record = value as Partial<Record<keyof ServerRecord, unknown>>;
  const numbers = [record.pid, record.port, record.uiPort, record.metricsPort];
  return (
    numbers.every((entry) => Number.isSafeInteger(entry) && Number(entry) > 1) &&
    typeof record.startedAt === 'string' &&
    typeof record.database === 'string'
  );
}

function recordPath(folder: string): string {
  return join(folder, 'server.json');
}
