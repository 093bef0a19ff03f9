import { setTimeout as pause } from 'node:timers/promises';
import { endProcessGroup } from './end-process-group.js';
import { type ProcessIdentity, untilGone } from './process-identity.js';

const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5_000;
/** A process that lived this long did well: its next death starts with a short wait again. */
const STABLE_MS = 60_000;

/** A process that was started and answers. */
export interface LaunchedProcess {
  readonly identity: ProcessIdentity;
  /** Resolves with how it ended, such as "signal SIGKILL". Never rejects. */
  readonly ended: Promise<string>;
}

/** A running process that is no child of ours, to be supervised like one that is. */
export function adoptProcess({ pid, startedAt }: ProcessIdentity): LaunchedProcess {
  const identity = { pid, startedAt };
  return { identity, ended: untilGone(identity).then(() => 'seen by nobody') };
}

export interface Supervision {
  readonly first: LaunchedProcess;
  /** Starts it again where it was, for the same callers. */
  readonly launch: () => Promise<LaunchedProcess>;
  readonly onEnded: (how: string) => void;
  /** It could not be started; it is tried again. */
  readonly onFailed: (error: unknown) => void;
  readonly onBack: (pid: number) => void;
}

export interface SupervisedProcess {
  readonly pid: () => number;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a process again whenever it ends without being asked to. Waits longer after each failure,
 * up to 5 s, and never gives up: what keeps it from starting may pass, such as a full disk, and
 * while orders are open somebody needs it.
 */
export function superviseProcess(supervision: Supervision): SupervisedProcess {
  const stopping = new AbortController();
  let current = supervision.first;
  const watch = async (): Promise<void> => {
    let backoffMs = BACKOFF_FIRST_MS;
    for (;;) {
      const startedAtMs = performance.now();
      const how = await current.ended;
      if (stopping.signal.aborted) return;
      supervision.onEnded(how);
      if (performance.now() - startedAtMs > STABLE_MS) backoffMs = BACKOFF_FIRST_MS;
      const next = await relaunch(supervision, { backoffMs, signal: stopping.signal });
      if (next === null) return;
      current = next;
      if (stopping.signal.aborted) return;
      backoffMs = Math.min(backoffMs * 2, BACKOFF_MAX_MS);
      supervision.onBack(current.identity.pid);
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
  { launch, onFailed }: Supervision,
  { backoffMs, signal }: { readonly backoffMs: number; readonly signal: AbortSignal },
): Promise<LaunchedProcess | null> {
  for (let waitMs = backoffMs; !signal.aborted; waitMs = Math.min(waitMs * 2, BACKOFF_MAX_MS)) {
    await pauseUnless(signal, waitMs);
    if (signal.aborted) return null;
    try {
      return await launch();
    } catch (error) {
      onFailed(error);
    }
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
