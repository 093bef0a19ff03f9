import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { BrokerAuthRefused, BrokerUnavailable } from '../../adapters/broker/errors.js';
import type { MarketPace, MarketStep } from '../../adapters/broker/port.js';
import { createLockstepPace } from '../../adapters/market-data/alpaca/index.js';
import { epochMs } from '../../domain/values/index.js';
import { EXCHANGE_KEYS, MARKET_DATE, openExchange, SYMBOLS } from './paper-exchange.js';
import { answerJson, openScriptedServer, type Script } from './scripted-server.js';
import { until } from './until.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const NEVER = new AbortController().signal;
const STEP: MarketStep = {
  atMs: epochMs(Date.parse('2013-10-07T13:30:00Z')),
  marketDate: '2013-10-07',
  phase: 'open',
  bars: [],
  lastEventId: null,
};
const wireStep = (timestamp: string, changes: object = {}): object => ({
  timestamp,
  marketDate: '2013-10-07',
  phase: 'open',
  bars: [],
  lastEventId: null,
  ...changes,
});

async function paceAt(url: string): Promise<MarketPace> {
  const pace = createLockstepPace({ exchangeUrl: url, keys: EXCHANGE_KEYS });
  closers.push(() => pace.close());
  return pace;
}

async function paceBehind(script: Script): Promise<MarketPace> {
  const server = await openScriptedServer(script);
  closers.push(() => server.close());
  return paceAt(server.url);
}

describe('lockstep pace: against the paper exchange', () => {
  it('a whole day → minutes in order, every bar once, then ended and no further', async () => {
    const exchange = await openExchange();
    closers.push(() => exchange.close());
    const pace = await paceAt(exchange.tradingUrl);
    let step = await pace.current();
    expect(step).toMatchObject({ phase: 'before_open', marketDate: MARKET_DATE, bars: [] });
    const phases = [step.phase];
    const bars = [];
    while (step.phase !== 'ended') {
      const next = await pace.advance(step, NEVER);
      expect(next.atMs - step.atMs).toBe(60_000);
      for (const bar of next.bars) expect(bar.endAtMs).toBeLessThanOrEqual(next.atMs);
      bars.push(...next.bars);
      phases.push(next.phase);
      step = next;
    }
    expect(bars).toHaveLength(390 * SYMBOLS.length);
    expect(new Set(bars.map((bar) => `${bar.symbol} ${bar.startAtMs}`)).size).toBe(bars.length);
    expect([...new Set(phases)]).toEqual(['before_open', 'open', 'after_close', 'ended']);
    expect(await pace.advance(step, NEVER)).toEqual(step);
  });

  it('the answer was lost and the step is advanced again → the same next step', async () => {
    const exchange = await openExchange();
    closers.push(() => exchange.close());
    const pace = await paceAt(exchange.tradingUrl);
    const first = await pace.current();
    const second = await pace.advance(first, NEVER);
    expect(await pace.advance(first, NEVER)).toEqual(second);
    expect(await pace.current()).toEqual(second);
  });

  it('the exchange restarts → BrokerUnavailable, then it goes on where it was', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ordinis-pace-'));
    closers.push(() => rm(directory, { recursive: true }));
    const stateFile = join(directory, 'exchange.state');
    const before = await openExchange({ stateFile });
    const port = Number(new URL(before.tradingUrl).port);
    const pace = await paceAt(before.tradingUrl);
    const step = await pace.advance(await pace.current(), NEVER);
    await before.close();
    await expect(pace.advance(step, NEVER)).rejects.toBeInstanceOf(BrokerUnavailable);
    const after = await openExchange({ stateFile, port });
    closers.push(() => after.close());
    expect(await pace.current()).toEqual(step);
    expect((await pace.advance(step, NEVER)).atMs).toBe(step.atMs + 60_000);
  });
});

describe('lockstep pace: answers', () => {
  it('the old step (the exchange lost patience) → asked until there is a new one', async () => {
    let asked = 0;
    const pace = await paceBehind((request, response) => {
      expect(JSON.parse(request.body)).toEqual({
        action: 'done',
        through: '2013-10-07T13:30:00.000Z',
      });
      asked += 1;
      answerJson(response, 200, wireStep(`2013-10-07T13:3${asked < 3 ? 0 : 1}:00Z`));
    });
    expect((await pace.advance(STEP, NEVER)).atMs).toBe(STEP.atMs + 60_000);
    expect(asked).toBe(3);
  });

  it('numbers for prices and for the event id → read exactly', async () => {
    const bar = { symbol: 'SPY', t: '2013-10-07T13:29:00Z', o: 1.1, h: 2, l: 1, c: '1.5', v: 7 };
    const body = wireStep('2013-10-07T13:30:00Z', { bars: [bar], lastEventId: 42 });
    const pace = await paceBehind((_request, response) => answerJson(response, 200, body));
    expect(await pace.current()).toMatchObject({
      lastEventId: '42',
      bars: [{ open: 1_100_000_000, close: 1_500_000_000, volume: 7_000_000_000 }],
    });
  });

  const failures: readonly {
    readonly what: string;
    readonly script: Script;
    readonly failure: typeof BrokerUnavailable | typeof BrokerAuthRefused;
  }[] = [
    {
      what: '503',
      script: (_request, response) => answerJson(response, 503, ''),
      failure: BrokerUnavailable,
    },
    {
      what: 'a reset',
      script: (_request, _response, socket) => socket.resetAndDestroy(),
      failure: BrokerUnavailable,
    },
    {
      what: 'a foreign body',
      script: (_request, response) => answerJson(response, 200, { ok: true }),
      failure: BrokerUnavailable,
    },
    {
      what: 'a phase of tomorrow',
      script: (_request, response) =>
        answerJson(response, 200, wireStep('2013-10-07T13:30:00Z', { phase: 'night' })),
      failure: BrokerUnavailable,
    },
    {
      what: '401',
      script: (_request, response) => answerJson(response, 401, { message: 'no' }),
      failure: BrokerAuthRefused,
    },
  ];
  it.each(failures)('$what → named, current and advance alike', async ({ script, failure }) => {
    const pace = await paceBehind(script);
    await expect(pace.current()).rejects.toBeInstanceOf(failure);
    await expect(pace.advance(STEP, NEVER)).rejects.toBeInstanceOf(failure);
  });

  it('the caller gives up while waiting → its own reason', async () => {
    let asked = 0;
    const pace = await paceBehind(() => {
      asked += 1;
    });
    const controller = new AbortController();
    const waiting = pace.advance(STEP, controller.signal);
    waiting.catch(() => {}); // Looked at below.
    await until('the exchange was asked', () => asked === 1);
    controller.abort(new Error('the session stops'));
    await expect(waiting).rejects.toThrow('the session stops');
  });

  it('closed while waiting → BrokerUnavailable', async () => {
    let asked = 0;
    const pace = await paceBehind(() => {
      asked += 1;
    });
    const waiting = pace.advance(STEP, NEVER);
    waiting.catch(() => {}); // Looked at below.
    await until('the exchange was asked', () => asked === 1);
    await pace.close();
    await expect(waiting).rejects.toBeInstanceOf(BrokerUnavailable);
  });
});
