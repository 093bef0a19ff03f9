import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DirectHalt } from '../../cli/ports.js';
import type { HaltRequest } from '../../domain/safety/halt-request.js';
import type { HaltView } from '../../workflows/contract/kill-switch.js';
import { ACCOUNT, newAccount } from '../store/rows-fixture.js';
import { testShell } from './shell-fixture.js';

const CANCELED: NonNullable<DirectHalt['canceled']> = {
  open: 3,
  raisers: 2,
  requested: 2,
  failed: [],
  asked: [],
  isUnnamed: false,
};
const DONE: DirectHalt = {
  causeId: 'cause-1',
  file: 'done',
  books: 'done',
  cancel: 'done',
  canceled: CANCELED,
  otherAccount: null,
  unresolved: [],
};

describe('ordinis unpark', () => {
  it('a name and a reason → lifted, with the orders that were parked', async () => {
    const test = await testShell();
    await test.books.openAccount(newAccount());
    const asked: unknown[] = [];
    test.workers.unparkDirectly = async (options) => {
      asked.push(options);
      return { outcome: 'unparked', was: 'odd', orders: ['ord-1'] };
    };
    expect(await test.run('unpark', 'spy', '--by', 'ann', '--reason', 'looked')).toBe(0);
    const request = { symbol: 'SPY', operator: 'ann', reason: 'looked' };
    expect(asked).toEqual([{ dataDirectory: test.dataDirectory, account: ACCOUNT, request }]);
    expect(test.out).toEqual([
      'SPY: unparked by ann, with 1 parked order; it takes new entries again',
    ]);
  });

  it('no name, no reason, no such symbol → said, and not lifted', async () => {
    const test = await testShell();
    expect(await test.run('unpark', 'SPY')).toBe(2);
    expect(test.err.join(' ')).toMatch(/--by NAME.*--reason TEXT/);
    await test.books.openAccount(newAccount());
    test.workers.unparkDirectly = async () => ({ outcome: 'unknown_symbol' });
    expect(await test.run('unpark', 'NONE', '--by', 'ann', '--reason', 'looked')).toBe(1);
  });
});

