import { IN_FLIGHT_STATES, isInFlight } from '../../domain/order/index.js';
import { unsettledTurns } from '../turn/unsettled-turns.js';
import type { World } from '../world.js';
import type { FeedContext } from './session-context.js';

/**
 * An order that cannot be answered must not hold the market for ever: its driver goes on without
 * the step. Longer than it takes to send an order again whose first send died with its process.
 */
const ANSWER_MS_MAX = 60_000;
const EVENTS_MS_MAX = 2_000;
const LOOK_AGAIN_MS = 5;

/**
 * Waits until the orders of a step are answered and every event that the broker sent for them is
 * booked, so that the next bar is decided on what really happened. Orders that an earlier process
 * left in flight belong to the step in which it died: market time must not expire them while their
 * drivers still find out. A turn belongs to the step until only the market can take it further. A
 * muted event is not waited for long: the driver's poll finds it.
 */
export async function settleStep(
  { world, signal, givenUp }: Pick<FeedContext, 'world' | 'signal' | 'givenUp'>,
  started: readonly string[],
): Promise<void> {
  const waited = { signal, monotonicMs: () => world.wallClock.monotonicMs() };
  const clientOrderIds = new Set([...started, ...(await leftInFlight(world))]);
  for (const clientOrderId of clientOrderIds) {
    if (givenUp.has(clientOrderId)) continue;
    const wait = { ...waited, msMax: ANSWER_MS_MAX };
    const isTold = await until(world, wait, () => isAnswered(world, clientOrderId));
    if (!isTold) givenUp.add(clientOrderId);
  }
  const hasTurns = (await busyTurns(world, givenUp)).length > 0;
  if (clientOrderIds.size === 0 && !hasTurns) return;
  await untilEventsAreBooked(world, waited);
  // What was booked meanwhile may be what a turn has waited for.
  while ((await busyTurns(world, givenUp)).length > 0) {
    const isAtRest = async (): Promise<boolean> => (await busyTurns(world, givenUp)).length === 0;
    if (!(await until(world, { ...waited, msMax: ANSWER_MS_MAX }, isAtRest))) {
      for (const turnId of await busyTurns(world, givenUp)) givenUp.add(turnId);
    }
    await untilEventsAreBooked(world, waited);
  }
}

async function untilEventsAreBooked(world: World, waited: Omit<Wait, 'msMax'>): Promise<void> {
  const { lastEventId } = await world.pace.current();
  if (lastEventId === null) return;
  await until(world, { ...waited, msMax: EVENTS_MS_MAX }, () => isBooked(world, lastEventId));
}

/** Their ids, less those that were waited for long enough. */
async function busyTurns(world: World, givenUp: ReadonlySet<string>): Promise<readonly string[]> {
  const turns = await unsettledTurns(world);
  return turns.map(({ plan }) => plan.turnId).filter((turnId) => !givenUp.has(turnId));
}

async function leftInFlight(world: World): Promise<readonly string[]> {
  const rows = await world.reader.orders.inStates(['created', ...IN_FLIGHT_STATES]);
  return rows.map(({ order }) => order.intent.clientOrderId);
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

/** False: it did not become true in time. */
async function until(world: World, wait: Wait, isTrue: () => Promise<boolean>): Promise<boolean> {
  const deadlineMs = wait.monotonicMs() + wait.msMax;
  while (!(await isTrue())) {
    if (wait.signal.aborted || wait.monotonicMs() > deadlineMs) return false;
    await world.wallClock.sleep(LOOK_AGAIN_MS);
  }
  return true;
}
