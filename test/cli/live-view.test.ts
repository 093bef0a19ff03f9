import { describe, expect, it } from 'vitest';
import { readSnapshot } from '../../cli/books-snapshot.js';
import {
  afterBooks,
  afterBooksFault,
  afterEvent,
  afterStopRequest,
  INITIAL_STATE,
} from '../../cli/start/live-state.js';
import { progressBar, renderLiveView } from '../../cli/start/live-view.js';
import { isWorthALine } from '../../cli/start/plain-lines.js';
import { repeatFilter } from '../../cli/start/repeats.js';
import type { StartEvent } from '../../workers/start-options.js';
import { ACCOUNT, haltCauseRow, orderRow, positionRow } from '../store/rows-fixture.js';
import { RUN, testShell } from './shell-fixture.js';

const READY: StartEvent = { kind: 'ready', run: RUN, state: 'running', notes: [] };
const MARKET = {
  kind: 'market',
  marketDate: '2013-10-07',
  atMs: Date.UTC(2013, 9, 7, 15, 24),
  phase: 'open',
  progress: 0.5,
} as const;

const ORDER = {
  kind: 'order',
  clientOrderId: 'ord-1',
  state: 'filled',
  summary: 'buy 100 SPY market day',
  detail: null,
} as const;

const order = (number: number): StartEvent => ({ ...ORDER, clientOrderId: `ord-${number}` });

describe('live view', () => {
  it('nothing known yet → says so, and how to stop', () => {
    expect(renderLiveView(INITIAL_STATE, 100, 'npx ordinis halt')).toEqual([
      'Ordinis STARTING',
      'market time: not known yet',
      'halt: npx ordinis halt   Ctrl-C shuts down',
    ]);
  });

  it('running → everything that matters, a line each', async () => {
    const test = await testShell();
    await test.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.positions.upsert(positionRow('SPY'));
      await transaction.orders.create(orderRow('ord-open'));
    });
    const books = await readSnapshot(test.books.reader(ACCOUNT));
    const told = [READY, MARKET, order(1)].reduce(afterEvent, INITIAL_STATE);

    expect(renderLiveView(afterBooks(told, books), 120, 'npx ordinis halt')).toEqual([
      'Ordinis RUNNING  sim-2013-10-07-1  recorded 2013-10-07 SPY,IBM',
      `2013-10-07 11:24:00 New York  [${'#'.repeat(15)}${'-'.repeat(15)}]  50 %  open`,
      'equity 114,525.00   realised 0.00   unrealised 5.00   fees 0.00',
      'positions (1)',
      '  SPY long 100 at 145.2000, 5.00',
      'open orders (1)',
      '  buy 100.500000001 SPY stop 145.10 limit 145.200000001 day: created',
      'last events',
      '  running: account sim-2013-10-07-1, recorded 2013-10-07 SPY,IBM',
      '  11:24:00  buy 100 SPY market day: filled  ord-1',
      'Web UI http://127.0.0.1:8233',
      'halt: npx ordinis halt   Ctrl-C shuts down',
    ]);
  });

  it('a halt in the books → HALTED with its cause', async () => {
    const test = await testShell();
    await test.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.halts.engage(haltCauseRow('c1'));
      transaction.account.set({ haltMode: 'halted', haltVersion: 1 });
    });
    const books = await readSnapshot(test.books.reader(ACCOUNT));
    const lines = renderLiveView(afterBooks(afterEvent(INITIAL_STATE, READY), books), 100, 'x');

    expect(lines[0]).toContain('Ordinis HALTED');
    expect(lines.some((line) => line.startsWith('HALTED because of manual: '))).toBe(true);
  });

  it('a held symbol without a price → equity is unknown, never guessed', async () => {
    const test = await testShell();
    await test.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.positions.upsert(positionRow('SPY', { lastPrice: null }));
    });
    const books = await readSnapshot(test.books.reader(ACCOUNT));
    const lines = renderLiveView(afterBooks(INITIAL_STATE, books), 100, 'x');

    expect(lines.join('\n')).toContain('equity -   realised 0.00   unrealised -');
  });

  it('unreadable books → the reason, and the last figures stay', async () => {
    const test = await testShell();
    const books = await readSnapshot(test.books.reader(ACCOUNT));
    const state = afterBooksFault(afterBooks(INITIAL_STATE, books), 'locked');
    const text = renderLiveView(state, 100, 'x').join('\n');

    expect(text).toContain('books could not be read: locked');
    expect(text).toContain('equity 100,000.00');
  });

  it('many events → the last eight', () => {
    const state = Array.from({ length: 20 }, (_, index) => order(index)).reduce(
      afterEvent,
      INITIAL_STATE,
    );
    expect(state.lastLines).toHaveLength(8);
    expect(state.lastLines.at(-1)).toContain('ord-19');
  });

  it('a narrow terminal → no line is wider', () => {
    const state = afterStopRequest([READY, MARKET, order(1)].reduce(afterEvent, INITIAL_STATE));
    for (const columns of [10, 30, 60]) {
      for (const line of renderLiveView(state, columns, 'npx ordinis halt')) {
        expect(line.length).toBeLessThan(Math.max(columns, 21));
      }
    }
  });

  it('80 columns and a long name → what became of the order is seen', () => {
    const clientOrderId = 'ord-demonstration-SPY-m7t5qxeo-rest';
    const long: StartEvent = { ...ORDER, clientOrderId, state: 'partially_filled' };
    const lines = renderLiveView([READY, MARKET, long].reduce(afterEvent, INITIAL_STATE), 80, 'x');
    expect(lines.join('\n')).toContain('buy 100 SPY market day: partially_filled  ord-demo');
  });

  it.each([
    [-1, 0],
    [0, 0],
    [0.5, 15],
    [1, 30],
    [2, 30],
  ])('progress %f → %i of 30', (progress, done) => {
    expect(progressBar(progress)).toBe(`[${'#'.repeat(done)}${'-'.repeat(30 - done)}]`);
  });
});

describe('repeats', () => {
  const isRepeat = (events: readonly StartEvent[]): readonly boolean[] =>
    events.map(repeatFilter());

  it('the same word about the same order → told once; another state or order → told', () => {
    const filled = order(1);
    const accepted: StartEvent = { ...ORDER, state: 'accepted' };
    const events = [accepted, accepted, filled, order(2), accepted, MARKET, MARKET];
    expect(isRepeat(events)).toEqual([false, true, false, false, false, false, false]);
  });

  it('more orders than are remembered → the oldest is told again', () => {
    const events = [
      ...Array.from({ length: 201 }, (_, index) => order(index)),
      order(0),
      order(200),
    ];
    expect(isRepeat(events).slice(-2)).toEqual([false, true]);
  });
});

describe('plain lines: market time', () => {
  it.each([
    { name: 'the first', told: null, progress: 0, is: true },
    { name: 'a minute later', told: { ...MARKET, progress: 0.5 }, progress: 0.51, is: false },
    { name: 'a tenth further', told: { ...MARKET, progress: 0.59 }, progress: 0.6, is: true },
    {
      name: 'another phase',
      told: { ...MARKET, phase: 'before_open' as const },
      progress: 0.5,
      is: true,
    },
    {
      name: 'another day',
      told: { ...MARKET, marketDate: '2013-10-04' },
      progress: 0.5,
      is: true,
    },
  ])('$name → worth a line: $is', ({ told, progress, is }) => {
    expect(isWorthALine({ ...MARKET, progress }, told)).toBe(is);
  });
});