describe('ordinis halt', () => {
  it('everything works → each part, then "complete"; one cause for all', async () => {
    const test = await testShell({ running: true });
    const direct: unknown[] = [];
    const signals: HaltRequest[] = [];
    test.workers.haltDirectly = async (options) => {
      direct.push(options);
      return DONE;
    };
    test.client.signalHalt = async (request) => void signals.push(request);

    expect(await test.run('halt', '--reason-text', 'odd fills', '--cancel', 'cancel-all')).toBe(0);

    const request = {
      reason: 'manual',
      message: 'odd fills',
      triggeredBy: 'ann',
      metadata: {},
      cancel: 'cancel-all',
    };
    expect(direct).toEqual([
      { dataDirectory: test.dataDirectory, account: ACCOUNT, request, credentials: null },
    ]);
    expect(signals).toEqual([{ ...request, metadata: { causeId: 'cause-1' } }]);
    expect(test.out).toEqual([
      'file    done',
      'books   done',
      'cancel  done',
      'signal  done',
      'at the broker: 3 open orders, 2 that can raise exposure, 2 asked to cancel, 0 failed',
      'complete',
    ]);
  });

  it('an empty name and an empty reason → the usual ones: a halt is never refused', async () => {
    const test = await testShell({ running: true });
    const requests: HaltRequest[] = [];
    test.workers.haltDirectly = async ({ request }) => {
      requests.push(request);
      return DONE;
    };
    test.client.signalHalt = async () => undefined;
    expect(await test.run('halt', '--by', '', '--reason-text', ' ')).toBe(0);
    expect(requests).toMatchObject([{ triggeredBy: 'ann', message: 'halted by hand' }]);
  });

  it('Temporal down → halted all the same, exit code 0', async () => {
    const test = await testShell({ running: true });
    test.workers.haltDirectly = async () => DONE;
    test.workers.connectToRun = () => Promise.reject(new Error('no server answers'));

    expect(await test.run('halt', '--json')).toBe(0);
    expect(test.json()).toMatchObject({ verdict: 'complete', signal: 'no server answers' });
  });

  it('nothing runs → the account used last, no signal', async () => {
    const test = await testShell();
    let account: string | null = null;
    test.workers.haltDirectly = async (options) => {
      account = options.account;
      return DONE;
    };
    expect(await test.run('halt', '--json')).toBe(0);
    expect(account).toBe(ACCOUNT);
    expect(test.json()).toMatchObject({ isRunning: false });
  });

  it('the books cannot tell the account → that of the last run', async () => {
    const test = await testShell({ running: false });
    test.workers.openReader = () => Promise.reject(new Error('database is locked'));
    const accounts: unknown[] = [];
    test.workers.haltDirectly = async ({ account }) => {
      accounts.push(account);
      return DONE;
    };
    await test.run('halt');
    expect(accounts).toEqual([ACCOUNT]);
  });

  it('the last run traded another account → said that its broker was left alone', async () => {
    const test = await testShell();
    test.workers.haltDirectly = async () => ({ ...DONE, otherAccount: 'sim-older' });
    expect(await test.run('halt')).toBe(0);
    expect(test.out).toContain(
      'the last run of this folder traded sim-older: its broker was left alone',
    );
  });

  it.each([
    {
      name: 'orders left, watched by the run',
      running: true,
      halt: { unresolved: ['buy SPY'] },
      code: 0,
    },
    {
      name: 'orders left, nobody watches',
      running: false,
      halt: { unresolved: ['buy SPY'] },
      code: 1,
    },
    { name: 'the books are locked', running: true, halt: { books: 'database is locked' }, code: 0 },
    { name: 'the file cannot be written', running: true, halt: { file: 'disk full' }, code: 1 },
    {
      name: 'the broker is not reached',
      running: true,
      halt: { cancel: 'timeout', canceled: null },
      code: 1,
    },
  ])('$name → exit code $code', async ({ running, halt, code }) => {
    const test = await testShell({ running });
    test.workers.haltDirectly = async () => ({ ...DONE, ...halt });
    test.client.signalHalt = async () => undefined;

    expect(await test.run('halt')).toBe(code);
    if ('unresolved' in halt) expect(test.out.at(-1)).toBe('halted, 1 unresolved');
  });

  it.each([
    {
      name: 'everything was to go',
      canceled: { ...CANCELED, raisers: null, requested: 3 },
      line: 'at the broker: 3 open orders, all to go, 3 asked to cancel, 0 failed',
    },
    {
      name: 'the lists of the broker could not be read',
      canceled: { ...CANCELED, open: null, raisers: null, requested: 1, failed: ['broker-2'] },
      line:
        'at the broker: its lists could not be read; of what is known to raise exposure, ' +
        '1 asked to cancel, 1 failed',
    },
  ])('$name → told', async ({ canceled, line }) => {
    const test = await testShell({ running: true });
    test.workers.haltDirectly = async () => ({ ...DONE, canceled });
    test.client.signalHalt = async () => undefined;
    await test.run('halt');
    expect(test.out).toContain(line);
  });

  it('even the halt itself breaks → the file is there, a person must cancel', async () => {
    const test = await testShell();
    test.workers.haltDirectly = () => Promise.reject(new Error('no driver'));

    expect(await test.run('halt')).toBe(1);

    expect(existsSync(join(test.dataDirectory, 'KILL_SWITCH'))).toBe(true);
    expect(test.out.join('\n')).toContain('cancel there by hand');
  });

  it('misspelt variables of the environment → told, and halted', async () => {
    const test = await testShell({ environment: { ORDINIS_TEMPORAL_ADDRES: 'x' } });
    test.workers.haltDirectly = async () => DONE;

    expect(await test.run('halt')).toBe(0);
    expect(test.err[0]).toContain('ORDINIS_TEMPORAL_ADDRES');
  });

  it("a simulated run with Alpaca's keys in the environment → they are not used", async () => {
    const test = await testShell({
      environment: { APCA_API_KEY_ID: 'PKX', APCA_API_SECRET_KEY: 's' },
    });
    let credentials: unknown;
    test.workers.haltDirectly = async (options) => {
      credentials = options.credentials;
      return DONE;
    };
    await test.run('halt');
    expect(credentials).toBeNull();
  });

  it('an unknown policy or a folder that is not there → exit code 2', async () => {
    const test = await testShell();
    expect(await test.run('halt', '--cancel', 'some')).toBe(2);
    expect(await test.run('halt', '--data-dir', 'elsewhere')).toBe(2);
    expect(test.loads()).toBe(0);
  });
});

