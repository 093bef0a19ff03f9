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
