import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { epochMs, wholeUnits, usd } from '../../domain/values/index.js';
import {
  ACCOUNT,
  alertRow,
  at,
  brokerEventRow,
  eventOf,
  fillOf,
  haltCauseRow,
  newAccount,
  orderRow,
  positionRow,
  riskDecisionRow,
  runRow,
  signalRow,
  systemStateRow,
  tradeRow,
  turnRow,
} from '../store/rows-fixture.js';
import { type TestShell, testShell } from './shell-fixture.js';

let test: TestShell;

beforeEach(async () => {
  test = await testShell({ running: true });
  await test.books.transaction(ACCOUNT, async (transaction) => {
    await transaction.systemState.set(systemStateRow());
    await transaction.orders.create(orderRow('ord-a'));
    await transaction.orders.create(
      orderRow('ord-b', {
        progress: { state: 'filled', brokerOrderId: 'broker-ord-b' },
        filledQuantity: wholeUnits(100),
        filledNotional: usd(14_520_000_000),
        createdAtMs: at(61),
      }),
    );
    await transaction.orders.appendEvent(eventOf('ord-b'));
    await transaction.orders.appendEvent({
      ...eventOf('ord-b', 'filled'),
      source: 'stream',
      raw: null,
      brokerEventId: 'frame-1',
      atMs: at(70),
      recordedAtWallMs: at(70),
    });
    for (const [eventId, outcome] of [
      ['frame-1', 'applied'],
      ['frame-2', 'repeated'],
    ] as const) {
      await transaction.brokerEvents.record({
        ...brokerEventRow(eventId, 'ord-b'),
        event: 'fill',
        outcome,
        raw: JSON.stringify({ eventId }),
        receivedAtWallMs: at(71),
      });
    }
    await transaction.signals.record({ ...signalRow(60), clientOrderId: 'ord-b' });
    await transaction.riskDecisions.record(riskDecisionRow('ord-b'));
    await transaction.fills.record({ ...fillOf('ord-b', 0, 100), atMs: epochMs(at(70) + 50) });
    // Told by our clock before the broker's instant of the fill, within one second.
    await transaction.alerts.record({ ...alertRow('filled/ord-b'), atMs: at(70) });
    await transaction.alerts.record({ ...alertRow('filled/ord-bb'), atMs: at(75) });
    await transaction.positions.upsert(positionRow('SPY'));
    await transaction.positions.upsert(
      positionRow('IBM', { side: 'flat', quantity: wholeUnits(0), costBasis: usd(0) }),
    );
    await transaction.trades.record(
      tradeRow('t1', {
        exitQuantity: wholeUnits(100),
        exitNotional: usd(14_530_000_000),
        realizedPnl: usd(10_000_000),
        closedAtMs: at(670),
      }),
    );
    await transaction.reconciliation.recordRun(runRow('r1'), []);
  });
});

describe('ordinis orders', () => {
  it('newest first, in New York time, exact quantities', async () => {
    expect(await test.run('orders')).toBe(0);
    const wish = 'buy   100.500000001  SPY     stop 145.10 limit 145.200000001 day';
    expect(test.out[0]).toMatch(/^created \(New York\) +client order id +side +quantity +symbol/);
    expect(test.out.slice(1)).toEqual([
      `2013-10-07 09:31:01  ord-b            ${wish}  filled      100  145.2000`,
      `2013-10-07 09:31:00  ord-a            ${wish}  created       0         -`,
    ]);
  });

  it('--open → only those that may still cost money', async () => {
    expect(await test.run('orders', '--open', '--json')).toBe(0);
    expect(test.json()).toEqual([
      expect.objectContaining({
        clientOrderId: 'ord-a',
        state: 'created',
        quantity: '100.500000001',
        limitPrice: '145.200000001',
        stopPrice: '145.1',
        averagePrice: null,
        decidedAt: '2013-10-07T13:31:00.000Z',
      }),
    ]);
  });

  it('a limit that is no number → wrong use', async () => {
    expect(await test.run('orders', '--limit', 'all')).toBe(2);
    expect(test.err[0]).toContain('whole number from 1 to 10000');
  });
});

