import { BrokerAuthRefused, isBrokerFailure } from '../../adapters/broker/errors.js';
import type {
  TradeUpdate,
  TradeUpdateListener,
  TradeUpdateStream,
} from '../../adapters/broker/port.js';
import type { StreamStateRow } from '../../adapters/store/port.js';
import { failure } from '../failure.js';
import { repairAll } from '../reconciliation/repair-all.js';
import { repairShown } from '../reconciliation/repair-shown.js';
import type { World } from '../world.js';
import { applyUpdates } from './apply-updates.js';
import { createEventInbox, type EventInbox, type InboxItem } from './event-inbox.js';
import { FRAMES_AT_ONCE } from './frame-backlog.js';
import { createOrderLooks } from './order-looks.js';

export interface StreamContext {
  /** Aborted when Temporal cancels the attempt or a newer one takes over. */
  readonly signal: AbortSignal;
  readonly heartbeat: (details: string) => void;
}

/**
 * Owns the broker's trade updates stream until it closes: subscribe, repair from REST while live
 * frames are buffered, go live, apply. The stream is a hint and REST is the truth: nothing new is
 * sent until a repair has completed. Ends only by throwing; the next attempt is the reconnect.
 */
export async function runTradeUpdates(world: World, context: StreamContext): Promise<never> {
  context.signal.throwIfAborted();
  const streamEpoch = await beginEpoch(world);
  const inbox = createEventInbox();
  let closedBecause = 'the attempt was canceled';
  const stop = (): void => inbox.close();
  context.signal.addEventListener('abort', stop, { once: true });
  if (context.signal.aborted) stop(); // While the epoch began: the event has gone by.
  const stream = await openStream(world, streamEpoch, {
    onUpdate: (update) => inbox.append({ kind: 'update', update }),
    onUnreadable: (raw, reason) => inbox.append({ kind: 'unreadable', raw, reason }),
    onClosed: (reason) => {
      closedBecause = reason;
      inbox.close();
    },
  });
  try {
    await repairAll(world);
    await setStatus(world, streamEpoch, { status: 'live', message: 'subscribed and repaired' });
    context.heartbeat(`live, epoch ${streamEpoch}`);
    await applyUntilClosed(world, { inbox, streamEpoch, context });
  } finally {
    context.signal.removeEventListener('abort', stop);
    world.frames.note(0);
    await endEpoch(world, { stream, streamEpoch, message: closedBecause });
  }
  context.signal.throwIfAborted();
  // It was live: a connection that lasted for days does not wait as the tenth in a row would.
  const message = `the trade updates stream closed: ${closedBecause}`;
  throw failure('StreamClosed', message, { retryAfterMs: RECONNECT_MS });
}

/** How soon a stream that was live is opened again. */
const RECONNECT_MS = 1_000;

/** How long refused keys are left alone: a passing refusal is known, and a lasting one told. */
const REFUSED_RETRY_MS = 5_000;

/**
 * Whatever keeps the stream from opening, the books say that it is down. Refused keys do not end
 * the trading of fills that are on their way: the next attempt asks again, and a person is told.
 */
async function openStream(
  world: World,
  streamEpoch: number,
  listener: TradeUpdateListener,
): Promise<TradeUpdateStream> {
  try {
    return await world.broker.openTradeUpdates(listener);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await setStatus(world, streamEpoch, { status: 'down', message });
    if (!(error instanceof BrokerAuthRefused)) throw error;
    await tellRefused(world, streamEpoch, message);
    throw failure('StreamClosed', message, { retryAfterMs: REFUSED_RETRY_MS, cause: error });
  }
}

async function tellRefused(world: World, streamEpoch: number, message: string): Promise<void> {
  await world.books.transaction(world.account, async (transaction) => {
    await transaction.alerts.record({
      alertId: `stream-refused/${world.bootEpoch}/${streamEpoch}`,
      type: 'api_connectivity',
      severity: 'critical',
      title: 'The broker refuses the keys of the trade updates stream',
      message,
      metadata: JSON.stringify({ streamEpoch }),
      atMs: world.marketClock.nowMs(),
      recordedAtWallMs: world.wallClock.nowMs(),
      acknowledgedBy: null,
    });
  });
}

async function beginEpoch(world: World): Promise<number> {
  return world.books.transaction(world.account, async (transaction) => {
    const before = await transaction.streamState.get();
    const streamEpoch = (before?.streamEpoch ?? 0) + 1;
    await transaction.streamState.set({
      streamEpoch,
      bootEpoch: world.bootEpoch,
      status: 'catching_up',
      repairedThroughMs: before?.repairedThroughMs ?? transaction.account.get().createdAtMs,
      message: 'connecting',
      updatedAtWallMs: world.wallClock.nowMs(),
    });
    return streamEpoch;
  });
}

