import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * Every file below a folder, sorted, as paths that begin with the folder.
 * @param {string} folder
 * @param {(name: string) => boolean} [skipFolder]
 * @returns {string[]}
 */
export function filesBelow(folder, skipFolder = () => false) {
  if (!existsSync(folder)) {
    return [];
  }
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        return skipFolder(entry.name) ? [] : filesBelow(path, skipFolder);
      }
      return entry.isFile() ? [path] : [];
    });
}

/** @param {string | Uint8Array} data */
export function sha256(data) {
  return createHash('sha256').update(data).digest('hex');
}

/** @param {string} path */
export async function sha256OfFile(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * What a stamp says, or undefined when there is none that can be read.
 * @param {string} path
 * @returns {Record<string, unknown> | undefined}
 */
export function readStamp(path) {
  if (!existsSync(path)) {
    return undefined;
  }
  try {
    const stamp = JSON.parse(readFileSync(path, 'utf8'));
    return typeof stamp === 'object' && stamp !== null ? stamp : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined; // Written only in part by an interrupted setup: make it again.
    }
    throw error;
  }
}

/**
 * Writes a stamp as one step: a reader sees the old one or the new one.
 * @param {string} path
 * @param {Record<string, unknown>} stamp
 */
export function writeStamp(path, stamp) {
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, `${JSON.stringify(stamp, null, 2)}\n`);
  renameSync(part, path);
}