describe('ordinis order show', () => {
  it('the whole story in market time, each thing where it led to the next', async () => {
    expect(await test.run('order', 'show', 'ord-b', '--json')).toBe(0);
    const shown = test.json();
    expect(shown).toMatchObject({ clientOrderId: 'ord-b', averagePrice: '145.2' });
    expect(kindsOf(shown)).toEqual([
      'signal',
      'intent',
      'risk',
      'event',
      'event',
      'frame',
      'fill',
      'alert',
    ]);
  });

  it('each event with what was said with it; a frame that told nothing new alone', async () => {
    expect(await test.run('order', 'show', 'ord-b', '--json')).toBe(0);
    const { story } = test.json() as { readonly story: readonly Record<string, unknown>[] };
    const said = story.filter(({ kind }) => kind === 'event' || kind === 'frame');
    expect(said.map(({ event, raw }) => ({ event, raw }))).toEqual([
      { event: 'created', raw: { request: 'submit' } },
      { event: 'filled', raw: { eventId: 'frame-1' } },
      { event: 'fill', raw: { eventId: 'frame-2' } },
    ]);
  });

  it('for people → decision inputs, event and fill are told', async () => {
    expect(await test.run('order', 'show', 'ord-b')).toBe(0);
    const text = test.out.join('\n');
    expect(text).toContain('fast mean above slow mean (decided at 145.15)');
    expect(text).toContain('created by ordinis: nothing → created');
    expect(text).toMatch(/\n {31}why: test\n/);
    expect(text).toMatch(/fill .*buy 100 SPY at 145\.20 = 14,520\.00 USD/);
  });

  it('a frame before an event → told before it, though it told nothing new', async () => {
    await test.books.transaction(ACCOUNT, async (transaction) => {
      const frame = { ...brokerEventRow('early', 'ord-b'), receivedAtWallMs: at(65) };
      await transaction.brokerEvents.record(frame);
    });
    await test.run('order', 'show', 'ord-b', '--json');
    expect(kindsOf(test.json()).slice(3, 6)).toEqual(['event', 'frame', 'event']);
  });

  it('legs and what took its place → named', async () => {
    await test.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.orders.create({ ...orderRow('leg-1'), parent: 'ord-b' });
      await transaction.orders.create({ ...orderRow('ord-b.r1'), replaces: 'ord-b' });
    });
    expect(await test.run('order', 'show', 'ord-b')).toBe(0);
    expect(test.out.join('\n')).toMatch(/replaced by +ord-b\.r1\nhas leg +leg-1: buy .*, created/);
    await test.run('order', 'show', 'ord-b', '--json');
    expect(test.json()).toMatchObject({ legs: ['leg-1'], replacedBy: 'ord-b.r1' });
  });

  it("the broker's id → the same order", async () => {
    expect(await test.run('order', 'show', 'broker-ord-b', '--json')).toBe(0);
    expect(test.json()).toMatchObject({ clientOrderId: 'ord-b' });
  });

  it('an unknown id → exit code 1 and where to look', async () => {
    expect(await test.run('order', 'show', 'nothing')).toBe(1);
    expect(test.err[0]).toContain('expected an order nothing of account sim-2013-10-07-1');
  });
});

describe('ordinis turns', () => {
  const turnId = turnRow('turn').turn.plan.turnId;

  beforeEach(async () => {
    await test.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.turns.create(turnRow('turn'));
      await transaction.orders.create({ ...orderRow('ord-turn-exit'), correlationId: turnId });
      await transaction.signals.record({ ...signalRow(60, 'turn'), clientOrderId: turnId });
    });
  });

  it('turns → what is turned, how far it is, and since when it is bare', async () => {
    expect(await test.run('turns')).toBe(0);
    expect(test.out[1]).toMatch(/ord-SPY-turn +SPY short to long +canceling +for \d+ .* -$/);
    expect(await test.run('turns', '--json')).toBe(0);
    expect(test.json()).toEqual([
      expect.objectContaining({ turnId, isOver: false, bareSince: '2013-10-07T13:31:10.000Z' }),
    ]);
  });

  it('status and orders → show it while it goes on', async () => {
    expect(await test.run('status')).toBe(0);
    expect(test.out.join('\n')).toContain('SPY short to long');
    expect(await test.run('orders')).toBe(0);
    expect(test.out.join('\n')).toContain('SPY short to long');
  });

  it('order show → the turn that it belongs to, its signal and its states', async () => {
    expect(await test.run('order', 'show', 'ord-turn-exit')).toBe(0);
    const text = test.out.join('\n');
    expect(text).toMatch(/turn +ord-SPY-turn: SPY short to long, canceling/);
    expect(text).toMatch(/turn +ord-SPY-turn: planned/);
    expect(text).toContain('leg turn, data');
  });
});

