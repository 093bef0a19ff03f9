import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { killProcessesOf } from '../support/own-processes.js';
import { type FencedBlock, fencedBlocks } from '../support/markdown-blocks.js';
import { repositoryRoot } from '../support/repository.js';
import { firstLineMissing } from '../support/shown-output.js';
import { openStackFolder, type StackFolder } from '../support/stack-folder.js';

/** How long a block may take until it has said what the page shows. */
const PATIENCE_MS = 45_000;
const LOOK_AGAIN_MS = 250;
/** Of what was tried patiently, how much a failure shows. */
const ATTEMPTS_TOLD = 5;

/**
 * What the words behind ```sh mean. Without one, a block ends by itself with exit code 0.
 * `stays-up`: goes on running beside the blocks after it. `patient`: harmless to repeat, and
 * repeated until it says what the page shows. `exit-2`: ends with exit code 2.
 */
const WORDS: readonly string[] = ['stays-up', 'patient', 'exit-2'];

/** What is run instead of what is written: only where things are, never what is done. */
function replaced(script: string, folder: StackFolder, marketFolder: string): string {
  const { dataDirectory } = folder;
  const replacements: readonly (readonly [written: RegExp, run: string])[] = [
    // The usual folder may hold somebody's books: ORDINIS_DATA_DIR names the fresh one.
    [/(?<![\w/-])(?:\.\/)?data\//g, `${dataDirectory}/`],
    // The reader's recorded day is a short one here.
    [/\bmy-minutes\b/g, marketFolder],
  ];
  return replacements.reduce((text, [written, run]) => text.replace(written, run), script);
}

interface Example {
  readonly name: string;
  readonly block: FencedBlock;
  /** The sample output that follows the block, if one does. */
  readonly sample: readonly string[];
}

const page = readFileSync(join(repositoryRoot, 'README.md'), 'utf8');
const examples = fencedBlocks(page).flatMap((block, index, all): readonly Example[] => {
  if (block.language !== 'sh') return [];
  const next = all[index + 1];
  const sample = next?.language === 'text' ? next.lines : [];
  return [{ name: `line ${block.line}: ${block.lines.at(-1)?.trim() ?? ''}`, block, sample }];
});

let folder: StackFolder;
let marketFolder: string;
let environment: Readonly<Record<string, string>>;
/** The first block that did not do what the page shows. */
let brokenAt: string | null = null;

beforeAll(async () => {
  folder = await openStackFolder('readme');
  marketFolder = join(dirname(folder.dataDirectory), 'minutes');
  writeShortDay(marketFolder, ['SPY', 'IBM']);
  environment = {
    ...folder.environment,
    ORDINIS_DATA_DIR: folder.dataDirectory,
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
});

afterAll(async () => {
  await killProcessesOf(dirname(folder.dataDirectory));
  await folder.remove();
});

describe('README', () => {
  it('its blocks: known words only, and enough of them', () => {
    const unknown = examples.flatMap(({ block }) =>
      block.words.filter((word) => !WORDS.includes(word)),
    );
    expect(unknown).toEqual([]);
    expect(examples.length).toBeGreaterThan(10);
  });

  // In the order of the page: each block finds what the ones before it have left.
  it.for(examples)('$name → says what the page shows', { timeout: 60_000 }, async (example) => {
    if (brokenAt !== null) throw new Error(`not tried: it builds on the block of ${brokenAt}`);
    brokenAt = example.name;
    await tryOut(example);
    brokenAt = null;
  });
});

async function tryOut({ block, sample }: Example): Promise<void> {
  const script = replaced(block.lines.join('\n'), folder, marketFolder);
  if (block.words.includes('stays-up')) return staysUp(script, sample);
  if (block.words.includes('patient')) return saysInTheEnd(script, sample);
  const { code, printed } = await run(script);
  expect(firstLineMissing(sample, printed), printed.join('\n')).toBeNull();
  expect(code, printed.join('\n')).toBe(block.words.includes('exit-2') ? 2 : 0);
}

async function staysUp(script: string, sample: readonly string[]): Promise<void> {
  const { child, printed } = launch(script);
  const isTold = (): boolean => firstLineMissing(sample, printed) === null;
  const wait = { timeout: PATIENCE_MS, interval: LOOK_AGAIN_MS };
  // One that ended will say no more; what it lacks is told below, and so is a time-out.
  await vi.waitUntil(() => isTold() || child.exitCode !== null, wait).catch(() => undefined);
  expect(firstLineMissing(sample, printed), printed.join('\n')).toBeNull();
  expect(child.exitCode, printed.join('\n')).toBeNull();
}

async function saysInTheEnd(script: string, sample: readonly string[]): Promise<void> {
  const attempts: string[] = [];
  await vi.waitFor(
    async () => {
      const { code, printed } = await run(script);
      attempts.push(printed.join('\n'));
      const told = attempts.slice(-ATTEMPTS_TOLD).join('\n-- and then:\n');
      expect(firstLineMissing(sample, printed), told).toBeNull();
      expect(code, told).toBe(0);
    },
    { timeout: PATIENCE_MS, interval: LOOK_AGAIN_MS },
  );
}

interface Ended {
  readonly code: number | null;
  readonly printed: readonly string[];
}

async function run(script: string): Promise<Ended> {
  const { child, printed } = launch(script);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, printed };
}

/** Runs a script in the clone as a reader's shell would, with both of its outputs in one list. */
function launch(script: string): { readonly child: ChildProcess; readonly printed: string[] } {
  const printed: string[] = [];
  const child = spawn('bash', ['-e', '-c', script], {
    cwd: repositoryRoot,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => {
      printed.push(line.replaceAll(` --data-dir ${folder.dataDirectory}`, ''));
    });
  }
  return { child, printed };
}

const MINUTES = 40;
const OPEN_AT = Date.UTC(2013, 9, 7, 13, 30);

/** Forty minutes of one day whose prices go up and down often enough for averages to cross. */
function writeShortDay(root: string, symbols: readonly string[]): void {
  for (const symbol of symbols) {
    mkdirSync(join(root, symbol), { recursive: true });
    const rows = Array.from({ length: MINUTES }, (_, minute) => {
      const start = new Date(OPEN_AT + minute * 60_000).toISOString().replace('.000Z', 'Z');
      const cents = 15_000 + Math.round(100 * Math.sin((minute * Math.PI) / 6));
      const price = (cents / 100).toFixed(2);
      return [start, price, price, price, price, 10_000].join(',');
    });
    const text = ['t,o,h,l,c,v', ...rows, ''].join('\n');
    writeFileSync(join(root, symbol, '20131007_trade.csv'), text);
  }
}