async function setStatus(
  world: World,
  streamEpoch: number,
  change: Pick<StreamStateRow, 'status' | 'message'>,
): Promise<void> {
  await world.books.transaction(world.account, async (transaction) => {
    const stream = await transaction.streamState.get();
    if (stream === null || stream.streamEpoch !== streamEpoch) return; // A newer attempt owns it.
    const updatedAtWallMs = world.wallClock.nowMs();
    await transaction.streamState.set({ ...stream, ...change, updatedAtWallMs });
  });
}

async function endEpoch(
  world: World,
  ended: {
    readonly stream: TradeUpdateStream;
    readonly streamEpoch: number;
    readonly message: string;
  },
): Promise<void> {
  await ended.stream.close();
  await setStatus(world, ended.streamEpoch, { status: 'down', message: ended.message });
}

interface Live {
  readonly inbox: EventInbox;
  readonly streamEpoch: number;
  readonly context: StreamContext;
}

async function applyUntilClosed(world: World, live: Live): Promise<void> {
  const looks = createOrderLooks(() => world.wallClock.monotonicMs());
  for (;;) {
    const items = await nextFrames(world, live.inbox, looks.nextInMs());
    world.frames.note(live.inbox.size());
    if (items.length === 0 && live.inbox.isClosed()) return;
    const updates = items.flatMap((item) => (item.kind === 'update' ? [item.update] : []));
    const toRepair = await applyBatch(world, live.streamEpoch, updates);
    for (const { order } of toRepair) looks.add(order.brokerOrderId);
    // One at a time: a broker that takes seconds for each must not hold up the fills behind them.
    const [brokerOrderId] = looks.due();
    if (brokerOrderId !== undefined) {
      if (await isRepaired(world, brokerOrderId)) looks.decided(brokerOrderId);
      else looks.undecided(brokerOrderId);
    }
    if (items.some((item) => item.kind === 'unreadable')) await repairAll(world);
    live.context.heartbeat(`applied ${items.length}`);
  }
}

/** Waits for frames, but no longer than until an order is to be looked at: then there are none. */
async function nextFrames(
  world: World,
  inbox: EventInbox,
  waitMs: number | null,
): Promise<readonly InboxItem[]> {
  if (waitMs === null) return inbox.take(FRAMES_AT_ONCE);
  const waiting = new AbortController();
  // Over or aborted, it only ends a wait.
  void world.wallClock.sleep(waitMs, waiting.signal).then(inbox.wake, inbox.wake);
  const items = await inbox.take(FRAMES_AT_ONCE);
  waiting.abort();
  return items;
}

/**
 * A batch that fails as a whole is applied one by one, so that one bad event holds up nothing but
 * itself.
 */
async function applyBatch(
  world: World,
  streamEpoch: number,
  updates: readonly TradeUpdate[],
): Promise<readonly TradeUpdate[]> {
  if (updates.length === 0) return [];
  if (updates.length === 1) return (await applyUpdates(world, streamEpoch, updates)).toRepair;
  try {
    return (await applyUpdates(world, streamEpoch, updates)).toRepair;
  } catch (error) {
    world.log.warn({ count: updates.length, error: String(error) }, 'batch failed, one by one');
    return applyOneByOne(world, streamEpoch, updates);
  }
}

/**
 * Applies what can be applied; then the first failure ends the stream, and the next one repairs.
 */
async function applyOneByOne(
  world: World,
  streamEpoch: number,
  updates: readonly TradeUpdate[],
): Promise<readonly TradeUpdate[]> {
  const toRepair: TradeUpdate[] = [];
  const failures: unknown[] = [];
  for (const update of updates) {
    try {
      toRepair.push(...(await applyUpdates(world, streamEpoch, [update])).toRepair);
    } catch (error) {
      failures.push(error); // Thrown below, once the events behind it are in the books.
    }
  }
  if (failures.length > 0) throw failures[0];
  return toRepair;
}

/**
 * A frame has shown more or less than the books hold, or an order that they do not know. False: it
 * cannot be decided yet, since reads lag or fail, or an order of the symbol is in flight. One read
 * that fails says nothing against the stream: everybody's orders would be held for it.
 */
async function isRepaired(world: World, brokerOrderId: string): Promise<boolean> {
  try {
    const shown = await world.broker.orderById(brokerOrderId);
    return shown !== null && (await repairShown(world, shown, 'stream')) !== 'later';
  } catch (error) {
    if (!isBrokerFailure(error)) throw error;
    world.log.warn({ brokerOrderId, error: error.message }, 'order not read, looked at again');
    return false;
  }
}
