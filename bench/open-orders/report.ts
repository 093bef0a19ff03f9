import { availableParallelism, loadavg } from 'node:os';
import Table from 'cli-table3';
import type { Filled, Recovered } from './phases.js';

/** Aims of the issue that these figures answer; timed ones are of an idle machine with 2 cores. */
const AIMS = {
  eventsPerSignal: 4,
  firstFillMs: 5_000,
  cancelBookedMs: 3_000,
} as const;

export interface OpenOrdersReport {
  readonly machine: { readonly cores: number; readonly load1: number; readonly node: string };
  readonly filled: Filled;
  readonly recovered: Recovered;
}

export function makeReport(filled: Filled, recovered: Recovered): OpenOrdersReport {
  const [load1 = Number.NaN] = loadavg();
  const machine = { cores: availableParallelism(), load1, node: process.version };
  return { machine, filled, recovered };
}

/** The report for people. */
export function printedReport({ machine, filled, recovered }: OpenOrdersReport): string {
  const { cores, load1, node } = machine;
  const table = new Table({
    head: [`with ${filled.orders} open orders`, 'found', 'aim', ''],
    style: { head: [], border: [], compact: true },
  });
  const row = (name: string, found: number, unit: string, aim: number | null = null): void => {
    const verdict = aim === null ? '' : found <= aim ? 'ok' : 'missed';
    const text = `${found < 10 ? found.toFixed(2) : Math.round(found)} ${unit}`;
    table.push([name, text, aim === null ? '' : `≤ ${aim}`, verdict]);
  };
  row('all accepted, 32 in flight', filled.acceptedMs, 'ms');
  row('resident memory of an open order', filled.residentKibPerOrder, 'KiB');
  row('events of one more signal', filled.eventsPerSignal, '', AIMS.eventsPerSignal);
  row('kill -9, start: running', recovered.runningMs, 'ms');
  row('kill -9, start: a new order is filled', recovered.firstFillMs, 'ms', AIMS.firstFillMs);
  row('all canceled at once: the exchange has answered', recovered.cancelAnsweredMs, 'ms');
  const { cancelBookedMs, cancelHandledMs } = recovered;
  row('all canceled at once: in the books', cancelBookedMs, 'ms', AIMS.cancelBookedMs);
  row('all canceled at once: handled by every workflow', cancelHandledMs, 'ms');
  return `${cores} cores, load ${load1.toFixed(1)}, Node ${node}\n\n${table.toString()}`;
}
