import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LOOK_AGAIN_MS = 250;
/** Where each look is a process of its own. */
const ASK_AGAIN_MS = 2_000;

/** One process of this machine, also after the system has used its id again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; equal for the same process, different for another with the same id. */
  readonly startedAt: string;
}

/** The identity of a running process, or null when there is none with this id. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  const startedAt = existsSync('/proc/self/stat') ? await startInProc(pid) : await startInPs(pid);
  return startedAt === null ? null : { pid, startedAt };
}

/** Whether that very process still runs. A dead one that nobody has waited for does not. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const found = await identifyProcess(identity.pid);
  return found?.startedAt === identity.startedAt;
}

/** Resolves soon after that very process has gone, which need not be a child of ours. */
export async function untilGone(identity: ProcessIdentity): Promise<void> {
  while (await isRunning(identity)) {
    await pause(existsSync('/proc/self/stat') ? LOOK_AGAIN_MS : ASK_AGAIN_MS);
  }
}

/** The command line a process was started with, its words joined by blanks; null: it is gone. */
export async function commandLineOf(pid: number): Promise<string | null> {
  if (existsSync('/proc/self/cmdline')) {
    const bytes = await readOrNull(`/proc/${pid}/cmdline`);
    return bytes?.replaceAll('\0', ' ').trimEnd() ?? null;
  }
  return askPs(pid, 'command=');
}

async function startInProc(pid: number): Promise<string | null> {
  const stat = await readOrNull(`/proc/${pid}/stat`);
  // After the command name, which may hold spaces and brackets: the state, then more fields. The
  // twentieth of these is the start, in clock ticks since the machine started.
  const fields = stat?.slice(stat.lastIndexOf(') ') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' ? null : (fields[19] ?? null);
}

async function startInPs(pid: number): Promise<string | null> {
  const state = await askPs(pid, 'stat=');
  return state === null || state.startsWith('Z') ? null : askPs(pid, 'lstart=');
}

async function askPs(pid: number, column: string): Promise<string | null> {
  try {
    const { stdout } = await run('ps', ['-o', column, '-p', String(pid)]);
    return stdout.trim() === '' ? null : stdout.trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 1) {
      return null; // ps answers 1 when no process has this id.
    }
    throw error;
  }
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH') {
      return null;
    }
    throw error;
  }
}
