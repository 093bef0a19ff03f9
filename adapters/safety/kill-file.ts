import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import type { HaltLatch, KillFile } from './port.js';

const CAUSE_PREFIX = 'cause ';
/** Room for a whole halt request as JSON. */
const MESSAGE_LENGTH_MAX = 4_000;

/** Where something else than a file is in its place, that is an error and nothing to wait for. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/**
 * The kill file at a path. Each cause is one line; an empty or foreign file is a halt made by hand.
 */
export function openKillFile(path: string): KillFile {
  const causeIds = (): readonly string[] | null => {
    const text = readIfPresent(path);
    return text === null ? null : idsIn(text);
  };
  return {
    path,
    isEngaged: () => isEngaged(path),
    causeIds,
    messageOf: (causeId) => {
      const begin = `${CAUSE_PREFIX}${causeId} `;
      const line = readIfPresent(path)
        ?.split('\n')
        .find((one) => one.startsWith(begin));
      return line?.slice(begin.length) ?? null;
    },
    engage: ({ causeId, message }) => {
      if (causeIds()?.includes(causeId) === true) return;
      appendDurably(path, `${CAUSE_PREFIX}${causeId} ${oneLine(message)}\n`);
    },
    release: (released) => {
      const present = causeIds();
      if (present === null) return true;
      const isOurs = present.length > 0 && present.every((causeId) => released.includes(causeId));
      if (isOurs) rmSync(path, { force: true });
      return isOurs;
    },
  };
}

/** A latch that starts open. */
export function createHaltLatch(): HaltLatch {
  const causes = new Set<string>();
  return {
    isEngaged: () => causes.size > 0,
    causeIds: () => [...causes],
    engage: (causeId) => void causes.add(causeId),
    release: (released) => {
      for (const causeId of released) causes.delete(causeId);
    },
  };
}

function isEngaged(path: string): boolean {
  try {
    lstatSync(path); // A link to nowhere is there as well.
    return true;
  } catch (error) {
    // Only "there is no such file" lets orders pass; whatever else goes wrong is a halt.
    return !isMissing(error);
  }
}

function readIfPresent(path: string): string | null {
  try {
    // A pipe would be waited for, for good.
    return statSync(path).isFile() ? readFileSync(path, 'utf8') : '';
  } catch {
    // It is there and cannot be read: a halt by a hand that we cannot see.
    return isEngaged(path) ? '' : null;
  }
}

function idsIn(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const ids = lines.flatMap((line) =>
    line.startsWith(CAUSE_PREFIX) ? [line.slice(CAUSE_PREFIX.length).split(' ')[0] ?? ''] : [],
  );
  // One foreign line makes the whole file a hand's: it is never removed by us.
  return ids.length === lines.length ? ids : [];
}

function appendDurably(path: string, line: string): void {
  const descriptor = openSync(path, APPEND, 0o600);
  try {
    writeSync(descriptor, line);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, MESSAGE_LENGTH_MAX);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
