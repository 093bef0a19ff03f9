import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStartRequest, type StartFlags } from '../../cli/start/start-request.js';
import { marketFolder } from './market-folder-fixture.js';
import { type TestShell, testShell } from './shell-fixture.js';

const RECORDED = { SPY: ['2013-10-07', '2013-10-08'], IBM: ['2013-10-07'] };
const BIN = { ORDINIS_TEMPORAL_BIN: process.execPath };

interface Fault {
  readonly name: string;
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Parts of the one line. */
  readonly says: readonly string[];
}

const recorded = (...words: readonly string[]): readonly string[] => [
  '--market',
  'recorded',
  '--market-data',
  'minute',
  ...words,
];

const FAULTS: readonly Fault[] = [
  {
    name: 'an unknown market',
    words: ['--market', 'live'],
    says: ['--market', 'synthetic, recorded', '"live"'],
  },
  {
    name: 'a recorded market without a folder',
    words: ['--market', 'recorded', '--date', '2013-10-07'],
    says: ['--market-data DIR'],
  },
  { name: 'a recorded market without a date', words: recorded(), says: ['--date YYYY-MM-DD'] },
  {
    name: 'a folder that is none',
    words: ['--market', 'recorded', '--market-data', 'nowhere', '--date', '2013-10-07'],
    says: ['nowhere', 'found none'],
  },
  {
    name: 'a malformed date',
    words: ['--date', '2013-13-45'],
    says: ['YYYY-MM-DD', '"2013-13-45"'],
  },
  {
    name: 'a date in another order',
    words: ['--date', '07.10.2013'],
    says: ['YYYY-MM-DD', '"07.10.2013"'],
  },
  {
    name: 'a Sunday',
    words: ['--date', '2013-10-06'],
    says: ['NYSE is open', '2013-10-04 or 2013-10-07'],
  },
  {
    name: 'a date without data of a symbol',
    words: recorded('--date', '2013-10-08', '--symbols', 'IBM'),
    says: ['IBM', '2013-10-08', '2013-10-07'],
  },
  {
    name: 'a date without any data',
    words: recorded('--date', '2013-10-09'),
    says: ['2013-10-09', '2013-10-07, 2013-10-08'],
  },
  {
    name: 'an unknown symbol',
    words: recorded('--date', '2013-10-07', '--symbols', 'SPY,TSLA'),
    says: ['TSLA', 'IBM, SPY'],
  },
  {
    name: 'a symbol that is none',
    words: ['--symbols', 'SPY,../x'],
    says: ['--symbols', '"../x"'],
  },
  {
    name: 'a data folder for a synthetic market',
    words: ['--market-data', 'minute'],
    says: ['no --market-data', '--market recorded'],
  },
  {
    name: 'an unknown strategy',
    words: ['--strategy', 'magic'],
    says: ['moving-average-cross, demonstration', '"magic"'],
  },
  {
    name: 'parameters that are no JSON',
    words: ['--strategy-parameters', '{fast'],
    says: ['JSON object', '"{fast"'],
  },
  {
    name: 'parameters that are a list',
    words: ['--strategy-parameters', '[1]'],
    says: ['JSON object'],
  },
  {
    name: 'a misspelt parameter',
    words: ['--strategy-parameters', '{"fastBar":3}'],
    says: ['--strategy-parameters of demonstration', 'fastBar'],
  },
  {
    name: 'a speed that is no number',
    words: ['--speed', 'fast'],
    says: ['--speed', 'max', '"fast"'],
  },
  { name: 'a speed of zero', words: ['--speed', '0'], says: ['--speed', 'above 0'] },
  { name: 'a negative speed', words: ['--speed=-5'], says: ['--speed', '"-5"'] },
  { name: 'a seed that is no number', words: ['--seed', 'x'], says: ['--seed', 'whole number'] },
  {
    name: 'a seed for a recorded market',
    words: recorded('--date', '2013-10-07', '--seed', '3'),
    says: ['no --seed'],
  },
  {
    name: 'an unknown broker',
    words: ['--broker', 'ib'],
    says: ['exchange, alpaca-paper', '"ib"'],
  },
  {
    name: 'a data feed for the exchange',
    words: ['--data-feed', 'sip'],
    says: ['no --data-feed', '--broker exchange'],
  },
  {
    name: 'an unknown policy',
    words: ['--cancel-at-shutdown', 'all'],
    says: ['keep-protection, cancel-all, none'],
  },
  {
    name: 'a file in the place of the data folder',
    words: ['--data-dir', 'taken'],
    says: ['--data-dir', 'found a file'],
  },
  {
    name: 'a data folder without a name',
    words: ['--data-dir', ''],
    says: ['--data-dir', 'found ""'],
  },
  {
    name: 'no Temporal server',
    words: [],
    environment: { APCA_API_KEY_ID: '' },
    says: ['ORDINIS_TEMPORAL_BIN', 'npm start'],
  },
  {
    name: 'a Temporal program that is not there',
    words: [],
    environment: { ORDINIS_TEMPORAL_BIN: '/nowhere/temporal' },
    says: ['/nowhere/temporal'],
  },
  {
    name: 'a malformed Temporal address',
    words: [],
    environment: { ORDINIS_TEMPORAL_ADDRESS: 'localhost' },
    says: ['ORDINIS_TEMPORAL_ADDRESS', 'HOST:PORT', '"localhost"'],
  },
  {
    name: 'a misspelt variable',
    words: [],
    environment: { ...BIN, ORDINIS_DATA_DIRECTORY: 'x' },
    says: ['ORDINIS_DATA_DIRECTORY', 'ORDINIS_DATA_DIR'],
  },
  {
    name: 'a port that is none',
    words: [],
    environment: { ...BIN, ORDINIS_UI_PORT: '99999' },
    says: ['ORDINIS_UI_PORT', '1 to 65535'],
  },
  {
    name: 'Alpaca without keys',
    words: ['--broker', 'alpaca-paper'],
    says: ['APCA_API_KEY_ID and APCA_API_SECRET_KEY'],
  },
  {
    name: 'Alpaca with half a key',
    words: ['--broker', 'alpaca-paper'],
    environment: { ...BIN, APCA_API_KEY_ID: 'PKX' },
    says: ['expected APCA_API_SECRET_KEY in'],
  },
  {
    name: 'Alpaca paper with a live key',
    words: ['--broker', 'alpaca-paper'],
    environment: { ...BIN, APCA_API_KEY_ID: 'AKX', APCA_API_SECRET_KEY: 's3cr3t' },
    says: ['paper account', 'live'],
  },
  {
    name: 'Alpaca paper with the live address',
    words: ['--broker', 'alpaca-paper'],
    environment: {
      ...BIN,
      APCA_API_KEY_ID: 'PKX',
      APCA_API_SECRET_KEY: 's3cr3t',
      APCA_API_BASE_URL: 'https://api.alpaca.markets',
    },
    says: ['APCA_API_BASE_URL', 'paper-api.alpaca.markets'],
  },
  {
    name: 'Alpaca with a recorded date',
    words: ['--broker', 'alpaca-paper', '--date', '2013-10-07'],
    environment: { ...BIN, APCA_API_KEY_ID: 'PKX', APCA_API_SECRET_KEY: 's3cr3t' },
    says: ['no --date'],
  },
  {
    name: 'a keys file that others can read',
    words: ['--broker', 'alpaca-paper', '--keys-file', 'KEYS'],
    says: ['mode 600', '644', 'chmod 600'],
  },
];

