import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SystemStateRow } from '../../adapters/store/port.js';
import { wholeUsd } from '../../domain/values/index.js';
import type { ExchangeOptions } from '../../workers/reference.js';
import { StartRefused } from '../../workers/start-options.js';
import { ACCOUNT, systemStateRow } from '../store/rows-fixture.js';
import { marketFolder } from './market-folder-fixture.js';
import { RUN, type TestShell, testShell } from './shell-fixture.js';

const MESSAGE = 'stopped without protection in the middle of SPY long to short';

async function withEnd(test: TestShell, end: Partial<SystemStateRow>): Promise<void> {
  await test.books.transaction(ACCOUNT, async (transaction) => {
    await transaction.systemState.set(systemStateRow(end));
  });
}

describe('ordinis stop', () => {
  it.each([
    { state: 'stopped', code: 0, line: MESSAGE },
    { state: 'stopped_unsettled', code: 1, line: MESSAGE },
    { state: 'stopping', code: 1, line: `ended in state stopping: ${MESSAGE}` },
    { state: 'error', code: 1, line: `ended in state error: ${MESSAGE}` },
  ] as const)('the books end in $state → exit code $code', async ({ state, code, line }) => {
    const test = await testShell({ running: true });
    await withEnd(test, { state, message: MESSAGE });
    expect(await test.run('stop')).toBe(code);
    expect(test.out.at(-1)).toBe(line);
    expect(test.out).toHaveLength(2);
  });

  it.each([
    { state: 'stopped', code: 0 },
    { state: 'stopped_unsettled', code: 1 },
  ] as const)('$state, for programs → with the message', async ({ state, code }) => {
    const test = await testShell({ running: true });
    await withEnd(test, { state, message: MESSAGE });
    expect(await test.run('stop', '--json')).toBe(code);
    const stopped = state === 'stopped';
    expect(test.json()).toEqual({ stopped, wasRunning: true, state, message: MESSAGE });
  });

  it('the books do not say how it ended → exit code 1', async () => {
    const test = await testShell({ running: true });
    expect(await test.run('stop')).toBe(1);
    expect(test.out.at(-1)).toBe('ended, and the books do not say how');
  });

  it('it does not end → exit code 1 and what to do', async () => {
    const test = await testShell({ running: true });
    test.shell.processes.askToStop = () => undefined;
    expect(await test.run('stop')).toBe(1);
    expect(test.err[0]).toContain('process 4242 to end within 60 s');
  });

  it('a process starts → said with its pid, and stopped once it is up', async () => {
    const test = await testShell();
    test.workers.leaseHolder = () => 4242;
    test.shell.processes.readRun = () => (test.clock.nowMs > 1_000_500 ? RUN : null);
    const asked: number[] = [];
    test.shell.processes.isAlive = async () => asked.length === 0;
    test.shell.processes.askToStop = ({ pid }) => void asked.push(pid);
    await test.run('stop');
    expect(test.out.slice(0, 2)).toEqual([
      'starting: process 4242; waiting until it is up',
      'asked process 4242 to shut down; waiting until it is gone',
    ]);
    expect(asked).toEqual([4242]);
  });

  it('a process that starts gives up → nothing runs any more, exit code 0', async () => {
    const test = await testShell();
    test.workers.leaseHolder = () => (test.clock.nowMs > 1_000_500 ? null : 4242);
    expect(await test.run('stop')).toBe(0);
    expect(test.out[1]).toContain('no Ordinis runs on');
  });

  it('a process starts and starts → exit code 1 and what to do', async () => {
    const test = await testShell();
    test.workers.leaseHolder = () => 4242;
    expect(await test.run('stop')).toBe(1);
    expect(test.err[0]).toContain('process 4242 to be up within 60 s');
  });

  it('nothing runs → exit code 0, says so', async () => {
    const test = await testShell({ running: false });
    expect(await test.run('stop')).toBe(0);
    expect(test.out[0]).toContain('no Ordinis runs on');
  });
});

