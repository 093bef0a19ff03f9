import { assert } from '../../domain/values/index.js';
import { orderChanged, orderWorkflowId, orderView } from '../../workflows/contract/index.js';
import type { BenchStack } from '../orders/stack.js';
import type { Filled } from './phases.js';
import { placeResting, restingIntent } from './resting-orders.js';

const WARM_UP = 20;
const KIB = 1_024;
const SETTLE_MS = 2_000;
const LOOK_MS = 20;

/** Brings the account to the given number of open orders, and tells what each of them holds. */
export async function fillAccount(stack: BenchStack, orders: number): Promise<Filled> {
  await placeResting(stack, WARM_UP);
  await settle(stack);
  const residentBefore = process.memoryUsage().rss;
  const startedAtMs = performance.now();
  await placeResting(stack, orders, WARM_UP);
  const acceptedMs = performance.now() - startedAtMs;
  await settle(stack);
  const resident = process.memoryUsage().rss - residentBefore;
  return {
    phase: 'fill',
    orders: orders + WARM_UP,
    acceptedMs,
    residentKibPerOrder: resident / KIB / orders,
    eventsPerSignal: await countEventsPerSignal(stack),
  };
}

/** Until the outbox has told every driver, and workflow tasks are done. */
async function settle({ statements }: BenchStack): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  await statements.untilQuiet();
}

/** Tells one resting order's driver once more what it knows: what every signal costs at least. */
async function countEventsPerSignal(stack: BenchStack): Promise<number> {
  const { client, world } = stack;
  const { clientOrderId } = restingIntent(stack, 0);
  const handle = client.workflow.getHandle(orderWorkflowId(world.account, clientOrderId));
  const view = await handle.query(orderView);
  assert(view !== null, `expected a view of ${clientOrderId}`);
  await handle.signal(orderChanged, view);
  for (;;) {
    const events = (await handle.fetchHistory()).events ?? [];
    const signaled = events.findLastIndex((one) => one.workflowExecutionSignaledEventAttributes);
    const since = events.slice(signaled);
    const handled = since.findIndex((one) => one.workflowTaskCompletedEventAttributes);
    if (handled > 0) return handled + 1;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
