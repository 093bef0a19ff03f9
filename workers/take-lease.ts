import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLease, type Lease, leaseHolder as holderOf } from '../adapters/store/lease.js';
import { epochMs } from '../domain/values/index.js';
import { StartRefused } from './start-options.js';

/** Takes the one writer's lock of the folder, or says who has it. */
export function takeLease(dataDirectory: string): Lease {
  try {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new StartRefused(
      `expected a folder to write to at ${dataDirectory}, found ${found}; use --data-dir`,
      2,
    );
  }
  const holder = { pid: process.pid, startedAtMs: epochMs(Date.now()) };
  const taken = acquireLease(leaseFile(dataDirectory), holder);
  if (taken.kind === 'acquired') return taken.lease;
  throw new StartRefused(
    `expected ${dataDirectory} to be free, found Ordinis running on it (process ${taken.pid}); ` +
      'stop it with "npx ordinis stop", or use another --data-dir',
    2,
  );
}

/** The process that has the one writer's lock of the folder; null: nobody. */
export function leaseHolder(dataDirectory: string): number | null {
  return holderOf(leaseFile(dataDirectory))?.pid ?? null;
}

function leaseFile(dataDirectory: string): string {
  return join(dataDirectory, 'lease.db');
}
