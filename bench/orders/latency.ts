import type { Post } from './exchange.js';
import { type Flight, flyAlone, type Shape } from './flights.js';
import type { Lane } from './lanes.js';
import { perOrder, processorTime, type ProcessorTime } from './processor-time.js';
import type { BenchStack } from './stack.js';
import { summarize, type Summary } from './statistics.js';

/** One order in flight at a time: from the decision to the exchange's socket. */
export interface Latency {
  readonly toWire: Summary;
  /** Until who waits for it has the answer; of nothing where nobody waits. */
  readonly toAnswer: Summary;
  /** From the exchange's answer, behind which it tells the fill, until the fill is committed. */
  readonly fillToBooks: Summary;
  /** From one order's start to the next one's: workflow completed and its result had. */
  readonly ordersPerSecond: number;
  readonly processorMsPerOrder: ProcessorTime;
}

/** Orders that warm connections, caches and the compiler up before anything counts. */
const WARM_UP = 12;
/** Shapes take turns in small blocks, so that a busy minute of the machine meets all of them. */
const BLOCK = 10;
/** On a machine that is busy with other things the bench measures fewer orders, not longer. */
const MEASURED_MS_MAX = 75_000;

/** Measures shapes side by side, `orders` of each. */
export async function measureLatency<Name extends string>(
  stack: BenchStack,
  shapes: Readonly<Record<Name, Shape>>,
  { lane, orders }: { readonly lane: Lane; readonly orders: number },
): Promise<Readonly<Record<Name, Latency>>> {
  const names = Object.keys(shapes) as Name[];
  const runs = new Map(names.map((name) => [name, openRun()]));
  for (const name of names) await flyBlock(stack, shapes[name], { lane, orders: WARM_UP });
  const deadlineMs = performance.now() + MEASURED_MS_MAX;
  for (let flown = 0; flown < orders && performance.now() < deadlineMs; flown += BLOCK) {
    for (const name of names) {
      const block = { lane, orders: Math.min(BLOCK, orders - flown) };
      const before = processorTime(stack);
      const startedAtMs = performance.now();
      const flights = await flyBlock(stack, shapes[name], block);
      const elapsedMs = performance.now() - startedAtMs;
      const used = perOrder(before, processorTime(stack), 1);
      runs.get(name)?.add({ flights, elapsedMs, used });
    }
  }
  const posts = await stack.exchange.posts();
  const latencies = names.map((name) => [name, runs.get(name)?.latency(posts)] as const);
  return Object.fromEntries(latencies) as Record<Name, Latency>;
}

async function flyBlock(
  stack: BenchStack,
  shape: Shape,
  { lane, orders }: { readonly lane: Lane; readonly orders: number },
): Promise<readonly Flight[]> {
  const flights: Flight[] = [];
  for (let flown = 0; flown < orders; flown += 1) {
    flights.push(await flyAlone(stack, shape, lane));
  }
  return flights;
}

interface Block {
  readonly flights: readonly Flight[];
  readonly elapsedMs: number;
  readonly used: ProcessorTime;
}

function openRun() {
  const blocks: Block[] = [];
  return {
    add: (block: Block): void => void blocks.push(block),
    latency: (posts: ReadonlyMap<string, Post>): Latency => {
      const flights = blocks.flatMap((block) => block.flights);
      const sum = (of: (block: Block) => number): number =>
        blocks.reduce((total, block) => total + of(block), 0);
      const isServerKnown = blocks.every(({ used }) => used.serverMs !== null);
      const count = flights.length;
      return {
        toWire: summarize(flights.map((flight) => wireMs(flight, posts))),
        toAnswer: summarize(flights.flatMap(answerMs)),
        fillToBooks: summarize(flights.map((flight) => booksMs(flight, posts))),
        ordersPerSecond: (count / sum(({ elapsedMs }) => elapsedMs)) * 1_000,
        processorMsPerOrder: {
          ownMs: sum(({ used }) => used.ownMs) / count,
          serverMs: isServerKnown ? sum(({ used }) => used.serverMs ?? 0) / count : null,
        },
      };
    },
  };
}

function wireMs(flight: Flight, posts: ReadonlyMap<string, Post>): number {
  return postOf(flight, posts).arrivedWallMs - flight.decidedWallMs;
}

function booksMs(flight: Flight, posts: ReadonlyMap<string, Post>): number {
  return flight.bookedWallMs - postOf(flight, posts).answeredWallMs;
}

function answerMs({ decidedWallMs, answeredWallMs }: Flight): readonly number[] {
  return answeredWallMs === null ? [] : [answeredWallMs - decidedWallMs];
}

function postOf({ clientOrderId }: Flight, posts: ReadonlyMap<string, Post>): Post {
  const post = posts.get(clientOrderId);
  if (post === undefined) {
    throw new Error(`expected ${clientOrderId} in the exchange's journal, found nothing`);
  }
  return post;
}
