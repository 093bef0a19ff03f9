import { countImmediate, countResting, type OrderCount } from './counters.js';
import { type BooksShare, measureBooksAlone } from './books-alone.js';
import { openDecisionShape } from './decision-shape.js';
import { type Floors, measureEmptyWorkflow, measureFdatasync, measurePost } from './floors.js';
import { answerShape, driverShape, flyTogether, type Shape, type Throughput } from './flights.js';
import { type Latency, measureLatency } from './latency.js';
import { openLanes } from './lanes.js';
import { type NaiveShape, openNaiveShape } from './naive-shape.js';
import type { BenchStack } from './stack.js';
import { startAndAwaitAnswer } from '../../workers/start-and-await-answer.js';
import { measureSyncs, type SyncsFound } from './sync-counters.js';

/** What is counted: the same on any machine. */
export interface Counters {
  /** Orders whose fill comes with the answer, one after the other. */
  readonly immediate: readonly OrderCount[];
  /** An order that rests five seconds and then fills. */
  readonly resting: OrderCount;
}

type ShapeName = 'direct' | 'decision' | 'naive' | 'answered' | 'naiveAnswered';

/** What is timed: of this machine and this hour, so only the ratios travel. */
export interface Timings {
  readonly floors: Floors;
  readonly latency: Readonly<Record<ShapeName, Latency>>;
  readonly throughput: Readonly<Record<'direct' | 'naive', readonly Throughput[]>>;
  readonly books: BooksShare;
  readonly syncs: SyncsFound;
}

/** Orders in flight at a time, and how many orders of each shape are sent so. */
const THROUGHPUTS = [
  { inFlight: 8, orders: 80 },
  { inFlight: 32, orders: 128 },
] as const;

/** How many symbols the bench needs: a lane for each order in flight. */
export const LANES = 32;
/** A symbol of no lane, for what is counted order by order. */
export const COUNTED_SYMBOL = 'COUNT';

/** Counts what does not depend on the machine. */
export async function measureCounters(stack: BenchStack): Promise<Counters> {
  return {
    immediate: await countImmediate(stack, COUNTED_SYMBOL),
    resting: await countResting(stack),
  };
}

/** Times what does, floors beside it. */
export async function measureTimings(
  stack: BenchStack,
  { orders, onProgress }: { readonly orders: number; readonly onProgress: (line: string) => void },
): Promise<Timings> {
  const naive = await openNaiveShape(stack);
  try {
    onProgress('floors');
    const floors = await measureFloors(stack, naive, orders);
    const lanes = openLanes(stack.world, stack.symbols.slice(0, LANES));
    const [lane] = lanes;
    if (lane === undefined) throw new Error('expected a lane');
    const direct = driverShape(stack.world.drivers.startOrder);
    const naively = driverShape(naive.startOrder);
    const { client, world } = stack;
    const answered = answerShape((input) =>
      startAndAwaitAnswer({ client, mode: world.mode }, input),
    );
    const naiveAnswered = answerShape(naive.startAndAwaitAnswer);
    const decision = openDecisionShape(stack);
    const shapes = { direct, decision, naive: naively, answered, naiveAnswered };
    onProgress(`${orders} orders of each shape, one in flight`);
    const latency = await measureLatency(stack, shapes, { lane, orders });
    const throughput = await measureThroughput(stack, {
      direct,
      naive: naively,
      lanes,
      onProgress,
    });
    onProgress('the books alone, syncs');
    const books = await measureBooksAlone(stack, Math.min(orders, 100));
    return { floors, latency, throughput, books, syncs: await measureSyncs(stack, lane) };
  } finally {
    await naive.close();
  }
}

async function measureFloors(stack: BenchStack, naive: NaiveShape, count: number): Promise<Floors> {
  return {
    fdatasync: measureFdatasync(stack.dataDirectory, count),
    ...(await measurePost(stack, count)),
    emptyWorkflow: await measureEmptyWorkflow(naive, count),
  };
}

async function measureThroughput(
  stack: BenchStack,
  flown: {
    readonly direct: Shape;
    readonly naive: Shape;
    readonly lanes: ReturnType<typeof openLanes>;
    readonly onProgress: (line: string) => void;
  },
): Promise<Timings['throughput']> {
  const direct: Throughput[] = [];
  const naive: Throughput[] = [];
  for (const { inFlight, orders } of THROUGHPUTS) {
    flown.onProgress(`${orders} orders of each shape, ${inFlight} in flight`);
    const wish = { lanes: flown.lanes.slice(0, inFlight), orders: orders / 2 };
    // There and back, so that what else the machine does meets both shapes alike.
    const directOnce = await flyTogether(stack, flown.direct, wish);
    const naiveOnce = await flyTogether(stack, flown.naive, wish);
    const naiveTwice = await flyTogether(stack, flown.naive, wish);
    const directTwice = await flyTogether(stack, flown.direct, wish);
    direct.push(joined(directOnce, directTwice));
    naive.push(joined(naiveOnce, naiveTwice));
  }
  return { direct, naive };
}

/** Two rounds of equally many orders as one. */
function joined(first: Throughput, second: Throughput): Throughput {
  const mean = (left: number, right: number): number => (left + right) / 2;
  const [one, other] = [first.processorMsPerOrder, second.processorMsPerOrder];
  const isKnown = one.serverMs !== null && other.serverMs !== null;
  return {
    inFlight: first.inFlight,
    orders: first.orders + second.orders,
    ordersPerSecond: 1 / mean(1 / first.ordersPerSecond, 1 / second.ordersPerSecond),
    processorMsPerOrder: {
      ownMs: mean(one.ownMs, other.ownMs),
      serverMs: isKnown ? mean(one.serverMs, other.serverMs) : null,
    },
  };
}