describe('ordinis positions, trades, alerts', () => {
  it('positions → open ones, exact in JSON', async () => {
    expect(await test.run('positions', '--json')).toBe(0);
    expect(test.json()).toEqual([
      expect.objectContaining({
        symbol: 'SPY',
        side: 'long',
        quantity: '100',
        costBasisUsd: '14520',
        averagePrice: '145.2',
        unrealizedPnlUsd: '5',
        realizedPnlUsd: '-1.500001',
      }),
    ]);
  });

  it('positions --all → flat ones too', async () => {
    expect(await test.run('positions', '--all', '--json')).toBe(0);
    expect(test.json()).toHaveLength(2);
  });

  it('trades → how long held and what came of it', async () => {
    expect(await test.run('trades')).toBe(0);
    expect(test.out[1]).toMatch(/09:31:10 +10 min +SPY +long +100 +145\.2000 +145\.3000 +10\.00/);
  });

  it('alerts → newest first, at most as many as asked for', async () => {
    expect(await test.run('alerts', '--limit', '1', '--json')).toBe(0);
    expect(test.json()).toHaveLength(1);
  });
});

describe('ordinis status', () => {
  it('running → state, halt, figures, links and the halt command', async () => {
    expect(await test.run('status', '--json')).toBe(0);
    expect(test.json()).toMatchObject({
      running: true,
      pid: 4242,
      account: ACCOUNT,
      state: 'running',
      halt: { mode: 'none', haltVersion: 0, isKillFilePresent: false, causes: [] },
      equityUsd: '114525',
      positions: [{ symbol: 'SPY' }],
      openOrders: [{ clientOrderId: 'ord-a' }],
      lastReconciliation: { runId: 'r1' },
      links: { ui: 'http://127.0.0.1:8233' },
      haltCommand: expect.stringContaining('npm run temporal --'),
    });
  });

  it('halted with the file there → every cause, and the file', async () => {
    writeFileSync(join(test.dataDirectory, 'KILL_SWITCH'), '');
    await test.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.halts.engage(haltCauseRow('c1'));
      const loss = { reason: 'daily_loss', mode: 'reduce_only' } as const;
      await transaction.halts.engage({ ...haltCauseRow('c2'), ...loss });
      transaction.account.set({ haltMode: 'halted', haltVersion: 7 });
    });

    expect(await test.run('status')).toBe(0);

    const text = test.out.join('\n');
    expect(text).toMatch(/halt +halted \(halt version 7\); the file .*KILL_SWITCH is there/);
    expect(text).toMatch(/- manual \(halted\) by .*\(cancel: not verified yet\)/);
    expect(text).toMatch(/- daily_loss \(reduce_only\) by .*\(cancel: none\)/);
  });

  it('a file made by hand that nobody has booked yet → halted all the same', async () => {
    writeFileSync(join(test.dataDirectory, 'KILL_SWITCH'), '');
    expect(await test.run('status')).toBe(0);
    expect(test.out.join('\n')).toContain('halted by the file');
  });

  it('a link to nowhere as the kill file → halted by the file', async () => {
    symlinkSync('/nowhere/KILL_SWITCH', join(test.dataDirectory, 'KILL_SWITCH'));
    await test.run('status', '--json');
    expect(test.json()).toMatchObject({ halt: { isKillFilePresent: true } });
  });

  it('a dead run → not running, the last state as the books have it', async () => {
    const dead = await testShell({ running: false });
    await dead.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.systemState.set(systemStateRow());
    });
    expect(await dead.run('status')).toBe(0);
    expect(dead.out.join('\n')).toMatch(/running +no\n.*\nlast state +running: trades/);
  });

  it('the account of an earlier run beside one that runs → its last state', async () => {
    await test.books.openAccount(newAccount('sim-older'));
    await test.books.transaction('sim-older', async (transaction) => {
      await transaction.systemState.set(systemStateRow());
    });
    expect(await test.run('status', '--account', 'sim-older')).toBe(0);
    expect(test.out.join('\n')).toMatch(/running +yes, process 4242.*\n.*\nlast state +running/);
  });

  it('a process that starts → its pid, and not that nothing runs', async () => {
    const starting = await testShell();
    starting.workers.leaseHolder = () => 4711;
    expect(await starting.run('status')).toBe(0);
    expect(starting.out[0]).toMatch(/^running +starting, process 4711$/);
    await starting.run('status', '--json');
    expect(starting.json()).toMatchObject({ running: false, starting: true, pid: 4711 });
  });

  it('the first start makes the books → its pid, and no books yet', async () => {
    const starting = await testShell();
    starting.workers.leaseHolder = () => 4711;
    starting.workers.openReader = async () => ({
      accounts: async () => [],
      reader: (account) => starting.books.reader(account),
      close: async () => undefined,
    });
    expect(await starting.run('status')).toBe(0);
    expect(starting.out[0]).toContain('starting, process 4711');
    expect(starting.out).toContain('no books yet');
  });

  it('a folder without books → says so', async () => {
    rmSync(join(test.dataDirectory, 'ordinis.db'));
    expect(await test.run('status')).toBe(0);
    expect(test.out).toContain('no books yet');
    expect(test.loads()).toBe(0);
  });
});

