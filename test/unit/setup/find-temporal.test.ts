import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setupModule, type FindTemporal } from './setup-modules.js';

const { findTemporal, TEMPORAL_VERSION } = await setupModule<FindTemporal>('find-temporal.mjs');

let folder: string;
let cached: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordinis-find-'));
  cached = join(folder, 'cache', `temporal-${TEMPORAL_VERSION}`);
  mkdirSync(join(folder, 'cache'));
  mkdirSync(join(folder, 'path'));
  vi.stubEnv('ORDINIS_CACHE_DIR', join(folder, 'cache'));
  vi.stubEnv('ORDINIS_TEMPORAL_ADDRESS', '');
  vi.stubEnv('ORDINIS_TEMPORAL_BIN', '');
  vi.stubEnv('PATH', join(folder, 'path'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A program that says it is a Temporal CLI of this version. */
function fakeTemporal(path: string, version: string): string {
  const text = `#!/bin/sh\necho "temporal version ${version} (Server 1.31.2, UI 2.50.1)"\n`;
  writeFileSync(path, text, { mode: 0o755 });
  return text;
}

function fakeCachedCopy(stampOver: object = {}): void {
  const text = fakeTemporal(cached, TEMPORAL_VERSION);
  const { size, mtimeMs } = statSync(cached);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const stamp = { version: TEMPORAL_VERSION, sha256, bytes: size, mtimeMs, ...stampOver };
  writeFileSync(`${cached}.json`, JSON.stringify(stamp));
}

describe('findTemporal', () => {
  it('an address is given → it, whatever else there is', async () => {
    vi.stubEnv('ORDINIS_TEMPORAL_ADDRESS', 'temporal:7233');
    vi.stubEnv('ORDINIS_TEMPORAL_BIN', '/nonexistent');
    await expect(findTemporal()).resolves.toEqual({ address: 'temporal:7233' });
  });

  it('a program is given → it, before the one on PATH', async () => {
    const given = join(folder, 'given');
    fakeTemporal(given, '1.8.0');
    fakeTemporal(join(folder, 'path', 'temporal'), '1.9.1');
    vi.stubEnv('ORDINIS_TEMPORAL_BIN', given);
    await expect(findTemporal()).resolves.toEqual({ binary: given });
  });

  it.each([
    ['too old', (path: string) => fakeTemporal(path, '1.7.2'), 'found version 1.7.2'],
    ['another program', (path: string) => writeFileSync(path, '#!/bin/sh\n'), 'version unknown'],
    ['absent', () => undefined, 'found no such file'],
  ])('the given program is %s → one line that says so', async (_what, make, expected) => {
    const given = join(folder, 'given');
    make(given);
    vi.stubEnv('ORDINIS_TEMPORAL_BIN', given);
    await expect(findTemporal()).rejects.toThrow(expected);
    await expect(findTemporal()).rejects.not.toThrow('\n');
  });

  it.each([
    ['1.8.2', true],
    ['1.10.0', true],
    ['1.7.9', false],
    ['0.12.0', false],
    ['2.0.0', false],
  ])('version %s on PATH → used: %s', async (version, used) => {
    const onPath = join(folder, 'path', 'temporal');
    fakeTemporal(onPath, version);
    await expect(findTemporal()).resolves.toEqual(used ? { binary: onPath } : undefined);
  });

  it('a cached copy as its stamp says → it', async () => {
    fakeCachedCopy();
    await expect(findTemporal()).resolves.toEqual({ binary: cached });
  });

  it('a cached copy with another time, its content unchanged → it', async () => {
    fakeCachedCopy();
    utimesSync(cached, 1, 1);
    await expect(findTemporal()).resolves.toEqual({ binary: cached });
  });

  it.each([
    ['half written', { bytes: 1 }],
    ['altered', { mtimeMs: 1, sha256: '0'.repeat(64) }],
    ['of another version', { version: '1.7.0' }],
  ])('a cached copy that is %s → has to be obtained again', async (_what, stampOver) => {
    fakeCachedCopy(stampOver);
    await expect(findTemporal()).resolves.toBeUndefined();
  });

  it('a cached copy without a stamp → has to be obtained again', async () => {
    fakeTemporal(cached, TEMPORAL_VERSION);
    await expect(findTemporal()).resolves.toBeUndefined();
  });
});
