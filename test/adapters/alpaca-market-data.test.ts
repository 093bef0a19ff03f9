import { afterEach, describe, expect, it } from 'vitest';
import {
  BrokerAuthRefused,
  BrokerRateLimited,
  BrokerUnavailable,
} from '../../adapters/broker/errors.js';
import {
  type AlpacaMarketData,
  createAlpacaMarketData,
} from '../../adapters/market-data/alpaca/index.js';
import { epochMs, parseInstant, price, quantity, wholeUnits } from '../../domain/values/index.js';
import { advanceTo, EXCHANGE_KEYS, openExchange, SYMBOLS } from './paper-exchange.js';
import { createLockstepPace } from '../../adapters/market-data/alpaca/index.js';
import {
  answerJson,
  openScriptedServer,
  type Script,
  type ScriptedServer,
} from './scripted-server.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function dataBehind(
  script: Script,
): Promise<{ data: AlpacaMarketData; server: ScriptedServer }> {
  const server = await openScriptedServer(script);
  closers.push(() => server.close());
  const data = createAlpacaMarketData({
    keyId: 'PKTEST',
    secret: 'secret',
    dataUrl: server.url,
    feed: 'iex',
  });
  return { data, server };
}

const wireBar = (t: string, changes: object = {}): object => ({
  t,
  o: 145.2,
  h: 145.31,
  l: 145.1,
  c: 145.255,
  v: 1200,
  n: 12,
  vw: 145.2,
  ...changes,
});
const at = (time: string) => epochMs(parseInstant(`2013-10-07T${time}Z`) ?? 0);

describe('market data: minute bars', () => {
  it('several pages → one list, exact, oldest first, only what is complete', async () => {
    const pages: Readonly<Record<string, object>> = {
      first: {
        bars: { SPY: [wireBar('2013-10-07T13:30:00Z'), wireBar('2013-10-07T13:31:00Z')] },
        next_page_token: 'second',
      },
      second: {
        bars: { IBM: [wireBar('2013-10-07T13:30:00Z', { c: 181.001, h: 182 })], SPY: [] },
        next_page_token: 'third',
      },
      third: { bars: { IBM: [wireBar('2013-10-07T13:32:00Z')] }, next_page_token: null },
    };
    const { data, server } = await dataBehind((request, response) =>
      answerJson(response, 200, pages[request.query.get('page_token') ?? 'first']),
    );
    const untilMs = at('13:32:00');
    const query = { symbols: ['SPY', 'IBM'], fromMs: at('13:30:00'), untilMs };
    const bars = await data.minuteBars(query);
    expect(bars.map(({ symbol, startAtMs }) => [symbol, startAtMs])).toEqual([
      ['IBM', at('13:30:00')],
      ['SPY', at('13:30:00')],
      ['SPY', at('13:31:00')],
    ]);
    expect(bars[0]).toMatchObject({
      close: price(181_001_000_000),
      open: price(145_200_000_000),
      volume: wholeUnits(1_200),
      endAtMs: at('13:31:00'),
    });
    expect(server.requests).toHaveLength(3);
    expect(Object.fromEntries(server.requests[0]?.query ?? [])).toMatchObject({
      symbols: 'SPY,IBM',
      timeframe: '1Min',
      start: '2013-10-07T13:30:00.000Z',
      end: '2013-10-07T13:31:00.000Z',
      adjustment: 'raw',
      feed: 'iex',
    });
  });

  it.each([
    { what: 'the same page for ever', body: { bars: {}, next_page_token: 'again' } },
    { what: 'a price that is none', body: { bars: { SPY: [wireBar('x', { o: null })] } } },
    { what: 'no bars member', body: { quotes: {} } },
  ])('$what → BrokerUnavailable', async ({ body }) => {
    const { data } = await dataBehind((_request, response) => answerJson(response, 200, body));
    const query = { symbols: ['SPY'], fromMs: at('13:30:00'), untilMs: at('13:40:00') };
    await expect(data.minuteBars(query)).rejects.toBeInstanceOf(BrokerUnavailable);
  });

  it('no bars at all → an empty list', async () => {
    const { data } = await dataBehind((_request, response) =>
      answerJson(response, 200, { bars: null, next_page_token: null }),
    );
    const query = { symbols: ['SPY'], fromMs: at('13:30:00'), untilMs: at('13:40:00') };
    expect(await data.minuteBars(query)).toEqual([]);
  });
});

