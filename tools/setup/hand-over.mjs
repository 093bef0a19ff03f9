import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a program to the end of this process: what ends this one ends the program first, and its
 * exit code is this one's. A terminal sends Ctrl-C to both: it is passed on only without one.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Record<string, string>} [env] added to the environment
 */
export function handOver(program, args, env = {}) {
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  child.once('error', (error) => {
    process.stderr.write(`expected ${program} to run, found ${error.message}\n`);
    process.exit(1);
  });
  child.once('close', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