describe('ordinis reconcile', () => {
  it.each([
    { outcome: 'clean', code: 0 },
    { outcome: 'discrepancies', code: 1 },
    { outcome: 'not_calm', code: 1 },
    { outcome: 'failed', code: 1 },
  ] as const)('$outcome → exit code $code', async ({ outcome, code }) => {
    const test = await testShell({ running: true });
    test.client.reconcile = async () => ({
      runId: 'r1',
      outcome,
      discrepancies: 1,
      message: 'looked at 2 positions',
    });
    expect(await test.run('reconcile')).toBe(code);
    expect(test.out).toEqual([`${outcome}: 1 discrepancy: looked at 2 positions`]);
  });
});

describe('ordinis backup and restore', () => {
  it('backup → where it is', async () => {
    const test = await testShell();
    test.workers.backUp = async (folder) => ({ path: join(folder, 'backups', 'b.db'), bytes: 9 });
    expect(await test.run('backup', '--json')).toBe(0);
    expect(test.json()).toEqual({ path: join(test.dataDirectory, 'backups', 'b.db'), bytes: 9 });
  });

  it('restore → the books before are kept', async () => {
    const test = await testShell();
    const file = join(test.shell.homeDirectory, 'b.db');
    writeFileSync(file, '');
    test.workers.restoreBackup = async () => ({ previousPath: '/kept.db' });
    expect(await test.run('restore', 'b.db')).toBe(0);
    expect(test.out).toEqual([`restored ${file}; the books before are kept at /kept.db`]);
  });

  it('restore while a process runs or starts → exit code 2, one line with its pid', async () => {
    const test = await testShell();
    writeFileSync(join(test.shell.homeDirectory, 'b.db'), '');
    test.workers.restoreBackup = () =>
      Promise.reject(new StartRefused('expected the folder to be free, found process 4711', 2));
    expect(await test.run('restore', 'b.db')).toBe(2);
    expect(test.err).toEqual(['ordinis: expected the folder to be free, found process 4711']);
  });

  it('restore from a file that is not there → exit code 2', async () => {
    const test = await testShell();
    expect(await test.run('restore', 'nothing.db')).toBe(2);
    expect(test.err[0]).toContain('nothing.db, found no file');
  });
});

const KEYS = { APCA_API_KEY_ID: 'PKLOCAL', APCA_API_SECRET_KEY: 's3cr3t' };
const RECORDED = ['--market', 'recorded', '--market-data', 'minute', '--date', '2013-10-07'];

async function exchangeShell(environment: Readonly<Record<string, string>> = KEYS) {
  const test = await testShell({ environment });
  marketFolder(test.shell.homeDirectory, { SPY: ['2013-10-07'] });
  const opened: ExchangeOptions[] = [];
  let closes = 0;
  test.workers.runExchange = async (options) => {
    opened.push(options);
    setImmediate(() => test.signal('SIGTERM'));
    return {
      tradingUrl: 'http://127.0.0.1:1',
      streamUrl: 'ws://127.0.0.1:1/stream',
      dataUrl: 'http://127.0.0.1:1',
      dataStreamUrl: 'ws://127.0.0.1:1/v2/iex',
      notes: ['made up'],
      close: async () => {
        closes += 1;
      },
    };
  };
  return { test, opened, closes: () => closes };
}

