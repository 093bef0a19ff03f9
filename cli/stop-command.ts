import type { SystemStateRow } from '../adapters/store/port.js';
import { type Answer, printAnswer, printProgress } from './answer.js';
import type { RunRecord } from '../workers/run-record.js';
import {
  aliveRun,
  existingDataDirectory,
  hasBooks,
  startingProcess,
  withBooks,
} from './data-folder.js';
import { CommandFailure, EXIT } from './failure.js';
import type { CommonFlags, Shell } from './shell.js';

const LOOK_AGAIN_MS = 100;
/** Longer than a shutdown may take by itself. */
const PATIENCE_MS = 60_000;

/**
 * `ordinis stop`: asks the running process to shut down in order and waits until it is gone; one
 * that starts is asked once it is up. With none running there is nothing to do, which is fine. Exit
 * code 0 after a clean end; 1 when something was left that a person must look at, as for the run.
 */
export async function stopCommand(shell: Shell, flags: CommonFlags): Promise<number> {
  const dataDirectory = existingDataDirectory(shell, flags);
  const run = await runOnceUp(shell, flags, dataDirectory);
  if (run === null) {
    printAnswer(shell, flags, {
      lines: [`no Ordinis runs on ${dataDirectory}`],
      json: { stopped: false, wasRunning: false, state: null, message: null },
    });
    return EXIT.fine;
  }
  shell.processes.askToStop(run);
  printProgress(shell, flags, `asked process ${run.pid} to shut down; waiting until it is gone`);
  const untilMs = shell.wallMs() + PATIENCE_MS;
  while (await shell.processes.isAlive(run)) {
    if (shell.wallMs() > untilMs) {
      throw new CommandFailure([
        `expected process ${run.pid} to end within ${PATIENCE_MS / 1000} s, found it running; ` +
          'look at its output, or kill it: a new start recovers',
      ]);
    }
    await shell.pause(LOOK_AGAIN_MS);
  }
  const system = hasBooks(dataDirectory)
    ? await withBooks(shell, { ...flags, account: run.account }, ({ reader }) =>
        reader.systemState.get(),
      )
    : null;
  printAnswer(shell, flags, endAnswer(system));
  return system?.state === 'stopped' ? EXIT.fine : EXIT.failure;
}

/** What the books say of the end, with what was left. */
function endAnswer(system: SystemStateRow | null): Answer {
  if (system === null) {
    return {
      lines: ['ended, and the books do not say how'],
      json: { stopped: false, wasRunning: true, state: null, message: null },
    };
  }
  const { state, message } = system;
  const hasStopped = state === 'stopped' || state === 'stopped_unsettled';
  return {
    lines: [hasStopped ? message : `ended in state ${state}: ${message}`],
    json: { stopped: state === 'stopped', wasRunning: true, state, message },
  };
}

/** The run of the folder, waited for while it starts. Null: none runs, and none starts. */
async function runOnceUp(
  shell: Shell,
  flags: CommonFlags,
  dataDirectory: string,
): Promise<RunRecord | null> {
  const untilMs = shell.wallMs() + PATIENCE_MS;
  for (let isTold = false; ; isTold = true) {
    const run = await aliveRun(shell, dataDirectory);
    if (run !== null) return run;
    const pid = await startingProcess(shell, dataDirectory);
    if (pid === null) return null;
    if (!isTold) printProgress(shell, flags, `starting: process ${pid}; waiting until it is up`);
    if (shell.wallMs() > untilMs) {
      throw new CommandFailure([
        `expected process ${pid} to be up within ${PATIENCE_MS / 1000} s, found it starting; ` +
          'look at its output, or kill it: a new start recovers',
      ]);
    }
    await shell.pause(LOOK_AGAIN_MS);
  }
}
