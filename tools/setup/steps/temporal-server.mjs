import { chmodSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SetupFailure } from '../failure.mjs';
import { filesBelow, sha256OfFile, writeStamp } from '../files.mjs';
import { TEMPORAL_VERSION, cachedCopy, cachedCopyStamp } from '../find-temporal.mjs';
import { findTemporal, isRecent, versionOf } from '../find-temporal.mjs';
import { withLock } from '../lock.mjs';
import { cacheFolder } from '../places.mjs';
import { say } from '../progress.mjs';
import { buildTemporal } from '../temporal-build.mjs';
import { RELEASES, downloadTemporal } from '../temporal-release.mjs';

const STEP = 'Temporal server';

/** The Temporal CLI, which is the embedded server. Kept outside the clone, so it is made once. */
export const temporalServer = { name: `${STEP} ${TEMPORAL_VERSION}`, isMissing, run };

async function isMissing() {
  return (await findTemporal()) === undefined;
}

async function run() {
  mkdirSync(cacheFolder(), { recursive: true });
  await withLock(`${cachedCopy()}.lock`, async () => {
    if (await isMissing()) {
      await obtain();
    }
  });
}

/** Two ways, the quick one first. Each leaves the program beside its place, never half in it. */
async function obtain() {
  removeParts();
  const part = `${cachedCopy()}.${process.pid}.part`;
  const ways = [
    { madeBy: 'download', make: () => downloadTemporal({ part, releases: RELEASES }) },
    { madeBy: 'go build', make: () => buildTemporal(part) },
  ];
  const refusals = [];
  for (const { madeBy, make } of ways) {
    const refusal = await make();
    if (refusal === undefined) {
      await keep(part, madeBy);
      return;
    }
    refusals.push(`${madeBy}: ${refusal}`);
    say(`${STEP}: no ${madeBy} (${refusal})`);
  }
  throw new SetupFailure(
    STEP,
    `expected temporal 1.8 or newer on PATH, a download, or Go 1.26.4 or newer to build it, ` +
      `found none (${refusals.join('; ')}); install Go from https://go.dev/dl or the CLI from ` +
      'https://docs.temporal.io/cli, or name one in ORDINIS_TEMPORAL_BIN',
  );
}

async function keep(part, madeBy) {
  chmodSync(part, 0o755);
  const version = await versionOf(part);
  if (!isRecent(version)) {
    rmSync(part, { force: true });
    throw new SetupFailure(
      STEP,
      `expected the ${madeBy} to give version ${TEMPORAL_VERSION}, found ` +
        `${version?.join('.') ?? 'a program that does not run'}; run the command again`,
    );
  }
  const sha256 = await sha256OfFile(part);
  renameSync(part, cachedCopy());
  const { size, mtimeMs } = statSync(cachedCopy());
  const stamp = { version: TEMPORAL_VERSION, sha256, bytes: size, mtimeMs, madeBy };
  writeStamp(cachedCopyStamp(), stamp);
}

/** What an interrupted setup left. The lock is held, so nobody is writing it. */
function removeParts() {
  const own = basename(cachedCopy());
  for (const path of filesBelow(dirname(cachedCopy()), () => true)) {
    if (basename(path).startsWith(`${own}.`) && path.endsWith('.part')) {
      rmSync(join(path), { force: true });
    }
  }
}
