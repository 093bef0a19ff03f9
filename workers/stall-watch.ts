import { recoverFromStall } from '../activities/lifecycle/recover-from-stall.js';
import type { World } from '../activities/world.js';

/** How often the clocks are looked at. */
export const BEAT_MS = 1_000;
const RETRY_MS = 2_000;

export interface StallWatch {
  stop(): void;
}

/** Beats once a second, and recovers from what a beat that came late has found. */
export function startStallWatch(world: World): StallWatch {
  let isRecovering = false;
  let retryAtMs = 0;
  const beat = (): void => {
    const stall = world.stall.beat();
    if (stall === null || isRecovering || world.wallClock.monotonicMs() < retryAtMs) return;
    isRecovering = true;
    world.log.warn({ ...stall }, 'the gate is shut after a stall');
    recoverFromStall(world, stall)
      .then((message) => world.log.info({ ...stall }, `the gate is open after a stall: ${message}`))
      .catch((error: unknown) => {
        // The gate stays shut; the next look but one tries again.
        retryAtMs = world.wallClock.monotonicMs() + RETRY_MS;
        world.log.error({ error: String(error) }, 'not recovered from a stall');
      })
      .finally(() => {
        isRecovering = false;
      });
  };
  const timer = setInterval(beat, BEAT_MS);
  return { stop: () => clearInterval(timer) };
}
