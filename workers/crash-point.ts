import { appendFileSync } from 'node:fs';
import type { CrashPoint } from '../activities/world.js';

/** Where a kill test wants this process to end, and the file that it must find the proof in. */
export interface CrashWish {
  /** `name:n`: the n-th passage of the named point. */
  readonly point: string | null;
  readonly witnessFile: string | null;
}

/**
 * For kill tests: ends this process with SIGKILL at the n-th passage of the named point, after
 * writing the name to the witness file, so that the test can assert that it was reached. Without a
 * wish, nothing.
 */
export function createCrashPoint(asked: CrashWish | null): CrashPoint {
  const wish = /^([a-z-]+):(\d+)$/.exec(asked?.point ?? '');
  const witnessFile = asked?.witnessFile ?? null;
  if (wish === null || witnessFile === null) return () => undefined;
  let left = Number(wish[2]);
  return (name) => {
    if (name !== wish[1]) return;
    left -= 1;
    if (left > 0) return;
    appendFileSync(witnessFile, `${name}\n`);
    process.kill(process.pid, 'SIGKILL');
  };
}