describe('ordinis exchange', () => {
  it('a recorded day → lockstep; one JSON line, no secret; closed by SIGTERM', async () => {
    const { test, opened, closes } = await exchangeShell();

    expect(await test.run('exchange', ...RECORDED, '--port', '9001', '--state', 'state')).toBe(0);

    expect(opened[0]).toEqual({
      host: '127.0.0.1',
      port: 9001,
      market: {
        kind: 'recorded',
        directory: join(test.shell.homeDirectory, 'minute'),
        date: '2013-10-07',
        symbols: ['SPY'],
      },
      seed: '1',
      mode: 'lockstep',
      speed: null,
      stateFile: join(test.shell.homeDirectory, 'state'),
      credentials: { keyId: 'PKLOCAL', secret: 's3cr3t' },
      startingCash: wholeUsd(100_000),
      partialFillShare: 0.1,
      rateLimitPerMinute: 200,
      openLeadMinutes: 5,
      extendedHours: false,
      samplesFolder: null,
      hardToBorrow: [],
      washTradeGuard: 'strict',
    });
    expect(test.out).toHaveLength(1);
    expect(test.json()).toMatchObject({ tradingUrl: 'http://127.0.0.1:1', keyId: 'PKLOCAL' });
    expect(test.out[0]).not.toContain('s3cr3t');
    expect(closes()).toBe(1);
  });

  it('synthetic with a speed → a free clock, rolling when asked for', async () => {
    const { test, opened } = await exchangeShell();
    const words = ['--speed', '60', '--roll', '--rate-limit', 'none', '--partial-fills', '0'];
    expect(await test.run('exchange', ...words)).toBe(0);
    expect(opened[0]).toMatchObject({
      market: { kind: 'synthetic', rolling: true },
      mode: 'free',
      speed: 60,
      rateLimitPerMinute: null,
      partialFillShare: 0,
    });
  });

  it('the rules of the venue → as they were asked for', async () => {
    const { test, opened } = await exchangeShell();
    const words = ['--turbulent', '--extended-hours', '--hard-to-borrow', 'QQQ'];
    expect(await test.run('exchange', ...words, '--wash-trade-guard', 'crossing')).toBe(0);
    expect(opened[0]).toMatchObject({
      market: { kind: 'synthetic', rolling: false, turbulent: true },
      extendedHours: true,
      hardToBorrow: ['QQQ'],
      washTradeGuard: 'crossing',
    });
  });

  it('--help → names every rule of the venue and its default', async () => {
    const { test } = await exchangeShell();
    expect(await test.run('exchange', '--help')).toBe(0);
    const help = test.out.join('\n').replace(/\s+/g, ' ');
    expect(help).toContain('--turbulent days with gaps, halts and wide spreads (synthetic)');
    expect(help).toContain('--extended-hours trade from 04:00 to 20:00 New York');
    expect(help).toContain('--hard-to-borrow <list> symbols that cannot be sold short');
    expect(help).toContain('--wash-trade-guard <rule> strict | crossing (default: strict)');
  });

  it.each([
    {
      name: 'a guard that is none',
      words: ['--wash-trade-guard', 'lax'],
      lines: 1,
      says: 'one of strict, crossing',
    },
    {
      name: 'a hard name that is not traded',
      words: ['--hard-to-borrow', 'QQQ,XOM'],
      lines: 1,
      says: 'traded symbols (SPY, QQQ), found "XOM"',
    },
    { name: 'a name that is none', words: ['--hard-to-borrow', 'x'], lines: 1, says: '--hard' },
    {
      name: 'a turbulent and rolling recording',
      words: [...RECORDED, '--turbulent', '--roll'],
      lines: 2,
      says: '--roll with --market recorded',
    },
    { name: 'no key and no secret', environment: {}, words: [], lines: 2, says: '--key ID' },
    { name: 'a speed that is none', words: ['--speed', 'x'], lines: 1, says: 'lockstep' },
    { name: 'a port that is none', words: ['--port', '70000'], lines: 1, says: '0 to 65535' },
    { name: 'cash that is none', words: ['--cash', '-1'], lines: 1, says: '--cash' },
    { name: 'a share above all', words: ['--partial-fills', '101'], lines: 1, says: '0 to 100' },
    { name: 'a limit that is none', words: ['--rate-limit', '0'], lines: 1, says: 'or none' },
    {
      name: 'a secret file that is not there',
      words: ['--secret-file', '/no'],
      lines: 1,
      says: '--secret-file',
    },
  ])('$name → exit code 2', async ({ environment, words, lines, says }) => {
    const { test, opened } = await exchangeShell(environment);
    expect(await test.run('exchange', ...words)).toBe(2);
    expect(test.err).toHaveLength(lines);
    expect(test.err[0]).toContain(says);
    expect(opened).toEqual([]);
  });

  it('a port that is taken → exit code 2 and one line', async () => {
    const { test } = await exchangeShell();
    test.workers.runExchange = () =>
      Promise.reject(Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' }));
    expect(await test.run('exchange', '--port', '9001')).toBe(2);
    expect(test.err).toEqual([
      'ordinis: expected --port 9001 to be free, found it taken; choose another, or 0 for any',
    ]);
  });
});
