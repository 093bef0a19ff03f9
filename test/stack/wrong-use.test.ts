import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesOf } from '../support/own-processes.js';
import { describeWithRealData } from '../support/real-data.js';
import { openStackFolder, type StackFolder, told } from '../support/stack-folder.js';

const FAILURE = 1;
const WRONG_USE = 2;
/** Who may read everything cannot be refused anything. */
const isRoot = process.getuid?.() === 0;

let folder: StackFolder;
let strangers: Server[];

beforeEach(async () => {
  folder = await openStackFolder('wrong');
  strangers = [];
});

afterEach(async () => {
  await Promise.all(strangers.map((server) => new Promise((done) => server.close(done))));
  await folder.remove();
});

type Environment = Readonly<Record<string, string>>;

/** One line, exit code 2, nothing on standard output, and no process left. */
function expectRefused(
  args: readonly string[],
  expected: RegExp,
  environment: Environment = {},
): Promise<void> {
  return expectOneLine(args, expected, { code: WRONG_USE, environment });
}

interface Given {
  readonly code: number;
  readonly environment?: Environment;
}

async function expectOneLine(
  args: readonly string[],
  expected: RegExp,
  { code, environment = {} }: Given,
): Promise<void> {
  const end = await folder.run(args, environment);
  expect(end.code, told(end)).toBe(code);
  expect(end.complaints).toEqual([expect.stringMatching(expected)]);
  expect(end.complaints.join('')).not.toMatch(/\n\s+at /);
  expect(await processesOf(folder.dataDirectory)).toEqual([]);
}

describe('start with what cannot be', () => {
  it.each<[string, readonly string[], RegExp, Environment?]>([
    ['an unknown strategy', ['--strategy', 'luck'], /--strategy to be one of .*found "luck"/],
    ['an odd symbol', ['--symbols', 'SPY;rm'], /--symbols.*found/],
    ['a malformed date', ['--date', '2013-02-30'], /--date to be a day.*found "2013-02-30"/],
    ['a date without trading', ['--date', '2013-12-25'], /NYSE is open, found 2013-12-25/],
    ['no speed', ['--speed', '-1'], /--speed.*found "-1"/],
    ['an unknown flag', ['--sped', '1'], /unknown option '--sped'/],
    [
      'recorded without a folder',
      ['--market', 'recorded', '--date', '2013-10-07'],
      /--market-data DIR.*found none/,
    ],
    ['no keys', ['--broker', 'alpaca-paper'], /APCA_API_KEY_ID/],
    [
      'an address that is none',
      [],
      /ORDINIS_TEMPORAL_ADDRESS.*found "nowhere"/,
      { ORDINIS_TEMPORAL_ADDRESS: 'nowhere' },
    ],
    [
      'a Temporal program that is not there',
      [],
      /ORDINIS_TEMPORAL_BIN.*no file at/,
      { ORDINIS_TEMPORAL_BIN: '/nowhere/temporal' },
    ],
  ])('%s: one line, exit code 2, no file', async (_name, args, expected, environment) => {
    await expectRefused(['start', '--once', ...args], expected, environment);
    expect(existsSync(folder.dataDirectory)).toBe(false);
  });

  it('keys in a file that others may read: one line that says so, no file', async () => {
    const keys = join(folder.dataDirectory, '..', 'keys');
    writeFileSync(keys, 'APCA_API_KEY_ID=a\nAPCA_API_SECRET_KEY=b\n');
    chmodSync(keys, 0o644);
    const args = ['start', '--broker', 'alpaca-paper', '--keys-file', keys];
    await expectRefused(args, /keys.*(600|mode)/);
    expect(existsSync(folder.dataDirectory)).toBe(false);
  });

  it('a data folder that is a file: one line, the file as it was', async () => {
    writeFileSync(folder.dataDirectory, 'mine');
    await expectRefused(['start', '--once'], /--data-dir.*found a file/);
    expect(readFileSync(folder.dataDirectory, 'utf8')).toBe('mine');
  });

  if (isRoot) process.stderr.write('SKIPPED a data folder without permission: tests run as root\n');
  it.skipIf(isRoot)('a data folder without permission: one line', async () => {
    mkdirSync(folder.dataDirectory, { mode: 0o000 });
    await expectRefused(['start', '--once'], /--data-dir.*no permission/);
  });
});

describeWithRealData('start on recorded data that does not fit', (data) => {
  const directory = join(data.root, 'minute');
  it.each<[string, readonly string[], RegExp]>([
    ['an unknown symbol', ['--date', '2013-10-07', '--symbols', 'NONE'], /data of symbol NONE/],
    ['a date without data', ['--date', '2013-10-14'], /data for --date 2013-10-14/],
    [
      'a symbol without the date',
      ['--date', '2013-10-07', '--symbols', 'AAPL'],
      /data of AAPL for --date 2013-10-07/,
    ],
  ])('%s: one line, exit code 2, no file', async (_name, args, expected) => {
    const flags = ['start', '--market', 'recorded', '--market-data', directory, ...args];
    await expectRefused(flags, expected);
    expect(existsSync(folder.dataDirectory)).toBe(false);
  });
});

describe('a start that fails on its way', () => {
  it('a corrupt database file: one line that names it, exit code 1, left as it was', async () => {
    mkdirSync(folder.dataDirectory, { mode: 0o700 });
    const file = join(folder.dataDirectory, 'ordinis.db');
    const damage = 'this is no database '.repeat(500);
    writeFileSync(file, damage);
    await expectOneLine(['start', '--once'], /ordinis\.db/, { code: FAILURE });
    expect(readFileSync(file, 'utf8')).toBe(damage);
  });

  it('a Temporal address that does not answer: one line, exit code 1, nothing runs', async () => {
    const environment = { ORDINIS_TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const given = { code: FAILURE, environment };
    await expectOneLine(['start', '--once'], /127\.0\.0\.1:1\b/, given);
    expect(existsSync(join(folder.dataDirectory, 'run.json'))).toBe(false);
  });
});

describe('a port in use', () => {
  it('of the exchange alone: one line that names it', async () => {
    const port = await holdPort();
    const expected = new RegExp(`port.*${port}|${port}.*port`);
    const args = ['exchange', '--port', String(port), '--key', 'k'];
    await expectRefused(args, expected, { APCA_API_SECRET_KEY: 'secret' });
  });
});

function holdPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const stranger = createServer((socket) => socket.destroy());
    strangers.push(stranger);
    stranger.once('error', reject);
    stranger.listen(0, '127.0.0.1', () => {
      const address = stranger.address();
      if (address === null || typeof address === 'string') reject(new Error('expected a port'));
      else resolve(address.port);
    });
  });
}
