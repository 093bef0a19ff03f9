import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runCommand } from '../command.mjs';
import { SetupFailure } from '../failure.mjs';
import { filesBelow, readStamp, sha256, writeStamp } from '../files.mjs';
import { root, setupFolder } from '../places.mjs';
import { withProgress } from '../progress.mjs';

const DIST = join(root, 'dist');
const STAMP = join(DIST, '.ordinis-compiled.json');
const BUILD_INFO = join(DIST, '.tsbuildinfo');
const BUNDLER = join(DIST, 'tools', 'build', 'bundle-workflows.js');
const BUNDLE = join(DIST, 'workflow-bundle.js');
const TSC = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const CONFIGS = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

/** Files that code reads or starts beside itself; the compiler does not carry them. */
const ASSET = /\.(sql|json|toml|mjs)$/;
/** Runs before anything is built, from where it lies. */
const SETUP = join(root, 'tools');

/** JavaScript in dist/ and the workflow bundles, both as new as the sources. */
export const compiled = { name: 'build', minutes: 0.3, isMissing, run };

/**
 * What a build leaves in dist/, and from which source; null where it is made of many.
 * @returns {{ output: string, source: string | null }[]}
 */
export function buildOutputs() {
  const ofSources = sourceFiles().map((source) => ({ output: outputOf(source), source }));
  return [...ofSources, { output: BUNDLE, source: null }, { output: STAMP, source: null }];
}

function isMissing() {
  return readStamp(STAMP)?.sources !== sourcesHash(sourceFiles());
}

async function run() {
  const files = sourceFiles();
  const sources = sourcesHash(files);
  const before = readStamp(STAMP);
  await withProgress(
    'build: tsc',
    () => '',
    () => compile(files),
  );
  copyAssets(files);
  const bundled = bundleInputsHash(files);
  const isBundled = before?.bundled === bundled && existsSync(BUNDLE);
  if (existsSync(BUNDLER) && !isBundled) {
    await withProgress('build: workflow bundles', () => '', bundle);
  }
  writeStamp(STAMP, { sources, bundled });
}

async function compile(files) {
  removeStaleOutputs(files);
  const outputs = files.filter(isCompiled).map(outputOf);
  if (!outputs.every(existsSync)) {
    rmSync(BUILD_INFO, { force: true }); // Or tsc believes that they are there.
  }
  const log = join(setupFolder, 'build.log');
  const { code, lines } = await runCommand(
    process.execPath,
    [TSC, '-p', join(root, 'tsconfig.build.json'), '--pretty', 'false'],
    { log },
  );
  if (code !== 0) {
    const errors = lines.filter((line) => line.includes('error TS'));
    const first = errors[0] ?? lines.at(-1) ?? `exit code ${code}`;
    throw new SetupFailure(
      'build',
      `expected the sources to compile, found ${first}; run "npm run types" for all errors`,
    );
  }
}

async function bundle() {
  const log = join(setupFolder, 'bundle.log');
  const { code, lines } = await runCommand(process.execPath, [BUNDLER], { log });
  if (code !== 0) {
    throw new SetupFailure(
      'build',
      `expected the workflows to bundle, found exit code ${code} (${lines.at(-1)}); ` +
        'read .setup/bundle.log: a workflow may not import what needs Node',
    );
  }
}

function copyAssets(files) {
  for (const path of files.filter(isAsset)) {
    const output = outputOf(path);
    mkdirSync(dirname(output), { recursive: true });
    copyFileSync(path, output);
  }
}

/** Removes what was compiled from sources that are gone, so that nobody runs it by mistake. */
function removeStaleOutputs(files) {
  const wanted = new Set(files.map(outputOf));
  for (const path of filesBelow(DIST)) {
    const isOwn = dirname(path) !== DIST && (/\.(js|js\.map)$/.test(path) || ASSET.test(path));
    if (isOwn && !wanted.has(path.replace(/\.js\.map$/, '.js'))) {
      rmSync(path);
    }
  }
}

function isCompiled(path) {
  return path.endsWith('.ts') && !path.endsWith('.d.ts');
}

function isAsset(path) {
  return ASSET.test(path) && !(path.endsWith('.mjs') && path.startsWith(SETUP));
}

function outputOf(path) {
  return join(DIST, relative(root, path)).replace(/\.ts$/, '.js');
}

function sourceFiles() {
  const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  return include
    .filter((folder) => folder !== 'test' && !folder.endsWith('.ts'))
    .flatMap((folder) => filesBelow(join(root, folder), (name) => name === 'node_modules'))
    .filter((path) => isCompiled(path) || isAsset(path));
}

function sourcesHash(files) {
  const looks = files.map((path) => {
    const { size, mtimeMs } = statSync(path);
    return `${relative(root, path)} ${size} ${mtimeMs}`;
  });
  const configs = CONFIGS.map((name) => readFileSync(join(root, name), 'utf8'));
  return sha256([...looks, ...configs].join('\n'));
}

/** What can change a bundle: workflows, the pure code they may draw in, and the packages. */
function bundleInputsHash(files) {
  const inputs = files.filter((path) =>
    /^(workflows|domain|tools\/build)\//.test(relative(root, path).replaceAll('\\', '/')),
  );
  return sha256([...inputs, ...CONFIGS.map((name) => join(root, name))].map(read).join('\n'));
}

function read(path) {
  return `${path}\n${readFileSync(path, 'utf8')}`;
}