describe('which books and which account', () => {
  it('a folder that is not there → exit code 2, never "no positions"', async () => {
    expect(await test.run('positions', '--data-dir', 'elsewhere')).toBe(2);
    expect(test.err[0]).toMatch(/expected a data folder at .*elsewhere, found none/);
  });

  it.each([
    { name: 'a file', dataDir: 'data/ordinis.db', found: 'found a file' },
    { name: 'no name', dataDir: '', found: 'found ""' },
  ])('$name in the place of the folder → exit code 2', async ({ dataDir, found }) => {
    expect(await test.run('status', '--data-dir', dataDir)).toBe(2);
    expect(test.err).toEqual([expect.stringContaining(found)]);
  });

  it('a folder without books → exit code 1 and what to run', async () => {
    rmSync(join(test.dataDirectory, 'ordinis.db'));
    expect(await test.run('positions')).toBe(1);
    expect(test.err[0]).toContain('run "npm start" first');
  });

  it.each([
    { standing: { kind: 'unreadable', message: 'the books are damaged' }, says: 'are damaged' },
    { standing: { kind: 'none' }, says: 'run "npm start" first' },
    { standing: { kind: 'readable' }, says: 'Invalid invocation; --debug shows where' },
  ] as const)('a read fails, books $standing.kind → told', async ({ standing, says }) => {
    const broken = await testShell();
    broken.workers.openReader = () => Promise.reject(new Error('\nInvalid invocation\n'));
    broken.workers.booksStanding = async () => standing;
    expect(await broken.run('orders')).toBe(1);
    expect(broken.err).toEqual([expect.stringContaining(says)]);
  });

  it('status of unreadable books → what runs, and the kill file, all the same', async () => {
    const broken = await testShell();
    writeFileSync(join(broken.dataDirectory, 'KILL_SWITCH'), '');
    broken.workers.openReader = () => Promise.reject(new Error('no database'));
    const message = 'expected a sound database';
    broken.workers.booksStanding = async () => ({ kind: 'unreadable', message });
    expect(await broken.run('status')).toBe(1);
    expect(broken.err).toEqual([
      'ordinis: expected a sound database',
      'ordinis: running: no',
      expect.stringMatching(/KILL_SWITCH is there: nothing is sent$/),
    ]);
  });

  it('several accounts and no run → the one used last', async () => {
    const dead = await testShell();
    await dead.books.openAccount(newAccount('sim-older'));
    await dead.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.systemState.set(systemStateRow({ updatedAtWallMs: at(9) }));
    });
    await dead.books.transaction('sim-older', async (transaction) => {
      await transaction.systemState.set(systemStateRow({ updatedAtWallMs: at(5) }));
    });
    await dead.run('status', '--json');
    expect(dead.json()).toMatchObject({ account: ACCOUNT });
    await dead.run('status', '--json', '--account', 'sim-older');
    expect(dead.json()).toMatchObject({ account: 'sim-older' });
  });

  it('an unknown account → the known ones', async () => {
    expect(await test.run('orders', '--account', 'mine')).toBe(2);
    expect(test.err[0]).toContain(`one of ${ACCOUNT}, found mine`);
  });
});

function kindsOf(shown: unknown): readonly unknown[] {
  if (typeof shown !== 'object' || shown === null || !('story' in shown)) return [];
  const { story } = shown;
  return Array.isArray(story) ? story.map((entry: { readonly kind: unknown }) => entry.kind) : [];
}
