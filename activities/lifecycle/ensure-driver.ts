import { OPEN_STATES } from '../../domain/order/index.js';
import { OPEN_TURN_STATES } from '../../domain/turn/index.js';
import { turnInputOf } from '../turn/turn-view.js';
import type { World } from '../world.js';

/**
 * Gives every open order and every open turn of the books its workflow again; one that runs is left
 * alone. Says how many orders are open.
 */
export async function ensureDrivers(world: World): Promise<number> {
  const open = await world.reader.orders.inStates(OPEN_STATES);
  for (const { order, correlationId } of open) {
    await world.drivers.startOrder({
      intent: order.intent,
      correlationId,
      isResumed: true,
      pollIntervalMs: world.settings.pollIntervalMs,
    });
  }
  const turns = await world.reader.turns.inStates(OPEN_TURN_STATES);
  for (const { turn } of turns) await world.drivers.startTurn(turnInputOf(turn));
  return open.length;
}
