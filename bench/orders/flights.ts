import { isClosed, type OrderIntent } from '../../domain/order/index.js';
import { assert, price } from '../../domain/values/index.js';
import {
  orderWorkflowId,
  type OrderInput,
  type OrderView,
} from '../../workflows/contract/index.js';
import type { Lane } from './lanes.js';
import { perOrder, processorTime, type ProcessorTime } from './processor-time.js';
import type { BenchStack } from './stack.js';
import { wallInstantMs } from './wall-instant.js';

/** A way to send an order: through its workflow, through the naive one, from a decision. */
export interface Shape {
  /** Starts the order, and waits for its answer where the shape is one that does. */
  start(input: OrderInput): Promise<Started>;
}

/** Wall instants, with fractions. */
export interface Started {
  readonly decidedWallMs: number;
  /** Null: nobody waited for the answer. */
  readonly answeredWallMs: number | null;
}

export interface Flight extends Started {
  readonly clientOrderId: string;
  /** When the commit of the whole fill was told. */
  readonly bookedWallMs: number;
}

/**
 * A shape that starts the order's workflow, as the outbox does after the decision's transaction.
 */
export function driverShape(startOrder: (input: OrderInput) => Promise<void>): Shape {
  return {
    start: async (input) => {
      const decidedWallMs = wallInstantMs();
      await startOrder(input);
      return { decidedWallMs, answeredWallMs: null };
    },
  };
}

/**
 * A shape that starts the workflow and waits for the answer in one request, as a person does. It
 * sends limit orders that fill: the answer of a market order is held back for its fill.
 */
export function answerShape(ask: (input: OrderInput) => Promise<OrderView>): Shape {
  return {
    start: async (input) => {
      const limited = { ...input, intent: withLimit(input.intent) };
      const decidedWallMs = wallInstantMs();
      await ask(limited);
      return { decidedWallMs, answeredWallMs: wallInstantMs() };
    },
  };
}

/** One part in a hundred beyond the price that the order was decided at, in whole cents. */
function withLimit(intent: OrderIntent): OrderIntent {
  const { decisionPrice, side } = intent;
  assert(decisionPrice !== null, `expected a quote of ${intent.symbol}`);
  const beyond = decisionPrice * (side === 'buy' ? 1.01 : 0.99);
  const limitPrice = price(Math.round(beyond / NANOS_IN_CENT) * NANOS_IN_CENT);
  return { ...intent, type: 'limit', limitPrice };
}

const NANOS_IN_CENT = 10_000_000;
const ORDER_MS_MAX = 60_000;

/** Sends one order and waits until its workflow has completed: the engine is quiet again. */
export async function flyAlone(stack: BenchStack, shape: Shape, lane: Lane): Promise<Flight> {
  const input = lane.next();
  const { account, clientOrderId } = input.intent;
  const booked = untilFilled(stack, clientOrderId).then(wallInstantMs);
  const started = await shape.start(input);
  const bookedWallMs = await booked;
  await stack.client.workflow.getHandle(orderWorkflowId(account, clientOrderId)).result();
  return { ...started, clientOrderId, bookedWallMs };
}

export interface Throughput {
  readonly inFlight: number;
  readonly orders: number;
  readonly ordersPerSecond: number;
  readonly processorMsPerOrder: ProcessorTime;
}

/**
 * Keeps as many orders in flight as there are lanes, until `orders` are done. A lane goes on when
 * its order is closed in the books; the clock stops when every workflow has completed.
 */
export async function flyTogether(
  stack: BenchStack,
  shape: Shape,
  { lanes, orders }: { readonly lanes: readonly Lane[]; readonly orders: number },
): Promise<Throughput> {
  const before = processorTime(stack);
  const startedAtMs = performance.now();
  // An order closes a lane's pair or opens it: each lane ends flat.
  const perLane = Math.max(2, Math.ceil(orders / lanes.length / 2) * 2);
  await Promise.all(lanes.map((lane) => flyLane(stack, { shape, lane, orders: perLane })));
  await untilAllCompleted(stack);
  const elapsedMs = performance.now() - startedAtMs;
  const flown = perLane * lanes.length;
  return {
    inFlight: lanes.length,
    orders: flown,
    ordersPerSecond: (flown / elapsedMs) * 1_000,
    processorMsPerOrder: perOrder(before, processorTime(stack), flown),
  };
}

async function flyLane(
  stack: BenchStack,
  flown: { readonly shape: Shape; readonly lane: Lane; readonly orders: number },
): Promise<void> {
  for (let sent = 0; sent < flown.orders; sent += 1) {
    const input = flown.lane.next();
    const filled = untilFilled(stack, input.intent.clientOrderId);
    await flown.shape.start(input);
    await filled;
  }
}

/** Resolves when the books hold the whole fill; an order that ends otherwise is a broken bench. */
export function untilFilled(
  { world }: Pick<BenchStack, 'world'>,
  clientOrderId: string,
): Promise<OrderView> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      unsubscribe();
      settle();
    };
    const fail = (found: string): void =>
      finish(() => reject(new Error(`expected ${clientOrderId} to fill, found ${found}`)));
    const timer = setTimeout(() => fail(`nothing within ${ORDER_MS_MAX} ms`), ORDER_MS_MAX);
    const unsubscribe = world.notices.subscribe((view) => {
      if (view.clientOrderId !== clientOrderId || !isClosed(view.state)) return;
      if (view.state === 'filled') finish(() => resolve(view));
      else fail(`${view.state} ${view.detail ?? ''}`);
    });
  });
}

const LOOK_AGAIN_MS = 25;

/** Waits until no order workflow runs. */
export async function untilAllCompleted({ client }: BenchStack): Promise<void> {
  const query = 'WorkflowType = "order" AND ExecutionStatus = "Running"';
  while ((await client.workflow.count(query)).count > 0) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
