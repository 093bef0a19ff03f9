import { appendFileSync } from 'node:fs';
import type { CrashPoint } from '../activities/world.js';

/**
 * For kill tests: `ORDINIS_CRASH_POINT=name:n` kills this process with SIGKILL at the n-th passage
 * of the named point, after writing the name to `ORDINIS_CRASH_FILE`, so that the test can assert
 * that it was reached. Without it, nothing.
 */
export function crashPointFromEnvironment(): CrashPoint {
  const wish = /^([a-z-]+):(\d+)$/.exec(process.env['ORDINIS_CRASH_POINT'] ?? '');
  const witness = process.env['ORDINIS_CRASH_FILE'];
  if (wish === null || witness === undefined) return () => undefined;
  let left = Number(wish[2]);
  return (name) => {
    if (name !== wish[1]) return;
    left -= 1;
    if (left > 0) return;
    appendFileSync(witness, `${name}\n`);
    process.kill(process.pid, 'SIGKILL');
  };
}
