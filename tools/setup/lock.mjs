import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { say } from './progress.mjs';

const LOOK_AGAIN_MS = 500;

/**
 * Runs work that only one setup at a time may do; a second one waits for the first. A lock whose
 * holder is dead is taken over, so that an interrupted setup blocks nobody.
 * @template T
 * @param {string} path the lock file
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  while (!take(path)) {
    const holder = readHolder(path);
    if (holder === undefined || isAlive(holder)) {
      if (!told && holder !== undefined) {
        say(`waiting for another setup (process ${holder.pid}) …`);
        told = true;
      }
      await pause(LOOK_AGAIN_MS);
    } else {
      removeStale(path, holder);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** The lock appears whole or not at all, because a link either is made or is not. */
function take(path) {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) }));
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') {
      return false;
    }
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function readHolder(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') {
      return undefined; // Let go just now.
    }
    if (error instanceof SyntaxError) {
      return { pid: 0, startedAt: '' }; // No setup of ours wrote this.
    }
    throw error;
  }
}

function removeStale(path, holder) {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === 'ENOENT') {
      return; // Another waiter was quicker.
    }
    throw error;
  }
  const moved = readHolder(aside);
  if (moved?.pid !== holder.pid && !existsSync(path)) {
    renameSync(aside, path); // It was no longer the stale one: put it back.
  }
  rmSync(aside, { force: true });
}

function isAlive({ pid, startedAt }) {
  return pid > 0 && startedAt !== '' && startOf(pid) === startedAt;
}

/** When a process started: with its id it names one process, also after ids are used again. */
function startOf(pid) {
  try {
    if (existsSync('/proc/self/stat')) {
      // Fields after the command name, which may hold spaces and brackets; the 22nd is the start.
      return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[19];
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH' || typeof error.status === 'number') {
      return ''; // There is no such process.
    }
    throw error;
  }
}
