import { createWriteStream, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runCommand, tellingLine } from './command.mjs';
import { sha256OfFile } from './files.mjs';
import { TEMPORAL_VERSION } from './find-temporal.mjs';
import { dirname } from 'node:path';
import { say, withProgress } from './progress.mjs';

/** Where the makers of Temporal publish the CLI. */
export const RELEASES = 'https://github.com/temporalio/cli/releases/download';

const CONNECT_MS = 5_000;
const STALL_MS = 30_000;

/**
 * Downloads the official release into `part`, checked against the release's own checksums.
 * Answers undefined when it is there, otherwise in a few words why not.
 * @param {{ part: string, releases: string }} options
 * @returns {Promise<string | undefined>}
 */
export async function downloadTemporal({ part, releases }) {
  const archive = archiveName();
  if (archive === undefined) {
    return `no release for ${process.platform} ${process.arch}`;
  }
  const base = `${releases}/v${TEMPORAL_VERSION}`;
  const folder = mkdtempSync(join(dirname(part), 'download-'));
  try {
    const expected = sumOf(archive, await fetchText(`${base}/checksums.txt`));
    const path = join(folder, archive);
    await fetchFile(`${base}/${archive}`, path);
    const found = await sha256OfFile(path);
    if (found !== expected) {
      return `${archive} has sha256 ${found}, its release says ${expected}`;
    }
    return await unpack(path, folder, part);
  } catch (error) {
    if (error instanceof DownloadError || error instanceof TypeError || isAbort(error)) {
      return error.cause?.code ?? error.message; // fetch throws a TypeError for any lost network.
    }
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class DownloadError extends Error {}

function archiveName() {
  const system = { linux: 'linux', darwin: 'darwin' }[process.platform];
  const processor = { x64: 'amd64', arm64: 'arm64' }[process.arch];
  return system === undefined || processor === undefined
    ? undefined
    : `temporal_cli_${TEMPORAL_VERSION}_${system}_${processor}.tar.gz`;
}

function sumOf(archive, checksums) {
  const line = checksums.split('\n').find((text) => text.trim().endsWith(archive));
  const sum = line?.trim().split(/\s+/)[0];
  if (sum === undefined || !/^[0-9a-f]{64}$/.test(sum)) {
    throw new DownloadError(`checksums.txt does not name ${archive}`);
  }
  return sum;
}

async function fetchText(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(CONNECT_MS) });
  requireOk(response, url);
  return response.text();
}

async function fetchFile(url, path) {
  const stall = new AbortController();
  let timer = setTimeout(() => stall.abort(), CONNECT_MS);
  try {
    const response = await fetch(url, { signal: stall.signal });
    requireOk(response, url);
    const total = Number(response.headers.get('content-length') ?? 0);
    let received = 0;
    const body = Readable.fromWeb(response.body);
    body.on('data', (chunk) => {
      received += chunk.length;
      clearTimeout(timer);
      timer = setTimeout(() => stall.abort(), STALL_MS);
    });
    const detail = () => `${megabytes(received)} of ${megabytes(total)} MB`;
    await withProgress(`Temporal server: downloading ${url}`, detail, () =>
      pipeline(body, createWriteStream(path)),
    );
  } finally {
    clearTimeout(timer);
  }
}

async function unpack(archive, folder, part) {
  const { code, lines } = await runCommand('tar', ['-xzf', archive, '-C', folder]);
  if (code !== 0) {
    return `tar could not unpack it (${tellingLine(lines)})`;
  }
  renameSync(join(folder, 'temporal'), part);
  say('Temporal server: download matches its checksum');
  return undefined;
}

function requireOk(response, url) {
  if (!response.ok) {
    throw new DownloadError(`${url} answers ${response.status}`);
  }
}

function isAbort(error) {
  return error.name === 'AbortError' || error.name === 'TimeoutError';
}

function megabytes(bytes) {
  return Math.round(bytes / 1_000_000);
}
