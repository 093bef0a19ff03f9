import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { loadEnvironment } from '../config/index.js';
import { isRunAlive, readRunRecord } from '../workers/run-record.js';
import { EXIT } from './failure.js';
import { runCommandLine } from './run-command-line.js';
import type { Processes, Shell } from './shell.js';
import { terminalScreen } from './terminal-screen.js';

// `npm start -- …` and `npx ordinis …` end up here, with the command in process.argv.
const screen = terminalScreen(process.stdout, process.stderr);
const shell: Shell = {
  screen,
  environment: loadEnvironment(),
  processes: thisMachine(),
  workers: () => import('../workers/index.js'),
  booksAlone: () => import('../workers/books-alone.js'),
  exchangeAlone: () => import('../workers/exchange-alone.js'),
  homeDirectory: packageFolder(import.meta.dirname),
  workingDirectory: process.cwd(),
  wallMs: () => Date.now(),
  pause: async (ms) => pause(ms),
};

/** What a command leaves open, such as a connection that is kept alive, need not be waited for. */
const LINGER_MS_MAX = 250;

process.exitCode = await runCommandLine(process.argv.slice(2), {
  shell,
  operator: userInfo().username,
  openCanvas: async () => {
    const { terminalCanvas } = await import('./start/terminal-canvas.js');
    return terminalCanvas(process.stdout);
  },
});
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
if (screen.hasLostLines && process.exitCode === EXIT.fine) process.exitCode = EXIT.failure;
setTimeout(() => process.exit(), LINGER_MS_MAX).unref();

/** What was printed has left, or nobody reads it any more. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

function thisMachine(): Processes {
  return {
    readRun: readRunRecord,
    isAlive: isRunAlive,
    askToStop: (run) => void process.kill(run.pid, 'SIGTERM'),
    onSignal: (listener) => {
      process.on('SIGINT', listener);
      process.on('SIGTERM', listener);
      return () => {
        process.removeListener('SIGINT', listener);
        process.removeListener('SIGTERM', listener);
      };
    },
    exitNow: (code) => process.exit(code),
  };
}

/** The folder of the clone: the nearest one above that has a package. */
function packageFolder(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : packageFolder(dirname(from));
}
