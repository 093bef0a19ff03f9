import type { OutboxRow } from '../adapters/store/port.js';
import { engageCommitted } from '../activities/safety/engage-committed.js';
import type { World } from '../activities/world.js';
import { isClosed } from '../domain/order/index.js';
import { type HaltRequest, readHaltRequest } from '../domain/safety/halt-request.js';
import { isTurnOver } from '../domain/turn/index.js';
import type { OrderInput, OrderView, TurnInput } from '../workflows/contract/index.js';
import { resumedInput } from '../activities/order/driver-input.js';

const IDLE_LOOK_MS = 1_000;
const BATCH_MAX = 100;
const RECONCILE_EVERY_MS = 5_000;
/** Longest wall time that a burst of frames holds up what orders are told. */
const HELD_MS_MAX = 3_000;

export interface OutboxDrainer {
  /** Ends after what is under way, and one last look at what orders were to be told. */
  stop(): Promise<void>;
}

/**
 * Delivers what committed transactions have asked for: drivers of orders and turns, their signals,
 * halts, reconciliations. Woken by commits that posted something and every second; a message that
 * cannot be delivered stays and is tried again: halts first, then by age.
 */
export function startOutboxDrainer(world: World): OutboxDrainer {
  let stopped = false;
  let wake: (() => void) | null = null;
  // Posted while a look is under way, it may have come too late for it.
  let isPosted = false;
  let reconciledAtMs = Number.NEGATIVE_INFINITY;
  const unsubscribe = world.books.onCommit((_account, hasPosted) => {
    if (!hasPosted) return;
    isPosted = true;
    wake?.();
  });
  const isBurst = watchBurst(world);
  const deliver = (row: OutboxRow): Promise<boolean> => {
    if (row.kind === 'signal_order' && isBurst()) return Promise.resolve(false);
    if (row.kind !== 'reconcile') return deliverRow(world, row);
    const nowMs = world.wallClock.monotonicMs();
    if (nowMs - reconciledAtMs < RECONCILE_EVERY_MS) return Promise.resolve(false);
    reconciledAtMs = nowMs;
    return deliverRow(world, row);
  };
  const running = (async () => {
    while (!stopped) {
      isPosted = false;
      const isIdle = !(await drainOnce(world, deliver));
      if (isIdle && !isPosted && !stopped) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, IDLE_LOOK_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = null;
      }
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      unsubscribe();
      wake?.();
      await running;
      // What was left to a call that was under way has been told by its result since.
      await drainOnce(world, async (row) => row.kind === 'signal_order' && deliverRow(world, row));
    },
  };
}

/**
 * Whether telling orders would take the processor from the books: while many frames wait to be
 * booked, but not for long.
 */
function watchBurst({ frames, wallClock }: World): () => boolean {
  let sinceMs: number | null = null;
  return () => {
    if (!frames.isLong()) sinceMs = null;
    else sinceMs ??= wallClock.monotonicMs();
    return sinceMs !== null && wallClock.monotonicMs() - sinceMs < HELD_MS_MAX;
  };
}

/** True when something was delivered, so that there may be more. */
async function drainOnce(
  world: World,
  deliver: (row: OutboxRow) => Promise<boolean>,
): Promise<boolean> {
  try {
    const rows = await world.reader.outbox.undelivered(BATCH_MAX);
    const delivered = await Promise.all(
      rows.map(async (row) => ({ row, done: await isDelivered(world, row, deliver) })),
    );
    const done = delivered.filter((one) => one.done).map((one) => one.row);
    if (done.length === 0) return false;
    world.crashPoint('after-delivery');
    await world.books.transaction(world.account, async (transaction) => {
      for (const row of done) {
        await transaction.outbox.markDelivered(row.kind, row.target, row.version);
      }
    });
    return true;
  } catch (error) {
    // The books are away: everything stays in the outbox, and the next look tries again.
    world.log.warn({ error: String(error) }, 'outbox waits');
    return false;
  }
}

/** A message that cannot be delivered stays, and holds up none of the others. */
async function isDelivered(
  world: World,
  row: OutboxRow,
  deliver: (row: OutboxRow) => Promise<boolean>,
): Promise<boolean> {
  try {
    return await deliver(row);
  } catch (error) {
    const { kind, target } = row;
    world.log.warn({ kind, target, error: String(error) }, 'outbox waits');
    return false;
  }
}

async function deliverRow(world: World, row: OutboxRow): Promise<boolean> {
  const { drivers } = world;
  switch (row.kind) {
    case 'start_order':
      await drivers.startOrder(parse<OrderInput>(row.payload));
      return true;
    case 'signal_order':
      return signalOrder(world, parse<OrderView>(row.payload));
    case 'start_turn':
      await drivers.startTurn(parse<TurnInput>(row.payload));
      return true;
    case 'signal_turn':
      return signalTurn(world, parse<TurnInput>(row.payload));
    case 'signal_halt':
      return signalHalt(world, readHaltRequest(JSON.parse(row.payload)));
    case 'reconcile':
      await drivers.requestReconciliation(parse<{ trigger: string }>(row.payload).trigger);
      return true;
  }
}

/**
 * Engaged here first: latch, file and cancel wait for no workflow, which verifies and reports.
 */
async function signalHalt(world: World, request: HaltRequest): Promise<boolean> {
  const { causeId } = request.metadata;
  if (typeof causeId === 'string') await engageCommitted(world, causeId);
  await world.drivers.signalHalt(request);
  return true;
}

/**
 * An open order without a running driver gets one; of a closed one there is nobody left to tell.
 */
async function signalOrder(world: World, view: OrderView): Promise<boolean> {
  const standing = world.driverCalls.standing(view.clientOrderId, view.version);
  if (standing === 'told') return true;
  if (standing === 'telling') return false;
  if ((await world.drivers.signalOrder(view)) === 'delivered') return true;
  const row = await world.reader.orders.byClientOrderId(view.clientOrderId);
  if (row === null || isClosed(view.state)) return true;
  await world.drivers.startOrder(resumedInput(world, row));
  return true;
}

/**
 * A turn that has something left to do gets a driver; of one that is over nobody is left to tell.
 */
async function signalTurn(world: World, input: TurnInput): Promise<boolean> {
  if ((await world.drivers.signalTurn(input.turnId)) === 'delivered') return true;
  const row = await world.reader.turns.byId(input.turnId);
  if (row !== null && !isTurnOver(row.turn)) await world.drivers.startTurn(input);
  return true;
}

/** What our own transactions wrote. */
function parse<Payload>(text: string): Payload {
  return JSON.parse(text) as Payload;
}
