import type { RunRecord } from '../../workers/run-record.js';
import type { RunningOrdinis, ShutdownReport, StartEvent } from '../../workers/start-options.js';
import type { SessionSummary } from '../../workflows/contract/lifecycle.js';
import { printAnswer, printProgress } from '../answer.js';
import { defaultDataDirectory } from '../data-folder.js';
import { EXIT } from '../failure.js';
import { directHaltCommand } from '../links.js';
import type { Workers } from '../ports.js';
import type { Shell } from '../shell.js';
import { pollBooks } from './books-poll.js';
import {
  type Canvas,
  createLiveDisplay,
  createPlainDisplay,
  type Display,
  type RunFolder,
} from './display.js';
import { repeatFilter } from './repeats.js';
import { type FinalReport, finalJson, finalLines } from './session-summary.js';
import { readStartRequest, type StartFlags, type StartRequest } from './start-request.js';

const SAME_KEY_PRESS_MS = 1_000;

/**
 * `ordinis start`: checks everything, starts, shows what happens, and ends through the shutdown
 * workflow: at Ctrl-C, at SIGTERM, or with `--once` after one session. Exit code 0 after a clean
 * end; 1 when orders are left, when the shutdown failed or took too long, or when `--once` had no
 * session to its end.
 */
export async function startCommand(
  shell: Shell,
  flags: StartFlags,
  openCanvas: () => Promise<Canvas>,
): Promise<number> {
  const request = await readStartRequest(shell, flags);
  const folder: RunFolder = {
    dataDirectory: request.dataDirectory,
    usualDirectory: defaultDataDirectory(shell),
  };
  const isLive = shell.screen.isTerminal && flags.json !== true;
  const display = isLive
    ? createLiveDisplay(await openCanvas(), folder, {
        columns: () => shell.screen.columns,
        haltHint: directHaltCommand(folder),
      })
    : createPlainDisplay((line) => printProgress(shell, flags, line), folder);
  const startedAtMs = shell.wallMs();
  const workers = await shell.workers();
  const stopper = createStopper(shell, display);
  let ended: Ended;
  try {
    ended = await runToTheEnd({ workers, request, display, stopper, isLive });
  } finally {
    stopper.release();
    display.end();
  }
  const report: FinalReport = {
    ...ended,
    ...(await lastState(workers, request.dataDirectory, ended.account)),
    wallMs: shell.wallMs() - startedAtMs,
  };
  printAnswer(shell, flags, { lines: finalLines(report), json: finalJson(report) });
  const isMissing = request.once && ended.summary === null;
  return ended.shutdown.outcome === 'stopped' && !isMissing ? EXIT.fine : EXIT.failure;
}

type Ended = Pick<FinalReport, 'summary' | 'shutdown' | 'account'>;

interface RunParts {
  readonly workers: Workers;
  readonly request: StartRequest;
  readonly display: Display;
  readonly stopper: Stopper;
  readonly isLive: boolean;
}

async function runToTheEnd(parts: RunParts): Promise<Ended> {
  const { workers, request, display, stopper, isLive } = parts;
  let summary: SessionSummary | null = null;
  const isRepeat = repeatFilter();
  const onEvent = (event: StartEvent): void => {
    if (event.kind === 'session_ended') summary = event.summary;
    if (!isRepeat(event)) display.onEvent(event);
  };
  const running = await workers.start({ ...request, onEvent });
  stopper.attach(running);
  const { account } = running.run;
  const { dataDirectory } = request;
  const poll = isLive ? pollBooks({ workers, dataDirectory, account, display }) : null;
  try {
    const shutdown = await untilStopped(running, request.once);
    const first = request.once ? await running.firstSession : null;
    return { summary: first ?? summary, shutdown, account };
  } finally {
    await poll?.stop();
  }
}

async function untilStopped(running: RunningOrdinis, once: boolean): Promise<ShutdownReport> {
  if (!once) return running.stopped;
  await Promise.race([running.firstSession, running.stopped]);
  await running.stop('end of session');
  return running.stopped;
}

interface Stopper {
  /** Passes on what was asked for meanwhile. */
  attach(running: RunningOrdinis): void;
  release(): void;
}

/** The first signal shuts down in order; the second leaves at once: a start recovers. */
function createStopper(shell: Shell, display: Display): Stopper {
  let running: RunningOrdinis | null = null;
  let requestedBy: string | null = null;
  let requestedAtMs = 0;
  const stop = (): void => {
    // What came of it is awaited as `running.stopped`; here it is only asked for.
    if (running !== null && requestedBy !== null) void running.stop(requestedBy);
  };
  const release = shell.processes.onSignal((signal) => {
    if (requestedBy !== null) {
      // One Ctrl-C arrives twice below npm: from the terminal, and passed on by npm.
      if (shell.wallMs() - requestedAtMs < SAME_KEY_PRESS_MS) return;
      display.end();
      shell.processes.exitNow(EXIT.interrupted);
      return;
    }
    requestedBy = signal;
    requestedAtMs = shell.wallMs();
    const when = running === null ? 'as soon as it is up' : 'now';
    display.onStopRequest(`${signal}: shutting down ${when}; Ctrl-C again leaves at once (safe)`);
    stop();
  });
  return {
    attach: (up) => {
      running = up;
      stop();
    },
    release,
  };
}

/** What the books say after the end; not knowing it must not hide how the run ended. */
async function lastState(
  workers: Workers,
  dataDirectory: string,
  account: RunRecord['account'],
): Promise<Pick<FinalReport, 'state' | 'haltMode'>> {
  try {
    const access = await workers.openReader(dataDirectory);
    try {
      const reader = access.reader(account);
      const system = await reader.systemState.get();
      return {
        state: system?.state ?? null,
        haltMode: (await reader.account())?.haltMode ?? null,
      };
    } finally {
      await access.close();
    }
  } catch (error) {
    if (error instanceof Error) return { state: null, haltMode: null };
    throw error;
  }
}
