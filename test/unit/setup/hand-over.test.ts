import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../support/repository.js';

const MODULE = join(repositoryRoot, 'tools', 'setup', 'hand-over.mjs');

/** A process that hands over to a program of this text; both print to our pipe. */
function handedOver(program: string) {
  const text = `import { handOver } from ${JSON.stringify(MODULE)};
    handOver(process.execPath, ['-e', ${JSON.stringify(program)}]);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).once('line', resolve);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, line, ended };
}

const WAITS = 'console.log(process.pid); setInterval(() => undefined, 1_000);';

describe('handOver', () => {
  it.each([
    { signal: 'SIGTERM', code: 143 },
    { signal: 'SIGINT', code: 130 },
  ] as const)('$signal to the one that started it → both end', async ({ signal, code }) => {
    const { child, line, ended } = handedOver(WAITS);
    const pid = Number(await line);
    child.kill(signal);
    expect(await ended).toBe(code);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('the exit code of the program → that of the process', async () => {
    const { ended } = handedOver('process.exit(7)');
    expect(await ended).toBe(7);
  });
});