describe('market data: sizes beyond any order of ours', () => {
  const MOST = quantity(Number.MAX_SAFE_INTEGER);
  const range = { symbols: ['F'], fromMs: at('19:59:00'), untilMs: at('20:01:00') };

  it('a minute of 12 million shares → read, and the minute after it', async () => {
    const bars = [
      wireBar('2013-10-07T19:59:00Z', { v: 12_345_678 }),
      wireBar('2013-10-07T20:00:00Z', { v: 9_007_199 }),
    ];
    const { data } = await dataBehind((_request, response) =>
      answerJson(response, 200, { bars: { F: bars }, next_page_token: null }),
    );
    const read = [{ volume: MOST }, { volume: wholeUnits(9_007_199) }];
    await expect(data.minuteBars(range)).resolves.toMatchObject(read);
  });

  it('a bid of 10 million shares → read, the ask beside it too', async () => {
    const quote = { t: '2013-10-07T13:30:00.5Z', bp: 0.5, bs: 10_000_000, ap: 0.51, as: 3 };
    const { data } = await dataBehind((_request, response) =>
      answerJson(response, 200, { quotes: { F: quote } }),
    );
    const quotes = data.latestQuotes(['F']).then((found) => found.get('F'));
    await expect(quotes).resolves.toMatchObject({ bidSize: MOST, askSize: wholeUnits(3) });
  });

  it('a size that is none → BrokerUnavailable', async () => {
    const bars = [wireBar('2013-10-07T19:59:00Z', { v: -1 })];
    const { data } = await dataBehind((_request, response) =>
      answerJson(response, 200, { bars: { F: bars }, next_page_token: null }),
    );
    await expect(data.minuteBars(range)).rejects.toThrow(/expected v to be a quantity/);
  });
});

describe('market data: latest quotes', () => {
  it('250 symbols → three requests, one map; an empty side is null', async () => {
    const symbols = Array.from({ length: 250 }, (_, index) => `S${index}`);
    const { data, server } = await dataBehind((request, response) => {
      const asked = (request.query.get('symbols') ?? '').split(',');
      const quote = { t: '2013-10-07T13:30:00.5Z', bp: 0, bs: 0, ap: 145.21, as: 3 };
      const quotes = Object.fromEntries(asked.map((symbol) => [symbol, quote]));
      answerJson(response, 200, { quotes });
    });
    const quotes = await data.latestQuotes(symbols);
    expect([...quotes.keys()]).toEqual(symbols);
    expect(quotes.get('S7')).toEqual({
      symbol: 'S7',
      atMs: at('13:30:00.5'),
      bidPrice: null,
      bidSize: wholeUnits(0),
      askPrice: price(145_210_000_000),
      askSize: wholeUnits(3),
    });
    expect(server.requests).toHaveLength(3);
  });
});

describe('market data: whether the account may use a feed', () => {
  const verify = async (status: number, body: unknown) => {
    const { data, server } = await dataBehind((_request, response) =>
      answerJson(response, status, body),
    );
    const answer: unknown = await data.verifyDataFeed('sip').catch((error: unknown) => error);
    expect(server.requests[0]?.query.get('feed')).toBe('sip');
    return answer;
  };

  it('a quote → yes', async () => {
    expect(await verify(200, { quotes: {} })).toEqual({ ok: true });
  });

  it('403 about the subscription → no, in the words of the broker', async () => {
    const message = 'subscription does not permit querying recent SIP data';
    expect(await verify(403, { message })).toEqual({ ok: false, message });
  });

  it.each([
    { status: 401, failure: BrokerAuthRefused },
    { status: 429, failure: BrokerRateLimited },
    { status: 500, failure: BrokerUnavailable },
  ])('$status → neither yes nor no', async ({ status, failure }) => {
    expect(await verify(status, { message: 'x' })).toBeInstanceOf(failure);
  });
});

describe('market data: the paper exchange', () => {
  it('bars and quotes → those of the steps', async () => {
    const exchange = await openExchange();
    closers.push(() => exchange.close());
    const { dataUrl, tradingUrl } = exchange;
    const data = createAlpacaMarketData({ ...EXCHANGE_KEYS, dataUrl, feed: 'iex' });
    const pace = createLockstepPace({ exchangeUrl: tradingUrl, keys: EXCHANGE_KEYS });
    let step = await advanceTo('open', pace);
    const fromMs = step.atMs;
    const shown = [];
    for (let minute = 0; minute < 5; minute += 1) {
      step = await pace.advance(step, new AbortController().signal);
      shown.push(...step.bars);
    }
    const symbols = [...SYMBOLS];
    const bars = await data.minuteBars({ symbols, fromMs, untilMs: step.atMs });
    expect(bars).toHaveLength(10);
    const byKey = new Map(shown.map((bar) => [`${bar.symbol} ${bar.startAtMs}`, bar]));
    for (const bar of bars) expect(byKey.get(`${bar.symbol} ${bar.startAtMs}`)).toEqual(bar);
    const quotes = await data.latestQuotes(symbols);
    expect([...quotes.keys()].sort()).toEqual([...SYMBOLS].sort());
    expect(await data.verifyDataFeed('iex')).toEqual({ ok: true });
  });
});
