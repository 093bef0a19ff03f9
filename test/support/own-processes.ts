import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LISTING_BYTES_MAX = 16 * 1024 * 1024;
const GONE_MS_MAX = 20_000;
const LOOK_MS = 50;

export interface OwnProcess {
  readonly pid: number;
  readonly commandLine: string;
}

/**
 * The processes whose command line names a folder: Ordinis itself, its Temporal server and its
 * exchange, whoever started them. A temporary folder is named by nobody else.
 */
export async function processesOf(folder: string): Promise<readonly OwnProcess[]> {
  const { stdout } = await run('ps', ['-axww', '-o', 'pid=,stat=,command='], {
    maxBuffer: LISTING_BYTES_MAX,
  });
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    const [, pid = '', state = '', commandLine = ''] = match ?? [];
    const isMeant = commandLine.includes(folder) && !state.startsWith('Z');
    return isMeant && Number(pid) !== process.pid ? [{ pid: Number(pid), commandLine }] : [];
  });
}

/** What of a run a process is; null: something that comes and goes, such as a backup. */
export type ProcessKind = 'exchange' | 'ordinis' | 'temporal';

const WORDS: Readonly<Record<ProcessKind, string>> = {
  exchange: 'exchange-main.js',
  ordinis: 'cli/main.js',
  temporal: ' server ',
};

export function kindOf({ commandLine }: OwnProcess): ProcessKind | null {
  const kinds = ['exchange', 'ordinis', 'temporal'] as const;
  return kinds.find((kind) => commandLine.includes(WORDS[kind])) ?? null;
}

/** Ends those of some kinds at once; the others live on. Says how many it were. */
export async function killKinds(folder: string, kinds: readonly ProcessKind[]): Promise<number> {
  const meant = (await processesOf(folder)).filter((one) => {
    const kind = kindOf(one);
    return kind !== null && kinds.includes(kind);
  });
  for (const { pid } of meant) kill(pid);
  return meant.length;
}

/** Ends them all at once, as a power cut would, and waits until they are gone. */
export async function killProcessesOf(folder: string): Promise<readonly OwnProcess[]> {
  const killed = await processesOf(folder);
  const untilMs = performance.now() + GONE_MS_MAX;
  // Looked at again: somebody may have been just starting another one.
  for (let left = killed; left.length > 0; left = await processesOf(folder)) {
    for (const { pid } of left) kill(pid);
    if (performance.now() > untilMs) {
      throw new Error(`still alive: ${left.map(({ pid }) => pid).join(', ')}`);
    }
    await pause(LOOK_MS);
  }
  return killed;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
