import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { wholeUsd } from '../../domain/values/index.js';
import {
  type ExchangeOptions,
  type JournalEntry,
  type RunningExchange,
  startExchange,
} from '../../exchange/index.js';
import { documented } from './documented-answers.js';

export const KEYS = { keyId: 'key-id', secret: 'a-secret-of-the-test' };

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Something to undo after the test. */
export function afterTest(cleanup: () => Promise<void> | void): void {
  cleanups.push(cleanup);
}

/** A folder of its own for a test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ordinis-exchange-'));
  afterTest(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Minutes of a made-up day: 'open high low close' and 'bid/ask' at its end, from 09:30 New York, or
 * at a time of its own.
 */
export interface ScriptedMinute {
  /** UTC, such as '20:15'; the minute after the one before unless said. */
  readonly at?: string;
  readonly bar: string;
  readonly quote: string;
}

/**
 * A market folder with one symbol whose minutes a test has written out. 2013-10-07 unless said
 * otherwise.
 */
export function scriptedMarket(
  minutes: readonly ScriptedMinute[],
  options: { readonly symbol?: string; readonly quotes?: boolean } = {},
): ExchangeOptions['market'] {
  const { symbol = 'SPY', quotes = true } = options;
  const directory = temporaryFolder();
  const folder = join(directory, symbol);
  mkdirSync(folder);
  let nextAtMs = Date.parse('2013-10-07T13:30:00Z');
  const starts = minutes.map(({ at }) => {
    const startAtMs = at === undefined ? nextAtMs : Date.parse(`2013-10-07T${at}:00Z`);
    nextAtMs = startAtMs + 60_000;
    return new Date(startAtMs).toISOString();
  });
  const trades = minutes.map(
    ({ bar }, index) => `${starts[index]},${bar.replaceAll(' ', ',')},1000`,
  );
  const quoteRows = minutes.map(({ quote }, index) => {
    const [bid, ask] = quote.split('/');
    const side = (price: string | undefined) =>
      price ? `${[price, price, price, price].join()},100` : ',,,,';
    return `${starts[index]},${side(bid)},${side(ask)}`;
  });
  const write = (kind: string, rows: readonly string[]) =>
    writeFileSync(join(folder, `20131007_${kind}.csv`), `${rows.join('\n')}\n`);
  write('trade', ['t,o,h,l,c,v', ...trades]);
  if (quotes) write('quote', ['t,bo,bh,bl,bc,bs,ao,ah,al,ac,as', ...quoteRows]);
  return { kind: 'recorded', directory, date: '2013-10-07', symbols: [symbol] };
}

/** A quiet market around 100 dollars: 99.99 bid, 100.01 asked, every minute. */
export function quietMarket(minutes = 30): ExchangeOptions['market'] {
  const minute = { bar: '100 100 100 100', quote: '99.99/100.01' };
  return scriptedMarket(Array.from({ length: minutes }, () => minute));
}

/**
 * Members of answers that tests read; the API documents and the assertions check what is really
 * there.
 */
export interface WireBody extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly status: string;
  readonly message: string;
  readonly timestamp: string;
  readonly phase: string;
  readonly submitted_at: string;
  readonly lastEventId: string | null;
}

export interface Reply {
  readonly status: number;
  readonly body: WireBody;
  readonly headers: Headers;
}

export interface RawReply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/**
 * An exchange that a test talks to. Every answer of the broker's API is checked against its
 * documents.
 */
export interface TestExchange extends RunningExchange {
  readonly get: (path: string) => Promise<Reply>;
  readonly post: (path: string, body: unknown) => Promise<Reply>;
  readonly patch: (path: string, body: unknown) => Promise<Reply>;
  readonly remove: (path: string) => Promise<Reply>;
  /** The answer as it came, whatever it is. */
  readonly raw: (method: string, path: string, body?: unknown) => Promise<RawReply>;
  /** Puts a fault that must be taken; answers its id. */
  readonly fault: (match: object, action: object) => Promise<string>;
  /** Steps on to the step at `time` (New York is UTC-4: 09:31 is 13:31). Answers that step. */
  readonly goTo: (time: string) => Promise<Reply['body']>;
  readonly journal: (kind?: JournalEntry['kind']) => Promise<readonly JournalEntry[]>;
}

