import { followInVirtualTime, realStorage, withValuesOfNow } from './followed-values.js';
import { ProcessDied } from './process-died.js';
import type { EventHandle, VirtualTime } from './virtual-time.js';

/** Work on a real database waits by the real clock, also while time is virtual. */
export const inRealTime = realStorage<true>();

interface VirtualTimer {
  handle: EventHandle;
  ref(): VirtualTimer;
  unref(): VirtualTimer;
  hasRef(): boolean;
}

type Callback = (...given: readonly unknown[]) => void;

/**
 * Puts timers of virtual time where code looks for the process's own, and gives back how to undo
 * it. A timer belongs to whoever's event set it, and ends with them.
 */
export function installVirtualTimers(time: VirtualTime): () => void {
  const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval } = globalThis;
  const real = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval };
  const virtual = new WeakSet<object>();
  const arm = (callback: () => void, delayMs: number): EventHandle =>
    time.after(delayMs, { owner: time.owner, label: '' }, () => untilDeath(callback));
  const track = (timer: VirtualTimer): VirtualTimer => {
    virtual.add(timer);
    return timer;
  };
  const clear = (timer: unknown): void => {
    if (isTimer(timer) && virtual.has(timer)) timer.handle.cancel();
    else real.clearTimeout(timer as Parameters<typeof real.clearTimeout>[0]);
  };
  Object.assign(globalThis, {
    setTimeout: (callback: Callback, delayMs = 1, ...given: readonly unknown[]) => {
      if (inRealTime.getStore() === true) return real.setTimeout(callback, delayMs, ...given);
      return track(
        timerOf(
          arm(
            withValuesOfNow(() => callback(...given)),
            delayMs,
          ),
        ),
      );
    },
    setInterval: (callback: Callback, everyMs = 1, ...given: readonly unknown[]) => {
      if (inRealTime.getStore() === true) return real.setInterval(callback, everyMs, ...given);
      const call = withValuesOfNow(() => callback(...given));
      const again = (): void => {
        timer.handle = arm(again, everyMs);
        call();
      };
      const timer = track(timerOf(arm(again, everyMs)));
      return timer;
    },
    setImmediate: (callback: Callback, ...given: readonly unknown[]) => {
      if (inRealTime.getStore() === true) return real.setImmediate(callback, ...given);
      return track(
        timerOf(
          arm(
            withValuesOfNow(() => callback(...given)),
            0,
          ),
        ),
      );
    },
    clearTimeout: clear,
    clearInterval: clear,
  });
  const unfollow = followInVirtualTime();
  return () => {
    unfollow();
    inRealTime.disable();
    Object.assign(globalThis, real);
  };
}

/** A process may die in its own timer: whatever it would have done after that does not happen. */
function untilDeath(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    if (!(error instanceof ProcessDied)) throw error;
  }
}

function isTimer(timer: unknown): timer is VirtualTimer {
  return typeof timer === 'object' && timer !== null && 'handle' in timer;
}

function timerOf(handle: EventHandle): VirtualTimer {
  const timer: VirtualTimer = {
    handle,
    ref: () => timer,
    unref: () => timer,
    hasRef: () => true,
  };
  return timer;
}
