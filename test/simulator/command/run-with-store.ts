import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../../adapters/store/prisma/index.js';
import { epochMs } from '../../../domain/values/index.js';
import type { FaultWish } from '../faults/fault-plan.js';
import { runSeed, type SeedResult } from '../run-seed.js';

export interface SeedJob {
  readonly seed: number;
  readonly faults: FaultWish;
  readonly store: 'memory' | 'prisma';
  readonly stackLines: number;
}

/** Runs a seed on books in memory, or on a new database that is gone afterwards. */
export async function runWithStore({ store, ...run }: SeedJob): Promise<SeedResult> {
  if (store === 'memory') return runSeed(run);
  const folder = mkdtempSync(join(tmpdir(), 'ordinis-simulator-'));
  const database = await openDatabase({
    file: join(folder, 'ordinis.db'),
    backupFolder: join(folder, 'backups'),
    nowAtMs: epochMs(Date.now()),
  });
  try {
    return await runSeed({ ...run, books: database.books });
  } finally {
    await database.close();
    rmSync(folder, { recursive: true });
  }
}
