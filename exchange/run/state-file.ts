import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { jsonOrNull } from '../../domain/values/index.js';
import type { Command } from './command.js';

/** What makes a run the same run: another market or seed may not go on with its file. */
export const runIdentitySchema = z.strictObject({
  kind: z.literal('opened'),
  version: z.literal(1),
  seed: z.string(),
  startingCashUsd: z.string(),
  partialFillShare: z.number(),
  openLeadMinutes: z.number(),
  market: z.string(),
  date: z.string(),
  symbols: z.array(z.string()),
  isRolling: z.boolean(),
  isTurbulent: z.literal(true).optional(),
  hasExtendedHours: z.literal(true).optional(),
  /** Files without it are of a time when there was only one. */
  washTradeGuard: z.enum(['crossing', 'strict']).default('crossing'),
  hardToBorrow: z.array(z.string()).default([]),
});
export type RunIdentity = z.infer<typeof runIdentitySchema>;

/** The file is not one of ours, or belongs to another run. */
export class StateFileFault extends Error {
  override readonly name = 'StateFileFault';

  constructor(
    readonly code: 'unreadable' | 'malformed' | 'other_run',
    message: string,
  ) {
    super(message);
  }
}

/** An open state file: what it already holds, and how to add to it. */
export interface StateFile {
  readonly commands: readonly Command[];
  readonly append: (command: Command) => void;
  readonly close: () => void;
}

/**
 * Opens the command log of a run, or begins it. A line that a kill cut off was never answered, so
 * it is removed, once the file is known as one of ours: of any other nothing is changed. Written
 * with one system call a command: that survives the death of the process, not of the machine.
 */
export function openStateFile(path: string, identity: RunIdentity): StateFile {
  const { lines, torn } = existsSync(path) ? readLines(path) : { lines: [], torn: null };
  const [header, ...rest] = lines;
  if (header !== undefined) checkIdentity(path, header, identity);
  else if (torn !== null && !JSON.stringify(identity).startsWith(torn.text)) throw notOurs(path);
  const commands = rest.map((line, index) => parseCommand(path, line, index + 2));
  if (torn !== null) attempt(path, () => truncateSync(path, torn.atByte));
  const descriptor = openForAppend(path);
  const writeLine = (value: object) => {
    writeSync(descriptor, `${JSON.stringify(value)}\n`);
  };
  if (header === undefined) writeLine(identity);
  return { commands, append: writeLine, close: () => closeSync(descriptor) };
}

interface FoundLines {
  /** The whole ones. */
  readonly lines: readonly string[];
  /** What stands behind them, without an end; null: nothing does. */
  readonly torn: { readonly text: string; readonly atByte: number } | null;
}

function readLines(path: string): FoundLines {
  const bytes = attempt(path, () => readFileSync(path));
  const atByte = bytes.lastIndexOf(0x0a) + 1;
  const text = bytes.subarray(atByte).toString('utf8');
  return {
    lines: bytes.subarray(0, atByte).toString('utf8').split('\n').slice(0, -1),
    torn: text === '' ? null : { text, atByte },
  };
}

function notOurs(path: string): StateFileFault {
  const message = `expected an exchange state file at ${path}, found another; name another`;
  return new StateFileFault('malformed', message);
}

function openForAppend(path: string): number {
  return attempt(path, () => openSync(path, 'a', 0o600));
}

function checkIdentity(path: string, header: string, identity: RunIdentity): void {
  const found = runIdentitySchema.safeParse(jsonOrNull(header));
  if (!found.success) throw notOurs(path);
  const keys = Object.keys(runIdentitySchema.shape) as (keyof RunIdentity)[];
  const differing = keys.find(
    (key) => JSON.stringify(found.data[key]) !== JSON.stringify(identity[key]),
  );
  if (differing === undefined) return;
  const [expected, has] = [identity[differing], found.data[differing]].map((one) => String(one));
  throw new StateFileFault(
    'other_run',
    `expected ${differing} ${expected} in ${path}, found ${has}: give this run a file of its own`,
  );
}

/** Lines after the header are our own; only their syntax can have been damaged. */
function parseCommand(path: string, line: string, lineNumber: number): Command {
  try {
    return JSON.parse(line) as Command;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new StateFileFault(
      'malformed',
      `expected JSON in line ${lineNumber} of ${path}, found damage; begin with another file`,
    );
  }
}

function attempt<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === null) throw error;
    throw new StateFileFault(
      'unreadable',
      `expected a writable file at ${path}, found ${code}; name another`,
    );
  }
}
