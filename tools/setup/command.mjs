import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './places.mjs';

const TAIL_LINES = 200;

/** Children that still run, so that an interrupted setup leaves none behind. */
const running = new Set();

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd]
 * @property {Record<string, string>} [env] added to the environment
 * @property {string} [log] a file that keeps everything the command printed
 * @property {(line: string) => void} [onLine]
 */

/**
 * Runs a command and keeps what it printed. Resolves with its exit code (127 when it could not be
 * started) and its last lines; never rejects.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {CommandOptions} [options]
 * @returns {Promise<{ code: number, lines: readonly string[] }>}
 */
export function runCommand(command, args, options = {}) {
  const { cwd = root, env = {}, log, onLine } = options;
  const lines = [];
  const file = log === undefined ? undefined : openLog(log);
  const keep = (line) => {
    lines.push(line);
    if (lines.length > TAIL_LINES) {
      lines.shift();
    }
    file?.write(`${line}\n`);
    onLine?.(line);
  };
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    createInterface({ input: child.stdout }).on('line', keep);
    createInterface({ input: child.stderr }).on('line', keep);
    const end = (code) => {
      running.delete(child);
      file?.end();
      resolve({ code, lines });
    };
    child.once('error', (error) => {
      keep(error.message);
      end(127);
    });
    child.once('close', (code) => end(code ?? 1));
  });
}

/** Ends what setup still runs. */
export function endCommands() {
  for (const child of running) {
    child.kill('SIGTERM');
  }
}

/** While setup works, Ctrl-C and SIGTERM end it and its children; returns how to undo that. */
export function endCommandsOnSignals() {
  const stop = (signal) => {
    endCommands();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return () => {
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
  };
}

/**
 * The line a person wants to see of a failed command: the first that speaks of an error.
 * @param {readonly string[]} lines
 */
export function tellingLine(lines) {
  const written = lines.map((line) => line.trim()).filter((line) => line !== '');
  // "npm error code EUSAGE" says less than the line after it.
  const errors = written.filter((line) => /\berror\b(?! code)/i.test(line) && line.length > 10);
  return errors[0] ?? written.at(-1) ?? 'it printed nothing';
}

function openLog(path) {
  mkdirSync(dirname(path), { recursive: true });
  return createWriteStream(path);
}
