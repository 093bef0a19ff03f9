import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setupModule, setupPath, type Lock } from './setup-modules.js';

const { withLock } = await setupModule<Lock>('lock.mjs');

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordinis-lock-'));
  path = join(folder, 'lock');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A process that takes the lock, writes what it saw, and holds on until it is killed. */
function holder(name: string) {
  const program = `
    import { withLock } from ${JSON.stringify(pathToFileURL(setupPath('lock.mjs')).href)};
    import { appendFileSync } from 'node:fs';
    await withLock(${JSON.stringify(path)}, async () => {
      const released = new Promise((resolve) => process.once('SIGUSR2', resolve));
      const alive = setInterval(() => {}, 1000); // A pending promise alone keeps nobody alive.
      appendFileSync(${JSON.stringify(join(folder, 'seen'))}, '${name} ');
      await released;
      clearInterval(alive);
      appendFileSync(${JSON.stringify(join(folder, 'seen'))}, '${name} ');
    });`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
}

const seen = (): string =>
  existsSync(join(folder, 'seen')) ? readFileSync(join(folder, 'seen'), 'utf8') : '';

describe('withLock', () => {
  it('two processes at once: the second begins when the first has ended', async () => {
    const first = holder('first');
    await vi.waitFor(() => expect(seen()).toBe('first '), { timeout: 10_000 });
    const second = holder('second');
    const ended = once(second, 'exit');
    first.kill('SIGUSR2');
    await vi.waitFor(() => expect(seen()).toBe('first first second '), { timeout: 10_000 });
    second.kill('SIGUSR2');
    await ended;
    expect(seen()).toBe('first first second second ');
    expect(existsSync(path)).toBe(false);
  });

  it('its holder was killed: the next one takes it over', async () => {
    const first = holder('first');
    await vi.waitFor(() => expect(seen()).toBe('first '), { timeout: 10_000 });
    first.kill('SIGKILL');
    await once(first, 'exit');
    expect(existsSync(path)).toBe(true);
    await expect(withLock(path, async () => 'mine')).resolves.toBe('mine');
  });

  it.each([
    ['another process now has its id', JSON.stringify({ pid: process.pid, startedAt: '1' })],
    ['it was written by something else', 'nonsense'],
  ])('%s → taken over', async (_what, content) => {
    writeFileSync(path, content);
    await expect(withLock(path, async () => 'mine')).resolves.toBe('mine');
    expect(existsSync(path)).toBe(false);
  });

  it('the work fails → let go', async () => {
    const failing = withLock(path, () => Promise.reject(new Error('planted')));
    await expect(failing).rejects.toThrow('planted');
    expect(existsSync(path)).toBe(false);
  });
});
