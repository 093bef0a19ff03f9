import { BooksBusy } from '../errors.js';

const PAUSE_MS_MIN = 5;
const PAUSE_MS_MAX = 100;

/**
 * How long a caller still waits for the lock. The clock is the process's own, which never jumps.
 */
export interface LockWait {
  /**
   * Throws `BooksBusy` when the time is over; otherwise pauses a little longer than the last time.
   */
  pause(cause: unknown): Promise<void>;
  /** Throws `BooksBusy` when the time is over. */
  check(): void;
}

export function openLockWait(waitMsMax: number): LockWait {
  const startedAtMs = performance.now();
  let pauseMs = PAUSE_MS_MIN;
  const check = (cause?: unknown): void => {
    if (performance.now() - startedAtMs <= waitMsMax) return;
    const message = `expected the write lock of the books within ${waitMsMax} ms, found it taken`;
    throw new BooksBusy(`${message}; try again`, { cause });
  };
  return {
    check,
    pause: async (cause) => {
      check(cause);
      // Jitter, so that two processes that wait for each other do not meet again and again.
      const jitteredMs = pauseMs * (0.5 + Math.random());
      pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
      await new Promise((resolve) => setTimeout(resolve, jitteredMs));
    },
  };
}
