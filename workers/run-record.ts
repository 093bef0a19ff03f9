import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { jsonOrNull } from '../domain/values/index.js';
import { identifyProcess, isRunning } from './processes/process-identity.js';

const exchangeSchema = z.object({
  pid: z.number(),
  tradingUrl: z.string(),
  streamUrl: z.string(),
  dataUrl: z.string(),
  dataStreamUrl: z.string(),
  keyId: z.string(),
  secret: z.string(),
});

const schema = z.object({
  pid: z.number(),
  /** Of `identifyProcess`: tells the process from a later one with the same id. */
  processStartedAt: z.string(),
  bootEpoch: z.number(),
  account: z.string(),
  mode: z.enum(['simulated', 'paper', 'live']),
  /** What the session trades, for people. */
  description: z.string(),
  temporalAddress: z.string(),
  namespace: z.string(),
  uiUrl: z.string().nullable(),
  /** The embedded paper exchange; its keys open nothing else. */
  exchange: exchangeSchema.nullable(),
  startedAtWallMs: z.number(),
});

/**
 * Where the run of a data folder can be reached. Written when it is up; a dead run leaves it
 * behind.
 */
export type RunRecord = z.infer<typeof schema>;

export function runRecordPath(dataDirectory: string): string {
  return join(dataDirectory, 'run.json');
}

/**
 * The last run of the folder, alive or not; null when there was none or the file is not readable as
 * one.
 */
export function readRunRecord(dataDirectory: string): RunRecord | null {
  let text: string;
  try {
    text = readFileSync(runRecordPath(dataDirectory), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const parsed = schema.safeParse(jsonOrNull(text));
  return parsed.success ? parsed.data : null;
}

/** Written beside and renamed, so that no reader sees half of it. */
export function writeRunRecord(dataDirectory: string, record: RunRecord): void {
  const path = runRecordPath(dataDirectory);
  const beside = `${path}.${record.pid}`;
  writeFileSync(beside, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(beside, path);
}

export function removeRunRecord(dataDirectory: string): void {
  rmSync(runRecordPath(dataDirectory), { force: true });
}

/** Whether the process that wrote the record still runs, and not another one under its id. */
export async function isRunAlive(run: RunRecord): Promise<boolean> {
  return isRunning({ pid: run.pid, startedAt: run.processStartedAt });
}

/** What a record says of the process that writes it. */
export async function ownProcess(): Promise<Pick<RunRecord, 'pid' | 'processStartedAt'>> {
  const identity = await identifyProcess(process.pid);
  if (identity === null) throw new Error(`expected process ${process.pid} to run, found it gone`);
  return { pid: identity.pid, processStartedAt: identity.startedAt };
}
