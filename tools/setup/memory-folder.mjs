import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const BYTES_MIN = 4 * 1024 ** 3;
const NAME = /^ordinis-test-(\d+)-/;

/**
 * A new folder in memory for the files of tests, or null where there is no room for it, or where
 * somebody has said where they belong (TMPDIR). Tests kill processes and never the machine, so that
 * nothing they prove waits for a disk. It goes with this process; one that was killed leaves its
 * folder to the next.
 */
export function openMemoryFolder() {
  if (process.env.TMPDIR !== undefined || freeBytes() < BYTES_MIN) return null;
  for (const name of readdirSync(MEMORY)) {
    const [, pid] = NAME.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) remove(join(MEMORY, name));
  }
  const path = mkdtempSync(join(MEMORY, `ordinis-test-${process.pid}-`));
  process.once('exit', () => remove(path));
  return path;
}

function freeBytes() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize;
  } catch {
    return 0; // Not on this system.
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function remove(path) {
  rmSync(path, { recursive: true, force: true });
}
