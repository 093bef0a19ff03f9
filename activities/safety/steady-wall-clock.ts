import { epochMs } from '../../domain/values/index.js';
import type { WallClock } from '../world.js';

/** A follow is seen as more than the limit also by who reads whole milliseconds. */
const ROUNDING_MS = 1;

/**
 * Wall time that runs with the process: what is counted on it (five minutes without news, two looks
 * a minute apart) is neither shortened nor prolonged when the machine's clock is set. It follows
 * the machine's only where the two are further apart than a stall may be, by one step or by
 * several, so that the stall guard, which reads it too, finds each time that it does.
 */
export function steadyWallClock(machine: WallClock, stallMsMax: number): WallClock {
  const apart = (): number => machine.nowMs() - machine.monotonicMs();
  let bornAtMs = apart();
  return {
    ...machine,
    nowMs: () => {
      const shownMs = apart();
      if (Math.abs(shownMs - bornAtMs) > stallMsMax + ROUNDING_MS) bornAtMs = shownMs;
      return epochMs(Math.floor(bornAtMs + machine.monotonicMs()));
    },
  };
}
