import { availableParallelism, loadavg } from 'node:os';
import Table from 'cli-table3';
import { type Aim, counterAims, timingAims } from './aims.js';
import type { Counters, Timings } from './measure.js';
import type { ProcessorTime } from './processor-time.js';
import type { Summary } from './statistics.js';

/** Everything one run found. Timings null: only the counters were asked for. */
export interface Report {
  readonly machine: { readonly cores: number; readonly load1: number; readonly node: string };
  readonly counters: Counters;
  readonly timings: Timings | null;
  readonly aims: readonly Aim[];
  readonly wallMs: number;
}

export function makeReport(counters: Counters, timings: Timings | null, wallMs: number): Report {
  const [load1 = Number.NaN] = loadavg();
  return {
    machine: { cores: availableParallelism(), load1, node: process.version },
    counters,
    timings,
    aims: [...(timings === null ? [] : timingAims(timings)), ...counterAims(counters)],
    wallMs,
  };
}

/** The report for people. */
export function printedReport(report: Report): string {
  const { machine, timings, counters, aims, wallMs } = report;
  const seconds = Math.round(wallMs / 1_000);
  return [
    `${machine.cores} cores, load ${machine.load1.toFixed(1)}, Node ${machine.node}, ${seconds} s`,
    ...(timings === null
      ? []
      : [latencyTable(timings), throughputTable(timings), processorLines(timings)]),
    counterTable(counters),
    syncLine(timings),
    aimTable(aims),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function latencyTable({ floors, latency }: Timings): string {
  const table = openTable(['milliseconds, one at a time', 'n', 'p50', 'p99']);
  const row = (name: string, { count, p50Ms, p99Ms }: Summary): void => {
    table.push([name, count, figure(p50Ms), figure(p99Ms)]);
  };
  row('floor: 4 KiB appended and fdatasync', floors.fdatasync);
  row('floor: bare POST of an order, until the answer', floors.post);
  row('floor: bare POST of an order, until it arrives', floors.postArrival);
  row('floor: empty workflow, start to result', floors.emptyWorkflow);
  row('decision to wire: order workflow', latency.direct.toWire);
  row('decision to wire: with decision commit and outbox', latency.decision.toWire);
  row('decision to wire: naive workflow', latency.naive.toWire);
  row('decision to answer, waited for: order workflow', latency.answered.toAnswer);
  row('decision to answer, waited for: naive workflow', latency.naiveAnswered.toAnswer);
  row('fill told to fill committed', latency.direct.fillToBooks);
  return table.toString();
}

function throughputTable({ latency, throughput }: Timings): string {
  const head = ['in flight', 'order workflow/s', 'naive/s', 'CPU ms an order', 'CPU ms naive'];
  const table = openTable(head);
  table.push([
    1,
    figure(latency.direct.ordersPerSecond),
    figure(latency.naive.ordersPerSecond),
    shares(latency.direct.processorMsPerOrder),
    shares(latency.naive.processorMsPerOrder),
  ]);
  for (const [index, direct] of throughput.direct.entries()) {
    const naive = throughput.naive[index];
    if (naive === undefined) continue;
    table.push([
      direct.inFlight,
      figure(direct.ordersPerSecond),
      figure(naive.ordersPerSecond),
      shares(direct.processorMsPerOrder),
      shares(naive.processorMsPerOrder),
    ]);
  }
  return table.toString();
}

function shares({ ownMs, serverMs }: ProcessorTime): string {
  if (serverMs === null) return `own ${figure(ownMs)}, server not known here`;
  return `${figure(ownMs + serverMs)} = Temporal ${figure(serverMs)} + own ${figure(ownMs)}`;
}

function processorLines({ latency, books }: Timings): string {
  const { ownMs } = latency.direct.processorMsPerOrder;
  const { processorMsPerOrder: booksMs, perOrder, wallMsPerOrder } = books;
  const rest = figure(ownMs - booksMs);
  return [
    `own CPU of an order: books ${figure(booksMs)} ms, the rest (SDK, HTTP, stream) ${rest} ms`,
    `books alone: ${figure(wallMsPerOrder)} ms of wall time, ` +
      `${figure(perOrder.statements)} statements, ${figure(perOrder.commits)} commits an order`,
  ].join('\n');
}

function counterTable({ immediate, resting }: Counters): string {
  const head = ['hard counters of one order', 'fill with the answer', 'rests 5 s'];
  const table = openTable(head);
  const row = (name: string, of: (count: (typeof immediate)[number]) => number): void => {
    const values = immediate.map(of);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    table.push([name, least === most ? `${least}` : `${least} to ${most}`, `${of(resting)}`]);
  };
  row('history events', ({ historyEvents }) => historyEvents);
  row('activities', ({ activities }) => activities);
  row('activities before the wire', ({ activitiesBeforeWire }) => activitiesBeforeWire);
  row('SQL statements of the books', ({ statements }) => statements);
  row('commits of the books', ({ commits }) => commits);
  return table.toString();
}

function syncLine(timings: Timings | null): string {
  if (timings === null) return '';
  const { syncs } = timings;
  return 'unknown' in syncs
    ? `fsync and fdatasync: ${syncs.unknown}`
    : `fsync and fdatasync an order: books ${figure(syncs.books)}, ` +
        `Temporal ${figure(syncs.temporal)}`;
}

function aimTable(aims: readonly Aim[]): string {
  const table = openTable(['aim', '', 'found', '']);
  for (const { name, aim, found, isMet } of aims) {
    table.push([name, aim, figure(found), isMet ? 'ok' : 'missed']);
  }
  return table.toString();
}

/** Without colours: a report is read in files, too. */
function openTable(head: string[]): InstanceType<typeof Table> {
  return new Table({ head, style: { head: [], border: [], compact: true } });
}

function figure(value: number): string {
  if (Number.isNaN(value)) return 'not known';
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}
