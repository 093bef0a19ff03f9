import type { Counters, Timings } from './measure.js';
import { median } from './statistics.js';

/** A figure beside what it should be. A bench tells; it does not fail. */
export interface Aim {
  readonly name: string;
  readonly aim: string;
  readonly found: number;
  readonly isMet: boolean;
}

const FASTER_THAN_NAIVE = 1.7;
const ANSWERED_FASTER_THAN_NAIVE = 2;
const FILL_TO_BOOKS_MS_MAX = 25;
const EVENTS_IMMEDIATE_MAX = 16;
const EVENTS_RESTING_MAX = 20;
const ACTIVITIES_BEFORE_WIRE_MAX = 1;
const PROCESSOR_MS_MAX = 120;
const ORDERS_PER_SECOND_MIN = 14;
const IN_FLIGHT = 32;

/** The aims of what is counted. */
export function counterAims({ immediate, resting }: Counters): readonly Aim[] {
  // In the middle: on a busy machine a fill may come too late to be told with the answer.
  const events = median(immediate.map(({ historyEvents }) => historyEvents));
  const before = Math.max(
    ...[...immediate, resting].map(({ activitiesBeforeWire }) => activitiesBeforeWire),
  );
  return [
    atMost('history events, fill with the answer', events, EVENTS_IMMEDIATE_MAX),
    atMost('history events, rests 5 s and fills', resting.historyEvents, EVENTS_RESTING_MAX),
    atMost('activities before the wire', before, ACTIVITIES_BEFORE_WIRE_MAX),
  ];
}

/** The aims of what is timed. */
export function timingAims({ latency, throughput }: Timings): readonly Aim[] {
  const ratio = latency.naive.toWire.p50Ms / latency.direct.toWire.p50Ms;
  const answers = latency.naiveAnswered.toAnswer.p50Ms / latency.answered.toAnswer.p50Ms;
  const { ownMs, serverMs } = latency.direct.processorMsPerOrder;
  const full = throughput.direct.find(({ inFlight }) => inFlight === IN_FLIGHT);
  return [
    atLeast('to the wire, times quicker than naive (p50)', ratio, FASTER_THAN_NAIVE),
    atLeast('to the answer, times quicker than naive (p50)', answers, ANSWERED_FASTER_THAN_NAIVE),
    atMost(
      'ms from the fill told to the fill committed (p99)',
      latency.direct.fillToBooks.p99Ms,
      FILL_TO_BOOKS_MS_MAX,
    ),
    atMost(
      'processor ms per order, one in flight',
      ownMs + (serverMs ?? Number.NaN),
      PROCESSOR_MS_MAX,
    ),
    atLeast(
      `orders per second, ${IN_FLIGHT} in flight`,
      full?.ordersPerSecond ?? Number.NaN,
      ORDERS_PER_SECOND_MIN,
    ),
  ];
}

function atMost(name: string, found: number, max: number): Aim {
  return { name, aim: `≤ ${max}`, found, isMet: found <= max };
}

function atLeast(name: string, found: number, min: number): Aim {
  return { name, aim: `≥ ${min}`, found, isMet: found >= min };
}
