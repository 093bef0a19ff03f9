import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand, tellingLine } from '../command.mjs';
import { SetupFailure } from '../failure.mjs';
import { readStamp, sha256, writeStamp } from '../files.mjs';
import { root, setupFolder } from '../places.mjs';
import { withProgress } from '../progress.mjs';

const STAMP = join(root, 'node_modules', '.ordinis-packages.json');
const INSTALLED = join(root, 'node_modules', '.package-lock.json');
const LOCK_FILE = join(root, 'package-lock.json');

/** Packages exactly as package-lock.json names them, with native parts for this Node. */
export const packages = { name: 'packages', minutes: 2, isMissing, run };

function isMissing() {
  const wanted = wantedStamp();
  const stamp = readStamp(STAMP);
  if (stamp?.lock === wanted.lock && stamp.node === wanted.node) {
    return false;
  }
  const isOtherNode = stamp !== undefined && stamp.node !== wanted.node;
  if (isOtherNode || !isInstalled()) {
    return true;
  }
  writeStamp(STAMP, wanted); // Somebody ran npm install by hand: nothing to do.
  return false;
}

async function run() {
  const log = join(setupFolder, 'packages.log');
  const npm = npmCommand();
  const { code, lines } = await withProgress(
    'packages: npm ci',
    () => '',
    () => runCommand(npm.command, [...npm.args, 'ci', '--no-audit', '--no-fund'], { log }),
  );
  if (code !== 0) {
    throw new SetupFailure(
      'packages',
      `expected npm ci to succeed, found exit code ${code} (${tellingLine(lines)}); ` +
        'read .setup/packages.log; a C++ toolchain (make, g++, python3) and a package registry ' +
        'are needed; then run the command again',
    );
  }
  writeStamp(STAMP, wantedStamp());
}

function wantedStamp() {
  // Native parts are built for one ABI: another Node needs another install.
  const node = `${process.platform}-${process.arch}-${process.versions.modules}`;
  return { lock: sha256(readFileSync(LOCK_FILE)), node };
}

/** Whether the installed packages are those that the lock file names. */
function isInstalled() {
  if (!existsSync(INSTALLED)) {
    return false; // npm writes it last, so an interrupted install has none.
  }
  const wanted = JSON.parse(readFileSync(LOCK_FILE, 'utf8')).packages;
  const found = readStamp(INSTALLED)?.packages ?? {};
  return Object.entries(wanted).every(([path, entry]) => {
    const installed = found[path];
    return installed === undefined
      ? path === '' || entry.optional === true || entry.devOptional === true || entry.peer === true
      : installed.version === entry.version && installed.integrity === entry.integrity;
  });
}

function npmCommand() {
  const cli = process.env.npm_execpath;
  return cli?.endsWith('npm-cli.js')
    ? { command: process.execPath, args: [cli] }
    : { command: 'npm', args: [] };
}
