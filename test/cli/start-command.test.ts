import { describe, expect, it } from 'vitest';
import type { ShutdownReport, StartEvent, StartOptions } from '../../workers/start-options.js';
import { StartRefused } from '../../workers/start-options.js';
import type { SessionSummary } from '../../workflows/contract/lifecycle.js';
import { positionRow, systemStateRow, ACCOUNT } from '../store/rows-fixture.js';
import { RUN, type TestShell, testShell } from './shell-fixture.js';

const SUMMARY: SessionSummary = {
  marketDate: '2013-10-07',
  symbols: ['SPY', 'IBM'],
  orders: { created: 12, filled: 9, canceled: 1, expired: 1, refused: 0, denied: 1, unknown: 0 },
  fills: 11,
  tradesClosed: 4,
  realizedPnlUsd: '-12.345678',
  unrealizedPnlUsd: '0',
  feesUsd: '0.1',
  slippageUsd: '1.25',
  equityUsd: '99987.654322',
  discrepancies: 0,
  alerts: 3,
};
const CLEAN: ShutdownReport = { outcome: 'stopped', ordersLeft: [], message: 'all is stored' };
const LEFT: ShutdownReport = {
  outcome: 'orders_left',
  ordersLeft: ['ord-1'],
  message: 'one order is live',
};

const UNSETTLED: ShutdownReport = {
  outcome: 'unsettled',
  ordersLeft: [],
  message: 'stopped without protection in the middle of SPY long to short',
};

const FAILED: ShutdownReport = {
  outcome: 'failed',
  ordersLeft: ['ord-1'],
  message: 'shutdown: the broker did not answer; start again',
};

const READY: StartEvent = {
  kind: 'ready',
  run: RUN,
  state: 'running',
  notes: ['limits: 1,000 USD'],
};
const MARKET: StartEvent = {
  kind: 'market',
  marketDate: '2013-10-07',
  atMs: Date.UTC(2013, 9, 7, 15, 24),
  phase: 'open',
  progress: 0.29,
};

interface Script {
  readonly events?: readonly StartEvent[];
  /** Null: stopped before a session ends. Undefined: the session never ends by itself. */
  readonly session?: SessionSummary | null;
  readonly shutdown?: ShutdownReport;
}

interface Started {
  readonly options: () => StartOptions;
  readonly stops: string[];
  /** Tells an event as the running system would. */
  readonly tell: (event: StartEvent) => void;
  /** Resolves when the run is up. */
  readonly up: Promise<void>;
}

/** A run that follows a script, and goes down when it is asked to. */
function scripted(test: TestShell, script: Script): Started {
  const stops: string[] = [];
  let options: StartOptions | null = null;
  let announceUp = (): void => undefined;
  const up = new Promise<void>((resolve) => {
    announceUp = resolve;
  });
  const known = (): StartOptions => {
    if (options === null) throw new Error('expected a start, found none');
    return options;
  };
  test.workers.start = async (given) => {
    options = given;
    for (const event of script.events ?? [READY, MARKET]) given.onEvent(event);
    let end = (_report: ShutdownReport): void => undefined;
    const stopped = new Promise<ShutdownReport>((resolve) => {
      end = resolve;
    });
    const firstSession =
      script.session === undefined ? stopped.then(() => null) : Promise.resolve(script.session);
    setImmediate(announceUp);
    return {
      run: RUN,
      firstSession,
      stopped,
      stop: (by) => {
        stops.push(by);
        end(script.shutdown ?? CLEAN);
        return stopped;
      },
    };
  };
  return { options: known, stops, tell: (event) => known().onEvent(event), up };
}

async function withState(test: TestShell, state: 'stopped' | 'error'): Promise<void> {
  await test.books.transaction(ACCOUNT, async (transaction) => {
    await transaction.systemState.set(systemStateRow({ state }));
  });
}

