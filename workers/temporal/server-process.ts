import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, renameSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectToTemporal } from './connect.js';
import { endProcessGroup } from '../processes/end-process-group.js';
import { identifyProcess, isRunning, type ProcessIdentity } from '../processes/process-identity.js';
import type { LaunchedProcess } from '../processes/supervise-process.js';
import { serverArguments, type ServerCommand } from './server-command.js';
import { writeServerRecord } from './server-record.js';
import { TemporalUnavailable } from './unavailable.js';

const LOG_BYTES_MAX = 10_000_000;
const ANSWER_TIMEOUT_MS = 30_000;
const LOOK_AGAIN_MS = 20;

export interface LaunchOptions {
  readonly binary: string;
  /** Keeps the database, the record of the server and its log. */
  readonly folder: string;
  readonly command: ServerCommand;
}

/**
 * Starts the server and waits until it answers. It leads a process group of its own, so that a
 * Ctrl-C in the terminal ends Ordinis first, which still needs the server to shut down well.
 * Throws `TemporalUnavailable` when it ends instead of answering.
 */
export async function launchServer(options: LaunchOptions): Promise<LaunchedProcess> {
  const { command, folder } = options;
  const { pid, ended } = await spawnServer(options);
  const identity = await identifyProcess(pid);
  if (identity !== null) await recordServer(options, identity);
  const found = await untilAnswers(command.port, ended);
  // A stranger may answer in its place: then the server itself could not listen, and has ended.
  if (found !== ANSWERS || identity === null || !(await isRunning(identity))) {
    throw new TemporalUnavailable(
      `Temporal: expected the embedded server to answer on port ${command.port}, found ` +
        `${found} (${await lastLogLine(folder)}); read ${logPath(folder)}`,
    );
  }
  return { identity, ended };
}

/**
 * Before anything can fail: whoever comes next must be able to find it. One that nobody could find
 * is ended: never two on one file.
 */
async function recordServer(
  { folder, command }: LaunchOptions,
  identity: ProcessIdentity,
): Promise<void> {
  const { database } = command;
  try {
    await writeServerRecord(folder, { ...identity, ...portsOf(command), database });
  } catch (error) {
    await endProcessGroup(identity);
    throw new TemporalUnavailable(
      `Temporal: expected to note the server in ${folder}, found ${String(error)}; ` +
        'make room, and see that the folder can be written',
      { cause: error },
    );
  }
}

/** The program and arguments of such a server, as the system will tell them. */
export function commandLineFor({ binary, command }: LaunchOptions): string {
  return [binary, ...serverArguments(command)].join(' ');
}

const ANSWERS = 'it answers';

async function spawnServer({ binary, folder, command }: LaunchOptions): Promise<{
  readonly pid: number;
  readonly ended: Promise<string>;
}> {
  const log = openLog(folder);
  try {
    // A file, not a pipe: the server outlives a killed Ordinis. An empty environment: it needs
    // none, and the broker's keys are none of its business.
    const child = spawn(binary, serverArguments(command), {
      detached: true,
      stdio: ['ignore', log, log],
      env: {},
    });
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => {
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
      });
    });
    return await new Promise((resolve, reject) => {
      child.once('error', (error) => {
        const found = `expected ${binary} to start, found ${error.message}`;
        reject(new TemporalUnavailable(`Temporal: ${found}; run "npm run setup"`));
      });
      child.once('spawn', () => resolve({ pid: child.pid ?? 0, ended }));
    });
  } finally {
    closeSync(log);
  }
}

/** Resolves with ANSWERS, or with what was found instead: how the server ended, or silence. */
async function untilAnswers(port: number, ended: Promise<string>): Promise<string> {
  const deadlineMs = performance.now() + ANSWER_TIMEOUT_MS;
  let how: string | null = null;
  void ended.then((found) => {
    how = found;
  });
  while (!(await accepts(port))) {
    if (how !== null) {
      return how;
    }
    if (performance.now() > deadlineMs) {
      return `no answer within ${ANSWER_TIMEOUT_MS / 1000} s`;
    }
    await pause(LOOK_AGAIN_MS);
  }
  const connection = await connectToTemporal(`127.0.0.1:${port}`);
  await connection.close();
  return ANSWERS;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false)); // Nobody listens yet; the caller asks again.
  });
}

function portsOf({ port, uiPort, metricsPort }: ServerCommand) {
  return { port, uiPort, metricsPort };
}

function openLog(folder: string): number {
  const path = logPath(folder);
  if (existsSync(path) && statSync(path).size > LOG_BYTES_MAX) {
    renameSync(path, `${path}.1`);
  }
  return openSync(path, 'a', 0o600);
}

async function lastLogLine(folder: string): Promise<string> {
  const lines = (await readFile(logPath(folder), 'utf8')).trim().split('\n');
  return lines.at(-1) ?? 'it printed nothing';
}

function logPath(folder: string): string {
  return join(folder, 'server.log');
}
