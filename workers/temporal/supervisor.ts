import { setTimeout as pause } from 'node:timers/promises';
import { endProcessGroup } from './end-process-group.js';
import { launchServer, type LaunchOptions, type ServerProcess } from './server-process.js';
import { endLeftoverServer, removeServerRecord } from './server-record.js';
import { TemporalUnavailable } from './unavailable.js';

const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5_000;
/** A server that lived this long did well: the next death starts with a short wait again. */
const STABLE_MS = 60_000;

export interface SupervisorOptions {
  readonly launch: LaunchOptions;
  readonly server: ServerProcess;
  readonly onLine: (line: string) => void;
  readonly onRestart?: (pid: number) => void;
}

export interface SupervisedServer {
  readonly pid: () => number;
  readonly stop: () => Promise<void>;
}

/**
 * Starts the server again whenever it ends without being asked to, on the same ports and the same
 * file, so that clients reconnect by themselves. Waits longer after each failure, up to 5 s, and
 * never gives up: while orders are open somebody needs their workflows.
 */
export function superviseServer(options: SupervisorOptions): SupervisedServer {
  const { launch, onLine, onRestart } = options;
  const stopping = new AbortController();
  let server = options.server;

  const watch = async (): Promise<void> => {
    let backoffMs = BACKOFF_FIRST_MS;
    for (;;) {
      const startedAtMs = performance.now();
      const how = await server.ended;
      if (stopping.signal.aborted) {
        return;
      }
      onLine(`the Temporal server ended (${how}): starting it again`);
      if (performance.now() - startedAtMs > STABLE_MS) {
        backoffMs = BACKOFF_FIRST_MS;
      }
      const next = await relaunch(options, { backoffMs, signal: stopping.signal });
      if (next === null) {
        return;
      }
      server = next;
      if (stopping.signal.aborted) {
        return;
      }
      backoffMs = Math.min(backoffMs * 2, BACKOFF_MAX_MS);
      onLine(`the Temporal server is back (process ${server.identity.pid})`);
      onRestart?.(server.identity.pid);
    }
  };

  const watched = watch();
  return {
    pid: () => server.identity.pid,
    stop: async () => {
      stopping.abort();
      await endProcessGroup(server.identity);
      await watched;
      await endProcessGroup(server.identity); // It may have come back just then.
      await removeServerRecord(launch.folder);
    },
  };
}

/** Tries until the server answers; null when it is no longer wanted. */
async function relaunch(
  { launch, onLine }: SupervisorOptions,
  { backoffMs, signal }: { readonly backoffMs: number; readonly signal: AbortSignal },
): Promise<ServerProcess | null> {
  for (let waitMs = backoffMs; !signal.aborted; waitMs = Math.min(waitMs * 2, BACKOFF_MAX_MS)) {
    await pauseUnless(signal, waitMs);
    if (signal.aborted) {
      return null;
    }
    try {
      await endLeftoverServer(launch.folder);
      return await launchServer(launch);
    } catch (error) {
      // Whatever it was may pass, such as a full disk: who watches must not end by it.
      const isForAPerson = error instanceof TemporalUnavailable;
      onLine(isForAPerson ? error.message : `Temporal: ${String(error)}; it is tried again`);
    }
  }
  return null;
}

async function pauseUnless(signal: AbortSignal, waitMs: number): Promise<void> {
  try {
    await pause(waitMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
}
