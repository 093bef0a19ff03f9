import { acquireLease } from '../../../adapters/store/lease.js';
import { epochMs } from '../../../domain/values/index.js';

// Asks for the lease, says what came of it, and keeps it until its input ends.
const holder = { pid: process.pid, startedAtMs: epochMs(1_000) };
const result = acquireLease(process.argv[2] ?? '', holder);
const said = result.kind === 'acquired' ? { ...result.lease, kind: 'acquired' } : result;
process.stdout.write(`${JSON.stringify(said)}\n`);
process.stdin.resume();
