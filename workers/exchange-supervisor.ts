import { setTimeout as pause } from 'node:timers/promises';
import { endProcessGroup } from './temporal/end-process-group.js';
import type { ProcessIdentity } from './temporal/process-identity.js';

/** An exchange that was started and answers. */
export interface LaunchedExchange {
  readonly identity: ProcessIdentity;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
}

export interface SupervisedExchange {
  readonly pid: () => number;
  readonly stop: () => Promise<void>;
}

interface Supervision {
  readonly first: LaunchedExchange;
  /** Starts it again on its port and state. */
  readonly launch: () => Promise<LaunchedExchange>;
  readonly onLine: (line: string) => void;
}

const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5_000;

/**
 * Starts the exchange again whenever it ends without being asked to. What keeps it from starting
 * may pass, such as a full disk: it is told, and tried again ever more slowly, up to every 5 s.
 */
export function superviseExchange(supervision: Supervision): SupervisedExchange {
  const stopping = new AbortController();
  let current = supervision.first;
  const watch = async (): Promise<void> => {
    for (;;) {
      await current.ended;
      if (stopping.signal.aborted) return;
      supervision.onLine('the paper exchange ended; starting it again on its state');
      const next = await relaunch(supervision, stopping.signal);
      if (next === null) return;
      current = next;
    }
  };
  const watched = watch();
  return {
    pid: () => current.identity.pid,
    stop: async () => {
      stopping.abort();
      await endProcessGroup(current.identity);
      await watched;
      await endProcessGroup(current.identity); // It may have come back just then.
    },
  };
}

/** Tries until it answers; null when it is no longer wanted. */
async function relaunch(
  { launch, onLine }: Supervision,
  signal: AbortSignal,
): Promise<LaunchedExchange | null> {
  for (
    let waitMs = BACKOFF_FIRST_MS;
    !signal.aborted;
    waitMs = Math.min(waitMs * 2, BACKOFF_MAX_MS)
  ) {
    try {
      return await launch();
    } catch (error) {
      onLine(`paper exchange: ${String(error)}; it is tried again`);
    }
    await pauseUnless(signal, waitMs);
  }
  return null;
}

async function pauseUnless(signal: AbortSignal, waitMs: number): Promise<void> {
  try {
    await pause(waitMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
