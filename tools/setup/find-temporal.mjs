import { existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand } from './command.mjs';
import { SetupFailure } from './failure.mjs';
import { readStamp, sha256OfFile, writeStamp } from './files.mjs';
import { cacheFolder } from './places.mjs';

/** The release that is downloaded or built where no other is found. */
export const TEMPORAL_VERSION = '1.8.2';

/** Older servers lack flags that the embedded server is started with. */
const OLDEST = [1, 8];

/**
 * Where the Temporal server comes from, without making one: a given address, a given program, the
 * `temporal` on PATH, or the copy an earlier setup made. Undefined = it has to be obtained.
 * @returns {Promise<{ address: string } | { binary: string } | undefined>}
 */
export async function findTemporal() {
  const { ORDINIS_TEMPORAL_ADDRESS: address, ORDINIS_TEMPORAL_BIN: given } = process.env;
  if (address) {
    return { address };
  }
  if (given) {
    return { binary: await requireGiven(given) };
  }
  const onPath = findOnPath('temporal');
  if (onPath !== undefined && isRecent(await versionOf(onPath))) {
    return { binary: onPath };
  }
  return (await isCachedCopyWhole()) ? { binary: cachedCopy() } : undefined;
}

/** The program in the cache of this machine, whether or not it is there yet. */
export function cachedCopy() {
  return join(cacheFolder(), `temporal-${TEMPORAL_VERSION}`);
}

/** What is remembered of the cached program: its bytes and who made it. */
export function cachedCopyStamp() {
  return `${cachedCopy()}.json`;
}

/**
 * The version a program says it has, as numbers; undefined when it is no Temporal CLI.
 * @param {string} binary
 * @returns {Promise<readonly [number, number, number] | undefined>}
 */
export async function versionOf(binary) {
  const { code, lines } = await runCommand(binary, ['--version']);
  const match = /temporal version v?(\d+)\.(\d+)\.(\d+)/.exec(lines.join('\n'));
  return code === 0 && match !== null
    ? [Number(match[1]), Number(match[2]), Number(match[3])]
    : undefined;
}

/** @param {readonly number[] | undefined} version */
export function isRecent(version) {
  if (version === undefined) {
    return false;
  }
  const [major = 0, minor = 0] = version;
  return major === OLDEST[0] && minor >= OLDEST[1];
}

async function requireGiven(binary) {
  const version = existsSync(binary) ? await versionOf(binary) : undefined;
  if (isRecent(version)) {
    return binary;
  }
  const found = existsSync(binary) ? `version ${version?.join('.') ?? 'unknown'}` : 'no such file';
  throw new SetupFailure(
    'Temporal server',
    `expected ORDINIS_TEMPORAL_BIN=${binary} to be a Temporal CLI of 1.8 or newer, found ` +
      `${found}; correct the variable or unset it`,
  );
}

function findOnPath(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path) && statSync(path).isFile());
}

/** Compares size and time with the stamp, and the whole content only when those differ. */
async function isCachedCopyWhole() {
  const stamp = readStamp(cachedCopyStamp());
  if (stamp === undefined || stamp.version !== TEMPORAL_VERSION || !existsSync(cachedCopy())) {
    return false;
  }
  const { size, mtimeMs } = statSync(cachedCopy());
  if (size === stamp.bytes && mtimeMs === stamp.mtimeMs) {
    return true;
  }
  if (size !== stamp.bytes || (await sha256OfFile(cachedCopy())) !== stamp.sha256) {
    return false;
  }
  writeStamp(cachedCopyStamp(), { ...stamp, mtimeMs });
  return true;
}