const HALTED: HaltView = {
  mode: 'halted',
  haltVersion: 7,
  causes: [
    {
      causeId: 'c1',
      reason: 'manual',
      message: 'odd fills',
      triggeredBy: 'ann',
      cancel: 'complete',
    },
  ],
};

describe('ordinis resume', () => {
  it('a name and a reason → releases the version that was shown', async () => {
    const test = await testShell({ running: true });
    const requests: unknown[] = [];
    test.client.haltState = async () => HALTED;
    test.client.release = async (request) => {
      requests.push(request);
      return { released: true, haltVersion: 8, causes: ['c1'] };
    };

    expect(await test.run('resume', '--by', 'ann', '--reason', 'fills explained')).toBe(0);

    expect(requests).toEqual([{ operator: 'ann', reason: 'fills explained', haltVersion: 7 }]);
    expect(test.out).toEqual([
      'halted (halt version 7)',
      '- manual by ann: odd fills (cancel: complete)',
      'released by ann: 1 cause; trading goes on',
    ]);
  });

  it('a process that starts → its pid, and to ask again', async () => {
    const test = await testShell();
    test.workers.leaseHolder = () => 4711;
    expect(await test.run('resume', '--by', 'ann', '--reason', 'x')).toBe(1);
    expect(test.err).toEqual([expect.stringMatching(/found process 4711, which is not up; ask/)]);
  });

  it('nothing halted → says so, exit code 0', async () => {
    const test = await testShell({ running: true });
    test.client.haltState = async () => ({ mode: 'none', haltVersion: 7, causes: [] });
    test.client.release = async () => ({ released: true, haltVersion: 8, causes: [] });

    expect(await test.run('resume', '--by', 'ann', '--reason', 'x')).toBe(0);
    expect(test.out).toEqual(['not halted (halt version 7)', 'nothing was halted']);
  });

  it('refused → every open condition, exit code 1', async () => {
    const test = await testShell({ running: true });
    test.client.haltState = async () => HALTED;
    test.client.release = async () => ({
      released: false,
      conditions: ['the reconciliation is not clean', 'remove the file'],
    });

    expect(await test.run('resume', '--by', 'ann', '--reason', 'x', '--halt-version', '3')).toBe(1);
    expect(test.out.slice(-3)).toEqual([
      'not released:',
      '- the reconciliation is not clean',
      '- remove the file',
    ]);
  });

  it('no name, no reason, a version that is none → all three, exit code 2', async () => {
    const test = await testShell({ running: true });
    expect(await test.run('resume', '--reason', '  ', '--halt-version', 'x')).toBe(2);
    expect(test.err.map((line) => line.slice(0, 40))).toEqual([
      'ordinis: expected --by NAME, found none;',
      'ordinis: expected --reason TEXT, found n',
      'ordinis: expected --halt-version to be a',
    ]);
  });

  it('nothing runs → exit code 1 and what to do', async () => {
    const test = await testShell({ running: false });
    expect(await test.run('resume', '--by', 'ann', '--reason', 'x')).toBe(1);
    expect(test.err[0]).toContain('run "npm start" first');
  });
});