async function prepared(environment?: Readonly<Record<string, string>>): Promise<TestShell> {
  const test = await testShell({ environment: environment ?? BIN });
  marketFolder(test.shell.homeDirectory, RECORDED);
  writeFileSync(join(test.shell.homeDirectory, 'taken'), '');
  writeFileSync(join(test.shell.homeDirectory, 'keys'), keysText('PKPAPER'), { mode: 0o600 });
  return test;
}

function keysText(keyId: string): string {
  return `# paper\nAPCA_API_KEY_ID=${keyId}\nexport APCA_API_SECRET_KEY="s3cr3t"\n`;
}

describe('ordinis start: wrong use', () => {
  it.each(FAULTS)('$name → one line, exit code 2, nothing loaded', async (fault) => {
    const test = await prepared(fault.environment);
    const keys = join(test.shell.homeDirectory, 'open-keys');
    writeFileSync(keys, keysText('PKPAPER'));
    chmodSync(keys, 0o644);
    const words = fault.words.map((word) => (word === 'KEYS' ? keys : word));

    expect(await test.run('start', ...words)).toBe(2);

    expect(test.err).toHaveLength(1);
    for (const part of fault.says) expect(test.err[0]).toContain(part);
    expect(test.err[0]).toMatch(/^ordinis: .*(expected|parameter).*/);
    expect(test.err[0]).not.toContain('s3cr3t');
    expect(test.loads()).toBe(0);
  });

  it('many faults at once → a line each, together', async () => {
    const test = await prepared({ ORDINIS_TEMPORAL_ADDRESS: 'x', ORDINIS_NONSENSE: '1' });
    const words = ['--date', 'soon', '--strategy', 'magic', '--speed', 'x', '--symbols', 'a b'];

    expect(await test.run('start', ...words)).toBe(2);

    expect(test.err).toHaveLength(6);
  });

  it('with --json → the faults are also the last line of standard output', async () => {
    const test = await prepared();

    expect(await test.run('start', '--json', '--speed', 'x')).toBe(2);

    expect(test.json()).toMatchObject({ error: { code: 2, lines: [expect.any(String)] } });
  });
});

