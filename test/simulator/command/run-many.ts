import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SeedResult } from '../run-seed.js';
import type { SeedJob } from './run-with-store.js';

/** One message a seed, both ways. */
const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));
/** What a seed makes is garbage soon: with more room for the young, less of it is copied. */
const EXEC_ARGV = ['--max-semi-space-size=64'];

/**
 * Runs the jobs on several processes, each one seed at a time, and tells each result as it comes.
 * A process that dies takes the whole command with it.
 */
export async function runMany(
  jobs: readonly SeedJob[],
  processes: number,
  onResult: (result: SeedResult) => void,
): Promise<void> {
  const left = jobs.toReversed();
  const children = Array.from({ length: Math.min(processes, jobs.length) }, () =>
    fork(CHILD, { execArgv: EXEC_ARGV }),
  );
  try {
    await Promise.all(children.map((child) => serve(child, left, onResult)));
  } finally {
    for (const child of children) if (child.connected) child.disconnect();
  }
}

function serve(
  child: ChildProcess,
  left: SeedJob[],
  onResult: (result: SeedResult) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const job = left.pop();
      if (job === undefined) resolve();
      else child.send(job);
    };
    child.on('message', (result) => {
      onResult(result as SeedResult);
      next();
    });
    child.on('exit', (code) => reject(new Error(`a simulating process ended with ${code}`)));
    next();
  });
}
