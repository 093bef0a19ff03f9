import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ExchangeProcessOptions } from './exchange-process.js';
import { exchangeFolder, type SimulatedRun } from './simulated-run.js';

/** The line with which an exchange says that it is ready, and where. */
export const readySchema = z.object({
  tradingUrl: z.string(),
  streamUrl: z.string(),
  dataUrl: z.string(),
  dataStreamUrl: z.string(),
  notes: z.array(z.string()),
});

export type ExchangeAddresses = z.infer<typeof readySchema>;

const recordSchema = readySchema.extend({
  pid: z.number(),
  startedAt: z.string(),
  /** Of an earlier version: none, and so like no other. */
  tag: z.string().default(''),
});

/** What a later run must know to recognise the exchange that a dead run left behind. */
export type ExchangeRecord = z.infer<typeof recordSchema>;

/** Remembers the exchange that runs now. Written whole or not at all. */
export function writeRecord(dataDirectory: string, record: ExchangeRecord): void {
  const path = recordPath(dataDirectory);
  writeFileSync(`${path}.part`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.part`, path);
}

/** The recorded exchange, or null when there is none, or none that can be read. */
export function readRecord(dataDirectory: string): ExchangeRecord | null {
  try {
    const parsed = recordSchema.safeParse(
      JSON.parse(readFileSync(recordPath(dataDirectory), 'utf8')),
    );
    return parsed.success ? parsed.data : null;
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isAbsent || error instanceof SyntaxError) return null; // Nobody can be named by it.
    throw error;
  }
}

/** Forgets the exchange, once it is gone. */
export function removeRecord(dataDirectory: string): void {
  rmSync(recordPath(dataDirectory), { force: true });
}

/** Equal for two exchanges that would do the same: same run, market and build, on any port. */
export function exchangeTag(options: ExchangeProcessOptions): string {
  const text = JSON.stringify({ ...options, port: 0 });
  return createHash('sha256').update(text).update(buildOfProgram()).digest('hex');
}

/** What the build says it was made from; empty where nothing was built. */
function buildOfProgram(): string {
  const stamp = new URL('../.ordinis-compiled.json', import.meta.url);
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
}

const ANSWER_MS_MAX = 5_000;

/** Whether an exchange answers there, to the keys of the run. */
export async function answers(
  { tradingUrl }: ExchangeAddresses,
  { keyId, secret }: SimulatedRun,
): Promise<boolean> {
  const headers = { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secret };
  try {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    const response = await fetch(`${tradingUrl}/v2/clock`, { headers, signal });
    return response.ok;
  } catch (error) {
    const isUnanswered = error instanceof TypeError || error instanceof DOMException;
    if (isUnanswered) return false; // Nobody listens, or nobody answers in time.
    throw error;
  }
}

function recordPath(dataDirectory: string): string {
  return join(exchangeFolder(dataDirectory), 'process.json');
}
