import { afterEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { createAlpacaBroker } from '../../adapters/broker/alpaca/index.js';
import { BrokerUnavailable } from '../../adapters/broker/errors.js';
import type { BrokerCalendarDay, MarketPace, MarketStep } from '../../adapters/broker/port.js';
import {
  createAlpacaMarketData,
  createRealtimePace,
  type RealtimePaceOptions,
} from '../../adapters/market-data/alpaca/index.js';
import type { Bar } from '../../domain/market/index.js';
import { type EpochMs, epochMs, price, wholeUnits } from '../../domain/values/index.js';
import { EXCHANGE_KEYS, openExchange, SYMBOLS } from './paper-exchange.js';
import {
  openScriptedSocket,
  type ScriptedSocketServer,
  type SocketScript,
} from './scripted-socket.js';
import { until } from './until.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const NEVER = new AbortController().signal;
const MINUTE = 60_000;
const OPEN = Date.parse('2013-10-07T13:30:00Z');
const DAYS: readonly BrokerCalendarDay[] = [
  {
    date: '2013-10-07',
    openAtMs: epochMs(OPEN),
    closeAtMs: epochMs(Date.parse('2013-10-07T20:00:00Z')),
  },
  {
    date: '2013-10-08',
    openAtMs: epochMs(Date.parse('2013-10-08T13:30:00Z')),
    closeAtMs: epochMs(Date.parse('2013-10-08T20:00:00Z')),
  },
];

function minute(index: number): EpochMs {
  return epochMs(OPEN + index * MINUTE);
}

/** The bar of a symbol that starts `index` minutes after the open. */
function bar(symbol: string, index: number): Bar {
  const at = price((100 + index) * 1_000_000_000);
  return {
    symbol,
    startAtMs: minute(index),
    endAtMs: minute(index + 1),
    open: at,
    high: at,
    low: at,
    close: at,
    volume: wholeUnits(100),
  };
}

function barMessage(symbol: string, index: number): object {
  const at = 100 + index;
  const t = new Date(minute(index)).toISOString();
  return { T: 'b', S: symbol, o: at, h: at, l: at, c: at, v: 100, n: 1, vw: at, t };
}

/** A data stream that behaves. */
const STREAM: SocketScript = {
  onConnect: (socket) => socket.send(JSON.stringify([{ T: 'success', msg: 'connected' }])),
  onMessage: (socket, message) => {
    if (message['action'] === 'auth') {
      socket.send(JSON.stringify([{ T: 'success', msg: 'authenticated' }]));
    }
    if (message['action'] === 'subscribe') {
      socket.send(JSON.stringify([{ T: 'subscription', bars: message['bars'] }]));
    }
  },
};

interface Scene {
  readonly pace: MarketPace;
  readonly server: ScriptedSocketServer;
  /** Market time, which moves only as the test says. */
  readonly market: { nowMs: number };
  /** What REST knows, and each question it was asked. */
  readonly rest: { bars: Bar[]; failure: Error | null; readonly asked: string[] };
  readonly changes: boolean[];
  readonly late: Bar[];
  /** Sends a frame and waits until the pace has taken it. */
  readonly push: (...messages: readonly object[]) => Promise<void>;
}

async function openScene(
  changes: Partial<RealtimePaceOptions> = {},
  script: SocketScript = STREAM,
): Promise<Scene> {
  const clients: WebSocket[] = [];
  const server = await openScriptedSocket({
    ...script,
    onConnect: (socket) => {
      clients.push(socket);
      script.onConnect?.(socket);
    },
  });
  closers.push(() => server.close());
  const market = { nowMs: OPEN + 30_000 };
  const rest: Scene['rest'] = { bars: [], failure: null, asked: [] };
  const streamChanges: boolean[] = [];
  const late: Bar[] = [];
  const at = (): EpochMs => epochMs(market.nowMs);
  const pace = createRealtimePace({
    broker: {
      clock: async () => ({ atMs: at(), isOpen: true, nextOpenAtMs: at(), nextCloseAtMs: at() }),
      calendar: async () => DAYS,
    },
    marketData: {
      minuteBars: async ({ symbols, fromMs, untilMs }) => {
        if (rest.failure !== null) throw rest.failure;
        rest.asked.push(
          `${symbols.join(',')} ${(fromMs - OPEN) / MINUTE}-${(untilMs - OPEN) / MINUTE}`,
        );
        return rest.bars.filter(
          (one) =>
            symbols.includes(one.symbol) && one.startAtMs >= fromMs && one.endAtMs <= untilMs,
        );
      },
    },
    stream: { keyId: 'PKTEST', secret: 'secret', dataStreamUrl: server.url },
    symbols: ['IBM', 'SPY'],
    deliveredThroughMs: null,
    monotonicNowMs: () => market.nowMs - OPEN,
    onStreamChange: ({ live }) => streamChanges.push(live),
    onLateBar: (one) => late.push(one),
    ...changes,
  });
  closers.push(() => pace.close());
  const push = async (...messages: readonly object[]): Promise<void> => {
    const client = clients.at(-1);
    client?.send(JSON.stringify(messages));
    // Frames keep their order: whoever answers the ping has taken what came before it.
    const isTaken = new Promise((resolve) => client?.once('pong', resolve));
    client?.ping();
    await isTaken;
  };
  return { pace, server, market, rest, changes: streamChanges, late, push };
}

/** Opens the pace, waits for its stream and covers the loss of its beginning. */
async function begin(scene: Scene): Promise<MarketStep> {
  const step = await scene.pace.current();
  await until('the stream is live', () => scene.changes.includes(true));
  return step;
}

/** The step after another, a moment after its minute, while the stream sends what is given. */
function nextStep(scene: Scene, step: MarketStep, graceIsOver: boolean): Promise<MarketStep> {
  scene.market.nowMs = step.atMs + MINUTE + (graceIsOver ? 4_000 : 100);
  return scene.pace.advance(step, NEVER);
}

describe('realtime pace: steps and their bars', () => {
  it('every bar comes by the stream → ready at once, REST asked at the start only', async () => {
    const scene = await openScene();
    const first = await begin(scene);
    expect(first).toMatchObject({ atMs: minute(0), phase: 'open', bars: [] });
    await scene.push(barMessage('SPY', 0), barMessage('IBM', 0));
    const second = await nextStep(scene, first, false);
    expect(second.bars).toEqual([bar('IBM', 0), bar('SPY', 0)]);
    const twin = { ...barMessage('SPY', 1), c: 100.5 };
    await scene.push(barMessage('IBM', 1), barMessage('SPY', 1), twin);
    const third = await nextStep(scene, second, false);
    expect(third).toMatchObject({ atMs: minute(2), bars: [bar('IBM', 1), bar('SPY', 1)] });
    expect(scene.rest.asked).toEqual(['IBM,SPY 0-1']);
  });

  it('a symbol without a trade → after the grace the others, REST asked for it alone', async () => {
    const scene = await openScene();
    const first = await begin(scene);
    await scene.push(barMessage('IBM', 0), barMessage('SPY', 0));
    const second = await nextStep(scene, first, false);
    await scene.push(barMessage('IBM', 1));
    const third = await nextStep(scene, second, true);
    expect(third.bars).toEqual([bar('IBM', 1)]);
    expect(scene.rest.asked.at(-1)).toBe('SPY 1-2');
  });

  it('a lost frame → REST brings it in the same step', async () => {
    const scene = await openScene();
    const first = await begin(scene);
    await scene.push(barMessage('IBM', 0));
    scene.rest.bars = [bar('IBM', 0), bar('SPY', 0)];
    const second = await nextStep(scene, first, true);
    expect(second.bars).toEqual([bar('IBM', 0), bar('SPY', 0)]);
  });

  it('a bar after its step → in the next one; after a later one → reported', async () => {
    const scene = await openScene();
    const first = await begin(scene);
    await scene.push(barMessage('IBM', 0));
    const second = await nextStep(scene, first, true);
    expect(second.bars).toEqual([bar('IBM', 0)]);
    await scene.push(barMessage('SPY', 0), barMessage('SPY', 1), barMessage('IBM', 1));
    const third = await nextStep(scene, second, false);
    expect(third.bars).toEqual([bar('SPY', 0), bar('IBM', 1), bar('SPY', 1)]);
    await scene.push(barMessage('IBM', 2), barMessage('SPY', 3));
    const fourth = await nextStep(scene, third, true);
    await scene.push(barMessage('IBM', 3));
    const fifth = await nextStep(scene, fourth, false);
    expect(fifth.bars).toEqual([bar('IBM', 3), bar('SPY', 3)]);
    await scene.push(barMessage('SPY', 2));
    await until('the late bar is reported', () => scene.late.length === 1);
    expect(scene.late).toEqual([bar('SPY', 2)]);
  });

  it('a frame that cannot be read → everything is asked for again, nothing twice', async () => {
    const scene = await openScene();
    const first = await begin(scene);
    await scene.push(barMessage('IBM', 0), barMessage('SPY', 0));
    const second = await nextStep(scene, first, false);
    await scene.push({ T: 'b', S: 'SPY', o: 'dear' }, barMessage('IBM', 1), barMessage('SPY', 1));
    scene.rest.bars = [bar('IBM', 0), bar('SPY', 0), bar('IBM', 1), bar('SPY', 1)];
    const third = await nextStep(scene, second, false);
    expect(third.bars).toEqual([bar('IBM', 1), bar('SPY', 1)]);
    expect(scene.rest.asked.at(-1)).toBe('IBM,SPY 1-2');
  });

  it('minutes behind → each step with its own bars, and one question for all of them', async () => {
    const scene = await openScene();
    let step = await begin(scene);
    scene.rest.bars = [0, 1, 2, 3].flatMap((index) => [bar('IBM', index), bar('SPY', index)]);
    scene.market.nowMs = minute(4) + 10_000;
    for (let index = 0; index < 4; index += 1) {
      step = await scene.pace.advance(step, NEVER);
      expect(step).toMatchObject({ atMs: minute(index + 1) });
      expect(step.bars).toEqual([bar('IBM', index), bar('SPY', index)]);
    }
    expect(scene.rest.asked).toEqual(['IBM,SPY 0-4']);
  });

  it('bars of extended hours → delivered to nobody', async () => {
    const scene = await openScene({ deliveredThroughMs: minute(-5) });
    scene.rest.bars = [bar('SPY', -1), bar('SPY', 0)];
    scene.market.nowMs = minute(1) + 30_000;
    const step = await begin(scene);
    expect(step).toMatchObject({ atMs: minute(1), bars: [bar('SPY', 0)] });
  });
});

describe('realtime pace: what goes wrong', () => {
  it('the stream breaks → steps go on by REST, and it is opened again', async () => {
    const scene = await openScene();
    const first = await begin(scene);
    scene.server.dropClients();
    await until('the end is seen', () => scene.changes.includes(false));
    scene.rest.bars = [bar('IBM', 0), bar('SPY', 0)];
    const second = await nextStep(scene, first, true);
    expect(second.bars).toEqual([bar('IBM', 0), bar('SPY', 0)]);
    await until('the stream is live again', () => scene.changes.at(-1) === true);
    expect(scene.server.connectionCount()).toBe(2);
    await scene.push(barMessage('IBM', 1), barMessage('SPY', 1), barMessage('SPY', 0));
    const third = await nextStep(scene, second, false);
    expect(third.bars).toEqual([bar('IBM', 1), bar('SPY', 1)]);
  });

  it('the stream refuses the keys → told, steps go on by REST', async () => {
    const refusing: SocketScript = {
      onConnect: (socket) =>
        socket.send(JSON.stringify([{ T: 'error', code: 402, msg: 'auth failed' }])),
    };
    const scene = await openScene({}, refusing);
    const first = await scene.pace.current();
    await until('the refusal is told', () => scene.changes.includes(false));
    scene.rest.bars = [bar('IBM', 0), bar('SPY', 0)];
    const second = await nextStep(scene, first, true);
    expect(second.bars).toHaveLength(2);
  });

  it('REST fails → BrokerUnavailable; the same call again goes on and skips nothing', async () => {
    const scene = await openScene();
    const first = await begin(scene);
    await scene.push(barMessage('IBM', 0));
    scene.rest.failure = new BrokerUnavailable('gone');
    await expect(nextStep(scene, first, true)).rejects.toBe(scene.rest.failure);
    scene.rest.failure = null;
    scene.rest.bars = [bar('SPY', 0)];
    const second = await scene.pace.advance(first, NEVER);
    expect(second.bars).toEqual([bar('IBM', 0), bar('SPY', 0)]);
  });

  it('the answer of a step was lost → the same step again', async () => {
    const scene = await openScene();
    const first = await begin(scene);
    await scene.push(barMessage('IBM', 0), barMessage('SPY', 0));
    const second = await nextStep(scene, first, false);
    expect(await scene.pace.advance(first, NEVER)).toEqual(second);
    expect(await scene.pace.current()).toEqual(second);
  });

  it('the caller gives up → its own reason, and a later call goes on', async () => {
    const scene = await openScene();
    const first = await begin(scene);
    const controller = new AbortController();
    const waiting = scene.pace.advance(first, controller.signal);
    controller.abort(new Error('the session stops'));
    await expect(waiting).rejects.toThrow('the session stops');
    await scene.push(barMessage('IBM', 0), barMessage('SPY', 0));
    expect((await nextStep(scene, first, false)).bars).toHaveLength(2);
  });
});

describe('realtime pace: the day', () => {
  it('from before the open over the close into the next day → each phase once', async () => {
    const scene = await openScene();
    scene.market.nowMs = OPEN - 20 * MINUTE + 5_000;
    let step = await begin(scene);
    expect(step).toMatchObject({ phase: 'before_open', atMs: minute(-20) });
    const shown: string[] = [];
    scene.market.nowMs = OPEN + 48 * 60 * MINUTE; // The clock is ahead: every step is due.
    while (shown.length < 400) {
      step = await scene.pace.advance(step, NEVER);
      const minutes = (step.atMs - OPEN) / MINUTE;
      shown.push(`${step.marketDate} ${step.phase} ${minutes}`);
    }
    expect(shown.slice(0, 7)).toEqual([
      '2013-10-07 before_open -5',
      '2013-10-07 before_open -4',
      '2013-10-07 before_open -3',
      '2013-10-07 before_open -2',
      '2013-10-07 before_open -1',
      '2013-10-07 open 0',
      '2013-10-07 open 1',
    ]);
    expect(shown.slice(394, 399)).toEqual([
      '2013-10-07 open 389',
      '2013-10-07 after_close 390',
      '2013-10-07 ended 391',
      '2013-10-08 before_open 1435',
      '2013-10-08 before_open 1436',
    ]);
  });

  it.each([
    { what: 'in the evening', nowMs: OPEN + 500 * MINUTE, shows: '2013-10-07 ended' },
    { what: 'at the close', nowMs: OPEN + 390 * MINUTE, shows: '2013-10-07 after_close' },
    { what: 'on a Sunday', nowMs: OPEN - 20 * 60 * MINUTE, shows: '2013-10-07 before_open' },
  ])('begun $what → $shows', async ({ nowMs, shows }) => {
    const scene = await openScene();
    scene.market.nowMs = nowMs;
    const { marketDate, phase } = await scene.pace.current();
    expect(`${marketDate} ${phase}`).toBe(shows);
  });
});

describe('realtime pace: against the paper exchange, running free', () => {
  it('twenty minutes → every bar once, equal to the history', async () => {
    const speed = 600;
    const exchange = await openExchange({ mode: 'free', speed, openLeadMinutes: 1 });
    closers.push(() => exchange.close());
    const { tradingUrl, streamUrl, dataUrl, dataStreamUrl } = exchange;
    const broker = createAlpacaBroker({ ...EXCHANGE_KEYS, tradingUrl, streamUrl });
    const marketData = createAlpacaMarketData({ ...EXCHANGE_KEYS, dataUrl, feed: 'iex' });
    const pace = createRealtimePace({
      broker,
      marketData,
      stream: { ...EXCHANGE_KEYS, dataStreamUrl },
      symbols: [...SYMBOLS],
      deliveredThroughMs: null,
      speed,
      graceMs: 50,
    });
    closers.push(() => pace.close());
    let step = await pace.current();
    const bars: Bar[] = [...step.bars];
    while (step.phase === 'before_open') step = await pace.advance(step, NEVER);
    const fromMs = step.atMs;
    for (let index = 0; index < 20; index += 1) {
      step = await pace.advance(step, NEVER);
      bars.push(...step.bars);
    }
    const symbols = [...SYMBOLS];
    const history = await marketData.minuteBars({ symbols, fromMs, untilMs: step.atMs });
    expect(history).toHaveLength(40);
    expect(bars).toEqual(history);
  });
});