describe('ordinis start --once', () => {
  it('a session that ends → one JSON object, progress on stderr, exit code 0', async () => {
    const test = await testShell();
    const started = scripted(test, { session: SUMMARY });
    await withState(test, 'stopped');

    expect(await test.run('start', '--once', '--json')).toBe(0);

    expect(test.out).toHaveLength(1);
    expect(test.json()).toEqual({
      state: 'stopped',
      account: ACCOUNT,
      haltMode: 'none',
      ...SUMMARY,
      ordersLeft: [],
      shutdown: 'stopped',
      wallMs: expect.any(Number),
    });
    expect(started.options().once).toBe(true);
    expect(started.stops).toEqual(['end of session']);
    expect(test.err.join('\n')).toContain('market 2013-10-07 11:24:00, open, 29 % of the day');
  });

  it.each([
    { name: 'orders are left', script: { session: SUMMARY, shutdown: LEFT } },
    { name: 'a position is bare', script: { session: SUMMARY, shutdown: UNSETTLED } },
    { name: 'the shutdown failed', script: { session: SUMMARY, shutdown: FAILED } },
    { name: 'the run was stopped before the session ended', script: { session: null } },
  ])('$name → exit code 1', async ({ script }) => {
    const test = await testShell();
    scripted(test, script);

    expect(await test.run('start', '--once', '--json')).toBe(1);
    expect(test.json()).toMatchObject({ shutdown: (script.shutdown ?? CLEAN).outcome });
  });

  it('orders are left → they are named', async () => {
    const test = await testShell();
    scripted(test, { session: SUMMARY, shutdown: LEFT });

    expect(await test.run('start', '--once')).toBe(1);
    expect(test.out.join('\n')).toContain('still live at the broker: ord-1');
  });

  it('a position is bare → it is named', async () => {
    const test = await testShell();
    scripted(test, { session: SUMMARY, shutdown: UNSETTLED });

    expect(await test.run('start', '--once')).toBe(1);
    expect(test.out.at(-1)).toMatch(/^unsettled after .*: stopped without protection in .*SPY/);
  });

  it('a start that is refused → its line and its exit code', async () => {
    const test = await testShell();
    test.workers.start = () =>
      Promise.reject(new StartRefused('expected the lock, found process 7', 2));

    expect(await test.run('start', '--once')).toBe(2);
    expect(test.err).toEqual(['ordinis: expected the lock, found process 7']);
  });

  it('a failure nobody expected → one line without a stack, exit code 1', async () => {
    const test = await testShell();
    test.workers.start = () => Promise.reject(new Error('disk is full\n    at line 3'));

    expect(await test.run('start', '--once')).toBe(1);
    expect(test.err).toEqual(['ordinis: disk is full; --debug shows where']);
  });

  it('the same with --debug → the stack too', async () => {
    const test = await testShell();
    test.workers.start = () => Promise.reject(new Error('disk is full'));

    expect(await test.run('start', '--once', '--debug')).toBe(1);
    expect(test.err.join('\n')).toContain('start-command.test.ts');
  });
});

describe('ordinis start: when it is ready', () => {
  it('without a terminal → notes, links and the complete halt command as plain lines', async () => {
    const test = await testShell();
    scripted(test, { session: SUMMARY });

    await test.run('start', '--once');

    const printed = test.out.join('\n');
    expect(printed).toContain('limits: 1,000 USD');
    expect(printed).toContain(
      'http://127.0.0.1:8233/namespaces/ordinis/workflows/kill-switch%2Fsim-2013-10-07-1',
    );
    expect(printed).toContain(
      'npm run temporal -- workflow signal --workflow-id kill-switch/sim-2013-10-07-1 ' +
        `--name halt --input '{"reason":"manual","message":"halted by hand","triggeredBy":"you"}'`,
    );
  });

  it('at the end of a session → the day in figures', async () => {
    const test = await testShell();
    scripted(test, {
      events: [READY, MARKET, { kind: 'session_ended', summary: SUMMARY }],
      session: SUMMARY,
    });

    await test.run('start', '--once');

    const printed = test.out.join('\n');
    expect(printed).toContain('12 created: 9 filled, 1 canceled, 1 expired, 1 denied');
    expect(printed).toMatch(/realised P&L +-12\.35 USD/);
    expect(printed).toMatch(/equity +99,987\.65 USD/);
    expect(printed).toMatch(/reconciliation +books and broker agree/);
  });

  it('on a terminal → a picture with market time and books, links to stay', async () => {
    const test = await testShell({ isTerminal: true });
    await test.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.positions.upsert(positionRow('SPY'));
    });
    const started = scripted(test, {});
    const code = test.run('start');
    await started.up;
    await expect.poll(() => test.pictures.at(-1)).toContain('SPY long 100');
    test.signal('SIGINT');

    expect(await code).toBe(0);
    expect(test.pictures.at(-1)).toContain('2013-10-07 11:24:00 New York');
    expect(test.out.join('\n')).toContain('npm run temporal --');
  });
});

describe('ordinis start: signals', () => {
  it('Ctrl-C → shutdown, exit code 0', async () => {
    const test = await testShell();
    const started = scripted(test, {});
    const code = test.run('start');
    await started.up;
    test.signal('SIGINT');

    expect(await code).toBe(0);
    expect(started.stops).toEqual(['SIGINT']);
    expect(test.exits).toEqual([]);
  });

  it('Ctrl-C before it is up → shutdown as soon as it is', async () => {
    const test = await testShell();
    const started = scripted(test, {});
    const start = test.workers.start;
    test.workers.start = (options) => {
      test.signal('SIGTERM');
      return start(options);
    };

    expect(await test.run('start')).toBe(0);
    expect(started.stops).toEqual(['SIGTERM']);
  });

  it.each([
    { name: 'the same key press, passed on by npm', afterMs: 5, exits: [] },
    { name: 'a second Ctrl-C', afterMs: 3_000, exits: [130] },
  ])('$name → $exits', async ({ afterMs, exits }) => {
    const test = await testShell();
    scripted(test, {});
    const start = test.workers.start;
    test.workers.start = async (options) => {
      test.signal('SIGINT');
      test.clock.nowMs += afterMs;
      test.signal('SIGINT');
      return start(options);
    };

    await test.run('start');
    expect(test.exits).toEqual(exits);
  });
});
