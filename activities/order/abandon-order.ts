import type { FillActivity } from '../../adapters/broker/port.js';
import type { OrderRow } from '../../adapters/store/port.js';
import { type Order, type OrderIntent, stateOf } from '../../domain/order/index.js';
import { type EpochMs, epochMs } from '../../domain/values/index.js';
import type { World } from '../world.js';

const WAIT_MS = 5 * 60_000;
const MISSES_APART_MS = 60_000;

/**
 * The proof that an unknown order never reached the broker, in one line, or null while any part of
 * it is missing: five minutes of a live stream since the last possible send, two lookups by client
 * order id at least a minute apart that found nothing, absence from the full list of that window,
 * and no execution that nothing else explains.
 */
export async function abandonmentEvidence(
  world: World,
  clientOrderId: string,
): Promise<string | null> {
  const row = await world.reader.orders.byClientOrderId(clientOrderId);
  if (row === null || row.order.progress.state !== 'unknown') return null;
  // Wall time has jumped: nothing can be counted before the stream is listened to anew.
  if (world.stall.objection() !== null) return null;
  const sinceMs = epochMs(row.order.createdAtMs - WAIT_MS);
  const neverInPlace = await originalEnded(world, row);
  const lookups = neverInPlace ?? (await lookupsThatMissed(world, row));
  if (lookups === null) return null;
  const listed = await world.broker.ordersSubmittedSince(sinceMs);
  if (listed.some((order) => order.clientOrderId === clientOrderId)) return null;
  if (neverInPlace !== null) return `not at the broker: ${neverInPlace}`;
  if (await hasUnexplainedExecution(world, row.order, sinceMs)) return null;
  return `not at the broker: ${lookups} and the full order list found nothing`;
}

/**
 * The lookups of five minutes of a live stream, in words; null: not enough of them yet. Those of an
 * earlier process do not count: the clock may have been set before this one came.
 */
async function lookupsThatMissed(world: World, { order }: OrderRow): Promise<string | null> {
  if (order.progress.state !== 'unknown') return null;
  const { lastPossibleSendAtMs } = order.progress;
  if (!(await hasListenedSince(world, lastPossibleSendAtMs))) return null;
  const history = await world.reader.orders.eventsOf(order.intent.clientOrderId);
  const misses = history
    .filter(({ kind }) => kind === 'lookup_missed')
    .map((line) => line.recordedAtWallMs)
    .filter((atMs) => atMs > lastPossibleSendAtMs && atMs >= world.startedAtWallMs);
  const missedForMs = world.wallClock.nowMs() - Math.min(...misses);
  if (misses.length === 0 || missedForMs < MISSES_APART_MS) return null;
  return `${misses.length + 1} lookups over ${missedForMs} ms`;
}

/** Whether the stream has told everything for long enough since an instant. */
async function hasListenedSince(world: World, sinceWallMs: number): Promise<boolean> {
  const stream = await world.reader.streamState.get();
  if (stream?.status !== 'live' || stream.bootEpoch !== world.bootEpoch) return false;
  // A stream that came back has repaired what it missed; from then on it is listened to anew.
  const fromMs = Math.max(sinceWallMs, stream.updatedAtWallMs);
  return world.wallClock.nowMs() - fromMs >= WAIT_MS;
}

/**
 * An order that has ended in another way than by giving its place away never will: a replacement
 * that the lookup and the full list miss then never was, and can never be.
 */
async function originalEnded(world: World, { replaces }: OrderRow): Promise<string | null> {
  const original = replaces === null ? null : await world.reader.orders.byClientOrderId(replaces);
  if (original === null) return null;
  const state = stateOf(original.order);
  if (state !== 'canceled' && state !== 'filled' && state !== 'expired') return null;
  return `${replaces} was ${state}, and never replaced`;
}

/** An execution of the same symbol and side that no order of the books explains may be its own. */
async function hasUnexplainedExecution(
  world: World,
  { intent }: Order,
  sinceMs: EpochMs,
): Promise<boolean> {
  for (const execution of await world.broker.fillActivitiesSince(sinceMs)) {
    if (execution.symbol !== intent.symbol || execution.side !== intent.side) continue;
    const owner = await world.reader.orders.byBrokerOrderId(execution.brokerOrderId);
    if (owner === null && !(await isOfAnotherOrder(world, execution, intent))) return true;
  }
  return false;
}

/**
 * Whether the broker shows that an execution belongs to an order of another id. An external order
 * waits for the unknown one before it enters the books, so that they cannot explain it.
 */
async function isOfAnotherOrder(
  world: World,
  { brokerOrderId }: FillActivity,
  { clientOrderId }: OrderIntent,
): Promise<boolean> {
  const shown = await world.broker.orderById(brokerOrderId);
  return shown !== null && shown.clientOrderId !== clientOrderId;
}
