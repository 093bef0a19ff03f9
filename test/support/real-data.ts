import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe } from 'vitest';
import { repositoryRoot } from './repository.js';

/** Recorded market data and published expectations: beside the repository, never in it. */
export interface RealData {
  /** The folder that holds `manifest.json`. */
  readonly root: string;
  /** Every file the manifest names, as paths inside the root. */
  readonly files: readonly string[];
  /** The absolute path of a file whose bytes were compared with the manifest's sha256. */
  readonly path: (file: string) => string;
  /** The verified bytes of a file. */
  readonly read: (file: string) => Buffer;
}

interface ManifestEntry {
  readonly file: string;
  readonly sha256: string;
}

/** The recorded data of this machine, or why there is none. */
export function findRealData(): RealData | { readonly missing: string } {
  const given = process.env['ORDINIS_TEST_DATA'];
  const root = resolve(given ?? join(repositoryRoot, '..', 'shared', 'data'));
  if (!existsSync(join(root, 'manifest.json'))) {
    const where = given === undefined ? '../shared/data' : `ORDINIS_TEST_DATA=${given}`;
    return { missing: `no recorded data: expected manifest.json in ${where}` };
  }
  return openRealData(root);
}

/** Opens a data root. `path` and `read` throw for a file that is unnamed, missing or altered. */
export function openRealData(root: string): RealData {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'manifest.json'), 'utf8'));
  const sums = new Map(manifestEntries(manifest).map((entry) => [entry.file, entry.sha256]));
  const verified = new Set<string>();
  const read = (file: string): Buffer => {
    const expected = sums.get(file);
    if (expected === undefined) {
      throw new Error(`expected ${file} in the manifest of the recorded data, found no such entry`);
    }
    const bytes = readFileSync(join(root, file));
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== expected) {
      throw new Error(`expected sha256 ${expected} of ${file}, found ${found}; restore the file`);
    }
    verified.add(file);
    return bytes;
  };
  const path = (file: string): string => {
    if (!verified.has(file)) {
      read(file);
    }
    return join(root, file);
  };
  return { root, files: [...sums.keys()], path, read };
}

/**
 * A suite that needs recorded data. Where there is none it is skipped, and the reason is printed,
 * so that a run that proved less than usual says so.
 */
export function describeWithRealData(name: string, suite: (data: RealData) => void): void {
  const data = findRealData();
  if ('missing' in data) {
    process.stderr.write(`SKIPPED ${name}: ${data.missing}\n`);
    describe.skip(`${name} (${data.missing})`, () => {
      suite(UNREADABLE);
    });
    return;
  }
  describe(name, () => {
    suite(data);
  });
}

/** Lets a skipped suite be collected; nothing in it may be read. */
const UNREADABLE: RealData = { root: '', files: [], path: (file) => file, read: refuseToRead };

function refuseToRead(file: string): never {
  throw new Error(`expected recorded data to read ${file}, found none; read files inside tests`);
}

function manifestEntries(manifest: unknown): readonly ManifestEntry[] {
  const { files = [], oracles = [] } = manifest as {
    readonly files?: readonly ManifestEntry[];
    readonly oracles?: readonly ManifestEntry[];
  };
  return [...files, ...oracles];
}
