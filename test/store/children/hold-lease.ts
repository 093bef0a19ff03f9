import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { acquireLease } from '../../../adapters/store/lease.js';
import { epochMs } from '../../../domain/values/index.js';

// Asks for the lease, says what came of it, and keeps it until its input ends: also when nothing
// of ours refers to it any more and the garbage collector has run.
const line = ask();
await collectGarbage();
process.stdout.write(`${line}\n`);
process.stdin.resume();

function ask(): string {
  const holder = { pid: process.pid, startedAtMs: epochMs(1_000) };
  const result = acquireLease(process.argv[2] ?? '', holder);
  return JSON.stringify(
    result.kind === 'acquired' ? { ...result.lease, kind: 'acquired' } : result,
  );
}

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  await new Promise((resolve) => setImmediate(resolve));
  runInNewContext('gc')();
  await new Promise((resolve) => setImmediate(resolve));
}
