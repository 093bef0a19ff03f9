import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BooksUnusable } from '../errors.js';

/** Beside this file in the sources and in dist/ alike: a build copies it. */
const TASK_FILE = fileURLToPath(new URL('./database-task.mjs', import.meta.url));

/** What a check of a database file came to. */
export type TaskAnswer = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Runs SQLite's quick check on a file, in a process of its own. */
export function checkFile(file: string): Promise<TaskAnswer> {
  return runTask(['check', file]);
}

/**
 * Copies a database that is in use to a new file and reads the copy back, in a process of its own.
 */
export function copyDatabase(file: string, target: string): Promise<TaskAnswer> {
  return runTask(['backup', file, target]);
}

function runTask(parameters: readonly string[]): Promise<TaskAnswer> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [TASK_FILE, ...parameters], (error, stdout, stderr) => {
      if (error === null) {
        resolve(parseAnswer(stdout));
        return;
      }
      const task = `${parameters[0]} of ${parameters[1]}`;
      const last = stderr.trim().split('\n').at(-1) ?? error.message;
      reject(new BooksUnusable(`expected the ${task} to end, found: ${last}`, { cause: error }));
    });
  });
}

function parseAnswer(text: string): TaskAnswer {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || !('ok' in parsed)) {
    throw new BooksUnusable(`expected the answer of a database task, found ${text}`);
  }
  if (parsed.ok === true) return { ok: true };
  return { ok: false, message: 'message' in parsed ? String(parsed.message) : 'no reason given' };
}
