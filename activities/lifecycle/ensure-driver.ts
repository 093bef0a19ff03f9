import { OPEN_STATES } from '../../domain/order/index.js';
import type { World } from '../world.js';

/**
 * Gives every open order of the books its workflow again; one that runs is left alone. Says how
 * many are open.
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
  return open.length;
}
