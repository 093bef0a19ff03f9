import { isInFlight } from '../../domain/order/index.js';
import type { World } from '../world.js';

/**
 * An order that cannot be answered must not hold the market for ever: its driver goes on without
 * the step.
 */
const ANSWER_MS_MAX = 30_000;
const EVENTS_MS_MAX = 2_000;
const LOOK_AGAIN_MS = 5;

/**
 * Waits until the orders of a step are answered and every event that the broker sent for them is
 * booked, so that the next bar is decided on what really happened. A muted event is not waited for
 * long: the driver's poll finds it.
 */
export async function settleStep(
  world: World,
  clientOrderIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const waited = { signal, monotonicMs: () => world.wallClock.monotonicMs() };
  for (const clientOrderId of clientOrderIds) {
    await until(world, { ...waited, msMax: ANSWER_MS_MAX }, () => isAnswered(world, clientOrderId));
  }
  if (clientOrderIds.length === 0) return;
  const { lastEventId } = await world.pace.current();
  if (lastEventId === null) return;
  await until(world, { ...waited, msMax: EVENTS_MS_MAX }, () => isBooked(world, lastEventId));
}

async function isAnswered(world: World, clientOrderId: string): Promise<boolean> {
  const row = await world.reader.orders.byClientOrderId(clientOrderId);
  if (row === null) return false;
  const { state } = row.order.progress;
  return state !== 'created' && !isInFlight(state);
}

async function isBooked(world: World, eventId: string): Promise<boolean> {
  return (await world.reader.brokerEvents.byId(eventId)) !== null;
}

interface Wait {
  readonly signal: AbortSignal;
  readonly monotonicMs: () => number;
  readonly msMax: number;
}

async function until(world: World, wait: Wait, isTrue: () => Promise<boolean>): Promise<void> {
  const deadlineMs = wait.monotonicMs() + wait.msMax;
  while (!(await isTrue())) {
    if (wait.signal.aborted || wait.monotonicMs() > deadlineMs) return;
    await world.wallClock.sleep(LOOK_AGAIN_MS);
  }
}
