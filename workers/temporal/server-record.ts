import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endProcessGroup } from '../processes/end-process-group.js';
import { commandLineOf, isRunning } from '../processes/process-identity.js';
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

/** A server that a dead run left running. */
export interface LeftoverServer extends ServerRecord {
  /** Its program and arguments, joined by blanks. */
  readonly commandLine: string;
}

/**
 * The server that a dead run left on this folder, or null when there is none. Its process id alone
 * proves nothing, so its start and its command line are compared too.
 */
export async function findLeftoverServer(folder: string): Promise<LeftoverServer | null> {
  const record = await readServerRecord(folder);
  if (record === null || !(await isRunning(record))) {
    return null;
  }
  const commandLine = await commandLineOf(record.pid);
  return commandLine?.includes(record.database) ? { ...record, commandLine } : null;
}

/** Ends the server that a dead run left on this folder. Returns it, or null: there was none. */
export async function endLeftoverServer(folder: string): Promise<ServerRecord | null> {
  const leftover = await findLeftoverServer(folder);
  if (leftover !== null) {
    await endProcessGroup(leftover);
  }
  await removeServerRecord(folder);
  return leftover;
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
