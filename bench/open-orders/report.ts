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
  const milliseconds = (name: string, found: number): void => {
    table.push([name, text(found, 'ms'), '', '']);
  };
  const judged = (name: string, found: string, { is, max }: Aim): void => {
    table.push([name, found, `≤ ${max}`, is <= max ? 'ok' : 'missed']);
  };
  milliseconds('all accepted, 32 in flight', filled.acceptedMs);
  table.push(['resident memory of an open order', text(filled.residentKibPerOrder, 'KiB'), '', '']);
  judged('events of one more signal', `${filled.eventsPerSignal}`, {
    is: filled.eventsPerSignal,
    max: AIMS.eventsPerSignal,
  });
  const { runningMs, firstFillMs, cancelAnsweredMs, cancelBookedMs, cancelHandledMs } = recovered;
  milliseconds('kill -9, start: running', runningMs);
  judged('kill -9, start: a new order is filled', text(firstFillMs, 'ms'), {
    is: firstFillMs,
    max: AIMS.firstFillMs,
  });
  milliseconds('all canceled at once: the exchange has answered', cancelAnsweredMs);
  judged('all canceled at once: in the books', text(cancelBookedMs, 'ms'), {
    is: cancelBookedMs,
    max: AIMS.cancelBookedMs,
  });
  milliseconds('all canceled at once: handled by every workflow', cancelHandledMs);
  return `${cores} cores, load ${load1.toFixed(1)}, Node ${node}\n\n${table.toString()}`;
}

interface Aim {
  readonly is: number;
  readonly max: number;
}

function text(value: number, unit: string): string {
  return `${Math.round(value)} ${unit}`;
}
