import type { OrderRow } from '../../adapters/store/port.js';
import { OPEN_STATES } from '../../domain/order/index.js';
import { OPEN_TURN_STATES } from '../../domain/turn/index.js';
import { turnInputOf } from '../turn/turn-view.js';
import type { World } from '../world.js';

/** A start with a thousand open orders waits for the slowest of some, not for the sum of all. */
const STARTS_AT_ONCE = 50;

/**
 * Gives every open order and every open turn of the books its workflow again; one that runs is left
 * alone. Says how many orders are open.
 */
export async function ensureDrivers(world: World): Promise<number> {
  const open = await world.reader.orders.inStates(OPEN_STATES);
  for (let first = 0; first < open.length; first += STARTS_AT_ONCE) {
    const some = open.slice(first, first + STARTS_AT_ONCE);
    await Promise.all(some.map((row) => startDriver(world, row)));
  }
  const turns = await world.reader.turns.inStates(OPEN_TURN_STATES);
  for (const { turn } of turns) await world.drivers.startTurn(turnInputOf(turn));
  return open.length;
}

function startDriver(world: World, { order, correlationId }: OrderRow): Promise<void> {
  return world.drivers.startOrder({
    intent: order.intent,
    correlationId,
    isResumed: true,
    pollIntervalMs: world.settings.pollIntervalMs,
  });
}
