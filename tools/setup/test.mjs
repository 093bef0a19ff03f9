import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './places.mjs';
import { setUp } from './setup.mjs';

// `npm test` makes what is missing, checks the code, and runs every test. `npm test -- PATH` runs
// the tests whose path holds PATH.
await setUp({ program: true, temporal: true });
const npm = (script) => ({ name: script, command: 'npm', args: ['run', '--silent', script] });
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const commands = [
  npm('format:check'),
  npm('lint'),
  npm('types'),
  {
    name: 'vitest',
    command: process.execPath,
    args: [vitest, 'run', ...process.argv.slice(2)],
  },
];
for (const { name, command, args } of commands) {
  const code = await run(command, args);
  if (code !== 0) {
    process.stderr.write(`test: ${name} ended with code ${code}\n`);
    process.exit(code);
  }
}

/** Runs a command that prints for itself. A signal to this process reaches it and is waited for. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    const forward = (signal) => child.kill(signal);
    process.on('SIGINT', forward);
    process.on('SIGTERM', forward);
    child.once('error', reject);
    child.once('close', (code) => {
      process.removeListener('SIGINT', forward);
      process.removeListener('SIGTERM', forward);
      resolve(code ?? 1);
    });
  });
}
