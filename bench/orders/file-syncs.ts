import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Calls of fsync and fdatasync by a process and all of its threads, until `stop`. */
export interface SyncCount {
  stop(): Promise<number>;
}

const ATTACH_MS_MAX = 5_000;

/** Whether strace is there; whether it may attach is known only when it does. */
export function canCountSyncs(): boolean {
  return process.platform === 'linux' && spawnSync('strace', ['-V']).status === 0;
}

/** Begins to count; null: strace may not attach to a process on this machine. */
export async function countSyncs(pid: number): Promise<SyncCount | null> {
  const child = spawn('strace', ['-f', '-c', '-e', 'trace=fsync,fdatasync', '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  const ended = once(child, 'close');
  if (!(await attached(child, lines))) {
    child.kill('SIGINT');
    await ended;
    return null;
  }
  return {
    stop: async () => {
      child.kill('SIGINT');
      await ended;
      return lines.reduce((total, line) => total + callsIn(line), 0);
    },
  };
}

async function attached(child: ChildProcess, lines: string[]): Promise<boolean> {
  if (child.stderr === null) throw new Error('expected a pipe from strace');
  const reader = createInterface({ input: child.stderr });
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ATTACH_MS_MAX);
    const settle = (isAttached: boolean): void => {
      clearTimeout(timer);
      resolve(isAttached);
    };
    reader.on('line', (line) => {
      lines.push(line);
      if (/ attached/.test(line)) settle(true);
    });
    child.once('error', () => settle(false));
    child.once('close', () => settle(false));
  });
}

/** `% time  seconds  usecs/call  calls [errors]  syscall`. */
function callsIn(line: string): number {
  const match = /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(?:fsync|fdatasync)$/.exec(line);
  return match === null ? 0 : Number(match[1]);
}