describe('ordinis start: what the flags mean', () => {
  const read = (test: TestShell, flags: StartFlags) => readStartRequest(test.shell, flags);

  it('no flags → a synthetic day in about two minutes, with the demonstration', async () => {
    const test = await prepared();

    expect(await read(test, {})).toMatchObject({
      dataDirectory: test.dataDirectory,
      broker: {
        kind: 'exchange',
        market: { kind: 'synthetic', date: '2025-03-03', seed: 1 },
        speed: 195,
      },
      symbols: ['SPY', 'QQQ'],
      strategy: 'demonstration',
      once: false,
      cancelAtShutdown: 'keep-protection',
      temporal: { address: null, binary: process.execPath, port: 7233, uiPort: 8233 },
    });
  });

  it('a recorded date without symbols → every symbol of that date, the cross', async () => {
    const test = await prepared();
    const flags = { market: 'recorded', marketData: 'minute', date: '2013-10-07', speed: 'max' };

    expect(await read(test, flags)).toMatchObject({
      broker: { market: { kind: 'recorded', date: '2013-10-07' }, speed: null },
      symbols: ['IBM', 'SPY'],
      strategy: 'moving-average-cross',
    });
  });

  it('an empty variable → as if it were not set', async () => {
    const test = await prepared({ ...BIN, ORDINIS_TEMPORAL_ADDRESS: '', ORDINIS_UI_PORT: '' });

    expect((await read(test, {})).temporal).toMatchObject({ address: null, uiPort: 8233 });
  });

  it('a Temporal address → no program is needed', async () => {
    const test = await prepared({ ORDINIS_TEMPORAL_ADDRESS: '10.0.0.1:7233' });

    expect((await read(test, {})).temporal).toMatchObject({
      address: '10.0.0.1:7233',
      binary: null,
    });
  });

  it('a keys file → the keys in it, before those of the environment', async () => {
    const test = await prepared({ ...BIN, APCA_API_KEY_ID: 'PKOTHER', APCA_API_SECRET_KEY: 'x' });
    const keysFile = join(test.shell.homeDirectory, 'keys');

    expect((await read(test, { broker: 'alpaca-paper', keysFile })).broker).toEqual({
      kind: 'alpaca-paper',
      credentials: { keyId: 'PKPAPER', secret: 's3cr3t' },
      dataFeed: 'iex',
    });
  });

  it('a data folder that does not exist yet → taken, and not made', async () => {
    const test = await prepared();
    const { dataDirectory } = await read(test, { dataDir: 'a/b/c' });

    expect(dataDirectory).toBe(join(test.shell.homeDirectory, 'a', 'b', 'c'));
    expect(existsSync(dataDirectory)).toBe(false);
  });
});
