import type { OrderIntent } from '../../domain/order/index.js';
import type { World } from '../world.js';

/** Whether a wish is too old to be sent: its time is over, or the process stood still since. */
export function isTooOld(world: World, intent: OrderIntent): boolean {
  if (intent.decidedAtMs <= world.stall.voidThroughMs()) return true;
  return world.marketClock.nowMs() > intent.validUntilMs;
}