export async function startTestExchange(
  options: Partial<ExchangeOptions> = {},
): Promise<TestExchange> {
  const exchange = await startExchange({
    host: '127.0.0.1',
    port: 0,
    market: options.market ?? quietMarket(),
    seed: 'test',
    mode: 'lockstep',
    speed: null,
    stateFile: null,
    credentials: KEYS,
    startingCash: wholeUsd(100_000),
    partialFillShare: 0,
    rateLimitPerMinute: null,
    openLeadMinutes: 2,
    ...documented,
    ...options,
  });
  let isClosed = false;
  const close = async () => {
    if (!isClosed) await exchange.close();
    isClosed = true;
  };
  afterTest(close);
  return { ...exchange, close, ...clientOf(exchange.tradingUrl) };
}

function clientOf(url: string) {
  const raw = async (method: string, path: string, body?: unknown): Promise<RawReply> => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...keyHeaders(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { status, headers } = response;
    return { status, headers, text: await response.text() };
  };
  const ask = async (method: string, path: string, body?: unknown): Promise<Reply> => {
    const { status, headers, text } = await raw(method, path, body);
    const reply = { status, headers, body: JSON.parse(text === '' ? 'null' : text) as WireBody };
    return reply;
  };
  const get = (path: string) => ask('GET', path);
  const post = (path: string, body: unknown) => ask('POST', path, body);
  const goTo = async (time: string) => {
    let step = (await get('/_clock')).body;
    const to = `${step.timestamp.slice(0, 11)}${time}:00Z`;
    if (Date.parse(to) > Date.parse(step.timestamp)) {
      step = (await post('/_clock', { action: 'step', to })).body;
    }
    while (step.timestamp.slice(11, 16) !== time && step.phase !== 'ended') {
      step = (await post('/_clock', { action: 'done', through: step.timestamp })).body;
    }
    expect(step.timestamp.slice(11, 16)).toBe(time);
    return step;
  };
  const journal = async (kind?: JournalEntry['kind']) => {
    const { body } = await get('/_journal');
    const entries = body['entries'] as readonly JournalEntry[];
    return kind === undefined ? entries : entries.filter((entry) => entry.kind === kind);
  };
  return {
    get,
    post,
    patch: (path: string, body: unknown) => ask('PATCH', path, body),
    remove: (path: string) => ask('DELETE', path),
    raw,
    fault: async (match: object, action: object) => {
      const reply = await post('/_fault', { match, action });
      expect(reply.status, JSON.stringify(reply.body)).toBe(201);
      return reply.body.id;
    },
    goTo,
    journal,
  };
}

export function keyHeaders(): Record<string, string> {
  return { 'APCA-API-KEY-ID': KEYS.keyId, 'APCA-API-SECRET-KEY': KEYS.secret };
}

/** The members of a journal that a second, equal run repeats: all but the wall clock. */
export function repeatable(entries: readonly JournalEntry[]): readonly unknown[] {
  return entries.map(({ receivedWallMs: _received, answeredWallMs: _answered, ...rest }) => rest);
}

/** A plain order body. */
export function orderBody(overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    symbol: 'SPY',
    qty: '10',
    side: 'buy',
    type: 'market',
    time_in_force: 'day',
    ...overrides,
  };
}

/** The rows of an answer that is a list. */
export function rowsOf(body: unknown): readonly WireBody[] {
  expect(Array.isArray(body), `expected a list, found ${JSON.stringify(body)}`).toBe(true);
  return body as readonly WireBody[];
}
