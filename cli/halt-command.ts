import { closeSync, fsyncSync, openSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { CANCEL_POLICIES, type CancelPolicy, type HaltRequest } from '../workers/reference.js';
import type { RunRecord } from '../workers/run-record.js';
import { keysOfAccount } from './account-keys.js';
import { printAnswer, printProgress } from './answer.js';
import {
  aliveRun,
  chooseAccount,
  existingDataDirectory,
  hasBooks,
  killFilePath,
} from './data-folder.js';
import { EXIT, firstLineOf, UsageFault } from './failure.js';
import { readChoice } from './flag-values.js';
import { withinMs } from './patience.js';
import type { DirectHalt, Workers } from './ports.js';
import type { CommonFlags, Shell } from './shell.js';
import { renderPairs } from './table.js';
import { counted } from './words.js';

export interface HaltFlags extends CommonFlags {
  readonly reasonText?: string;
  readonly cancel: string;
  readonly by: string;
  readonly keysFile?: string;
}

/** Telling Temporal is a courtesy: everything is halted by then. */
const SIGNAL_PATIENCE_MS = 5_000;

/**
 * `ordinis halt`: stops new orders at once, with Temporal, worker and books alive or not. Each part
 * goes its own way and is reported. Exit code 0 when every part that matters was done and nothing
 * is left that nobody watches.
 */
export async function haltCommand(shell: Shell, flags: HaltFlags): Promise<number> {
  const request = readRequest(flags);
  const dataDirectory = existingDataDirectory(shell, flags);
  const run = await runIfReadable(shell, dataDirectory);
  const halt = await haltOrLeaveFile(shell, flags, { dataDirectory, run, request });
  const signal = await tellWorkflow(shell, run, {
    ...request,
    metadata: { ...request.metadata, causeId: halt.causeId },
  });
  const parts = { file: halt.file, books: halt.books, cancel: halt.cancel, signal };
  const verdict =
    halt.unresolved.length === 0 && halt.canceled !== null
      ? 'complete'
      : `halted, ${halt.unresolved.length} unresolved`;
  printAnswer(shell, flags, {
    lines: [
      ...renderPairs(Object.entries(parts)),
      ...otherAccountLines(halt),
      ...canceledLines(halt),
      ...halt.unresolved.map((line) => `unresolved: ${line}`),
      ...(run === null && halt.unresolved.length > 0
        ? ['nobody watches them: no Ordinis runs on this folder; start it (it stays halted)']
        : []),
      verdict,
    ],
    json: { ...halt, signal, verdict, isRunning: run !== null },
  });
  // The file stops every send, and a run that finds it books the halt: the row alone may fail.
  const isDone = halt.file === 'done' && halt.cancel === 'done';
  const isWatched = halt.unresolved.length === 0 || run !== null;
  return isDone && isWatched ? EXIT.fine : EXIT.failure;
}

/** A record of the run that nobody can read must not stop a halt. */
async function runIfReadable(shell: Shell, dataDirectory: string): Promise<RunRecord | null> {
  try {
    return await aliveRun(shell, dataDirectory);
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

function readRequest(flags: HaltFlags): HaltRequest {
  const policy = readChoice<CancelPolicy>('--cancel', flags.cancel, CANCEL_POLICIES);
  if (!policy.ok) throw new UsageFault([policy.fault]);
  return {
    reason: 'manual',
    message: flags.reasonText ?? 'halted by hand',
    triggeredBy: flags.by,
    metadata: {},
    cancel: policy.value,
  };
}

interface HaltPlace {
  readonly dataDirectory: string;
  readonly run: RunRecord | null;
  readonly request: HaltRequest;
}

/** Whatever breaks on the way, the file that stops every send is written. */
async function haltOrLeaveFile(
  shell: Shell,
  flags: HaltFlags,
  { dataDirectory, run, request }: HaltPlace,
): Promise<DirectHalt> {
  try {
    const workers = await shell.workers();
    const account = run?.account ?? (await accountOfFolder(shell, workers, dataDirectory));
    const { keys: credentials, faults } = keysOfAccount(shell, flags, account);
    for (const fault of faults) printProgress(shell, flags, fault);
    return await workers.haltDirectly({ dataDirectory, account, request, credentials });
  } catch (error) {
    const why = firstLineOf(error);
    printProgress(shell, flags, `the halt could not be made in full (${why}): leaving the file`);
    return {
      causeId: randomUUID(),
      file: touchDurably(killFilePath(dataDirectory)),
      books: why,
      cancel: 'nobody knows',
      canceled: null,
      otherAccount: null,
      unresolved: ['nobody knows whether the broker was asked: cancel there by hand'],
    };
  }
}

/** The account used last; that of the last run where the books cannot tell. Null: no run either. */
async function accountOfFolder(
  shell: Shell,
  workers: Workers,
  dataDirectory: string,
): Promise<string | null> {
  const inBooks = await accountInBooks(workers, dataDirectory);
  return inBooks ?? shell.processes.readRun(dataDirectory)?.account ?? null;
}

/** Null when the books cannot tell. */
async function accountInBooks(workers: Workers, dataDirectory: string): Promise<string | null> {
  if (!hasBooks(dataDirectory)) return null;
  try {
    const access = await workers.openReader(dataDirectory);
    try {
      return (await chooseAccount(access, null)).account;
    } finally {
      await access.close();
    }
  } catch (error) {
    if (error instanceof Error) return null; // Locked or damaged books must not stop a halt.
    throw error;
  }
}

function touchDurably(path: string): string {
  try {
    const descriptor = openSync(path, 'a', 0o600);
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return 'done';
  } catch (error) {
    return firstLineOf(error); // Reported: the person must stop it in another way.
  }
}

/** How telling the kill switch workflow went. */
async function tellWorkflow(
  shell: Shell,
  run: RunRecord | null,
  request: HaltRequest,
): Promise<string> {
  if (run === null) return 'not needed: no Ordinis runs on this folder';
  const tell = async (): Promise<string> => {
    const client = await (await shell.workers()).connectToRun(run);
    try {
      await client.signalHalt(request);
      return 'done';
    } finally {
      await client.close();
    }
  };
  try {
    const late = `Temporal did not answer within ${SIGNAL_PATIENCE_MS / 1000} s`;
    return await withinMs(SIGNAL_PATIENCE_MS, tell(), late);
  } catch (error) {
    return firstLineOf(error); // The run finds the cause in the books, or the file.
  }
}

/** Whoever knows of that run might believe that its exchange was halted. */
function otherAccountLines({ otherAccount }: DirectHalt): readonly string[] {
  if (otherAccount === null) return [];
  return [`the last run of this folder traded ${otherAccount}: its broker was left alone`];
}

function canceledLines({ canceled }: DirectHalt): readonly string[] {
  if (canceled === null) return ['at the broker: not reached'];
  const { open, raisers, requested, failed } = canceled;
  return [
    `at the broker: ${seen(open, raisers)}, ${requested} asked to cancel, ${failed.length} failed`,
  ];
}

function seen(open: number | null, raisers: number | null): string {
  if (open === null) return 'its lists could not be read; of what is known to raise exposure';
  const orders = counted(open, 'open order');
  return raisers === null
    ? `${orders}, all to go`
    : `${orders}, ${raisers} that can raise exposure`;
}
