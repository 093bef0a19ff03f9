import { readFileSync } from 'node:fs';
import type { BenchStack } from './stack.js';

/** Processor milliseconds since some start; server null: this machine does not tell. */
export interface ProcessorTime {
  readonly ownMs: number;
  readonly serverMs: number | null;
}

/** What /proc counts in: a hundredth of a second on every Linux. */
const MS_PER_TICK = 10;

/** The processor time of this process, native threads included, and of the Temporal server. */
export function processorTime(stack: Pick<BenchStack, 'temporalPid'>): ProcessorTime {
  const { user, system } = process.cpuUsage();
  return { ownMs: (user + system) / 1_000, serverMs: processorMsOf(stack.temporalPid()) };
}

/** What was used between two looks, for each of `count` orders. */
export function perOrder(
  before: ProcessorTime,
  after: ProcessorTime,
  count: number,
): ProcessorTime {
  const isKnown = before.serverMs !== null && after.serverMs !== null;
  return {
    ownMs: (after.ownMs - before.ownMs) / count,
    serverMs: isKnown ? (after.serverMs - before.serverMs) / count : null,
  };
}

function processorMsOf(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // After the command name: the state, then numbers; the twelfth and thirteenth are user and
  // system.
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
