import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setupModule, type TemporalRelease } from './setup-modules.js';

const { downloadTemporal } = await setupModule<TemporalRelease>('temporal-release.mjs');

const PROGRAM = '#!/bin/sh\necho released\n';
const system = process.platform === 'darwin' ? 'darwin' : 'linux';
const processor = process.arch === 'arm64' ? 'arm64' : 'amd64';
const ARCHIVE = `temporal_cli_1.8.2_${system}_${processor}.tar.gz`;

let folder: string;
let part: string;
let server: Server;
let releases: string;
let files: Map<string, Buffer | string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ordinis-release-'));
  part = join(folder, 'temporal.part');
  files = new Map();
  server = createServer((request, response) => {
    const body = files.get(request.url ?? '');
    response.writeHead(body === undefined ? 404 : 200);
    response.end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  releases = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
  });
  rmSync(folder, { recursive: true, force: true });
});

function publish(sumOf: (archive: Buffer) => string): void {
  const source = mkdtempSync(join(folder, 'source-'));
  writeFileSync(join(source, 'temporal'), PROGRAM, { mode: 0o755 });
  execFileSync('tar', ['-czf', join(source, ARCHIVE), '-C', source, 'temporal']);
  const archive = readFileSync(join(source, ARCHIVE));
  rmSync(source, { recursive: true });
  files.set(`/v1.8.2/${ARCHIVE}`, archive);
  files.set('/v1.8.2/checksums.txt', `${'1'.repeat(64)}  other.tar.gz\n${sumOf(archive)}\n`);
}

const rightSum = (archive: Buffer): string =>
  `${createHash('sha256').update(archive).digest('hex')}  ${ARCHIVE}`;

describe('downloadTemporal', () => {
  it('the archive matches its checksum → the program is there, nothing else is left', async () => {
    publish(rightSum);
    await expect(downloadTemporal({ part, releases })).resolves.toBeUndefined();
    expect(readFileSync(part, 'utf8')).toBe(PROGRAM);
    expect(readdirSync(folder)).toEqual(['temporal.part']);
  });

  it.each([
    ['does not match', () => `${'0'.repeat(64)}  ${ARCHIVE}`, 'its release says 0000'],
    ['is not listed', () => '', 'checksums.txt does not name'],
    ['is not a checksum', () => `nonsense  ${ARCHIVE}`, 'checksums.txt does not name'],
  ])('the checksum %s → refused, nothing left', async (_what, sumOf, expected) => {
    publish(sumOf);
    await expect(downloadTemporal({ part, releases })).resolves.toContain(expected);
    expect(existsSync(part)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('the release is absent → says the address and the answer', async () => {
    await expect(downloadTemporal({ part, releases })).resolves.toContain('answers 404');
  });

  it('nobody answers → says why', async () => {
    await new Promise((resolve) => {
      server.close(resolve);
    });
    await expect(downloadTemporal({ part, releases })).resolves.toBe('ECONNREFUSED');
  });
});
