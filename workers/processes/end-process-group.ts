import { setTimeout as pause } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from './process-identity.js';

const ASKED_MS = 10_000;
const FORCED_MS = 5_000;
const LOOK_AGAIN_MS = 20;

/**
 * Ends a process that leads its own group, and the group with it: politely first, by force after
 * ten seconds. Resolves when it is gone; throws when even force does not end it.
 */
export async function endProcessGroup(leader: ProcessIdentity): Promise<void> {
  if (await endsWithin(leader, 'SIGTERM', ASKED_MS)) {
    return;
  }
  if (!(await endsWithin(leader, 'SIGKILL', FORCED_MS))) {
    throw new Error(`expected process ${leader.pid} to end when killed, found it running`);
  }
}

async function endsWithin(
  leader: ProcessIdentity,
  signal: NodeJS.Signals,
  timeoutMs: number,
): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs;
  if (await isRunning(leader)) {
    signalGroup(leader.pid, signal);
  }
  while (await isRunning(leader)) {
    if (performance.now() > deadlineMs) {
      return false;
    }
    await pause(LOOK_AGAIN_MS);
  }
  return true;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) {
      throw error; // ESRCH: it ended by itself in this very moment.
    }
  }
}
