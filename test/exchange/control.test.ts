import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync, appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StateFileFault } from '../../exchange/index.js';
import {
  KEYS,
  keyHeaders,
  orderBody,
  scriptedMarket,
  quietMarket,
  repeatable,
  startTestExchange,
  type TestExchange,
  temporaryFolder,
} from './running-exchange.js';

describe('exchange clock: lockstep', () => {
  it('a day → before the open, open, after the close, ended', async () => {
    const exchange = await startTestExchange();
    const first = (await exchange.get('/_clock')).body;
    expect(first).toMatchObject({
      timestamp: '2013-10-07T13:28:00Z',
      marketDate: '2013-10-07',
      phase: 'before_open',
      bars: [],
      lastEventId: null,
      mode: 'lockstep',
      speed: null,
    });
    expect(await exchange.goTo('13:30')).toMatchObject({ phase: 'open', bars: [] });
    expect(await exchange.goTo('13:31')).toMatchObject({
      phase: 'open',
      bars: [{ symbol: 'SPY' }],
    });
    expect(await exchange.goTo('20:00')).toMatchObject({ phase: 'after_close' });
    const ended = await exchange.goTo('20:01');
    expect(ended.phase).toBe('ended');
    const again = await exchange.post('/_clock', { action: 'done', through: ended.timestamp });
    expect(again.body).toMatchObject({ phase: 'ended', timestamp: ended.timestamp });
  });

  it('done for a step that is over → the current step at once, unchanged', async () => {
    const exchange = await startTestExchange();
    const { body: first } = await exchange.get('/_clock');
    const { body: second } = await exchange.post('/_clock', {
      action: 'done',
      through: first.timestamp,
    });
    const { body: third } = await exchange.post('/_clock', {
      action: 'done',
      through: first.timestamp,
    });
    expect(second.timestamp).toBe('2013-10-07T13:29:00Z');
    expect(third).toEqual(second);
    expect((await exchange.get('/_clock')).body).toEqual(second);
  });

  it('two clients are done with the same step → one step', async () => {
    const exchange = await startTestExchange({ speed: 600 });
    const { body } = await exchange.get('/_clock');
    const done = { action: 'done', through: body.timestamp };
    const answers = await Promise.all([
      exchange.post('/_clock', done),
      exchange.post('/_clock', done),
    ]);
    expect(answers.map((answer) => answer.body.timestamp)).toEqual([
      '2013-10-07T13:29:00Z',
      '2013-10-07T13:29:00Z',
    ]);
  });

  it('paused → done waits until somebody resumes', async () => {
    const exchange = await startTestExchange();
    const { body } = await exchange.post('/_clock', { action: 'pause' });
    const waiting = exchange.post('/_clock', { action: 'done', through: body.timestamp });
    expect((await exchange.get('/_clock')).body).toMatchObject({
      isPaused: true,
      timestamp: body.timestamp,
    });
    await exchange.post('/_clock', { action: 'resume' });
    expect((await waiting).body.timestamp).toBe('2013-10-07T13:29:00Z');
  });

  it('step and speed → taken; nonsense → 422', async () => {
    const exchange = await startTestExchange();
    expect((await exchange.post('/_clock', { action: 'step' })).body.timestamp).toBe(
      '2013-10-07T13:29:00Z',
    );
    expect((await exchange.post('/_clock', { action: 'speed', speed: 390 })).body).toMatchObject({
      speed: 390,
    });
    expect((await exchange.post('/_clock', { action: 'speed', speed: -1 })).status).toBe(422);
    expect((await exchange.post('/_clock', { action: 'done', through: 'now' })).status).toBe(422);
    expect((await exchange.post('/_clock', { action: 'leap' })).status).toBe(422);
  });

  it('step to an instant, then to the next event → there, and no further', async () => {
    const exchange = await startTestExchange();
    const to = '2013-10-07T13:30:30Z';
    expect((await exchange.post('/_clock', { action: 'step', to })).body.timestamp).toBe(
      '2013-10-07T13:31:00Z',
    );
    const next = async () => (await exchange.post('/_clock', { action: 'next_event' })).body;
    expect(await next()).toMatchObject({ phase: 'after_close' });
    expect(await next()).toMatchObject({ phase: 'ended' });
    expect(await next()).toMatchObject({ phase: 'ended' });
  });

  it('the next event → the minute in which an order fills', async () => {
    const quiet = { bar: '100 100 100 100', quote: '99.99/100.01' };
    const market = scriptedMarket([
      ...Array.from({ length: 20 }, () => quiet),
      { bar: '98 98 98 98', quote: '97.99/98.01' },
    ]);
    const exchange = await startTestExchange({ market });
    await exchange.goTo('13:31');
    await exchange.post('/v2/orders', orderBody({ type: 'limit', limit_price: '99' }));
    const { body } = await exchange.post('/_clock', { action: 'next_event' });
    expect(body.timestamp).toBe('2013-10-07T13:51:00Z');
    expect(await exchange.journal('execution')).toHaveLength(1);
  });

  it('changes within a step → stamped one millisecond apart, reads move nothing', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const at = async () =>
      (await exchange.post('/v2/orders', orderBody({ qty: '1' }))).body.submitted_at;
    expect(await at()).toBe('2013-10-07T13:31:00.05Z');
    await exchange.get('/v2/account');
    expect(await at()).toBe('2013-10-07T13:31:00.051Z');
  });
});

describe('exchange clock: free', () => {
  it('fast → the day passes by itself; paused → it stands', async () => {
    const exchange = await startTestExchange({ mode: 'free', speed: 100_000 });
    const phase = async () => (await exchange.get('/_clock')).body.phase;
    await expect.poll(phase, { timeout: 15_000 }).toBe('ended');
    const slow = await startTestExchange({ mode: 'free', speed: 1 });
    const { body: paused } = await slow.post('/_clock', { action: 'pause' });
    expect((await slow.post('/_clock', { action: 'step' })).body).toMatchObject({
      timestamp: '2013-10-07T13:29:00Z',
      now: '2013-10-07T13:29:00Z',
      isPaused: true,
    });
    expect(paused['mode']).toBe('free');
  });
});

/** A morning with fills, a cancel, a refusal and a fault. */
async function trade(exchange: TestExchange): Promise<void> {
  await exchange.goTo('13:31');
  await exchange.post('/_fault', {
    match: { event: 'fill', nth: 2 },
    action: { kind: 'mute_event' },
  });
  for (const [index, limit] of ['100.01', '99', '101'].entries()) {
    const body = orderBody({ type: 'limit', limit_price: limit, client_order_id: `c${index}` });
    await exchange.post('/v2/orders', body);
  }
  await exchange.post('/v2/orders', orderBody({ qty: '100000' }));
  await exchange.goTo('13:35');
  const { body } = await exchange.get('/v2/orders:by_client_order_id?client_order_id=c1');
  await exchange.remove(`/v2/orders/${body.id}`);
  await exchange.post('/v2/orders', orderBody({ side: 'sell', qty: '3' }));
  await exchange.goTo('13:40');
}

async function facts(exchange: TestExchange) {
  const [account, orders, positions, fills] = await Promise.all(
    ['/v2/account', '/v2/orders?status=all', '/v2/positions', '/v2/account/activities'].map(
      async (path) => (await exchange.get(path)).body,
    ),
  );
  return { account, orders, positions, fills, step: (await exchange.get('/_clock')).body };
}

describe('exchange memory', () => {
  it('restarted from its state file → the same state, ids and journal', async () => {
    const stateFile = join(temporaryFolder(), 'exchange.jsonl');
    const options = { stateFile, market: quietMarket(), partialFillShare: 0.5 };
    const first = await startTestExchange(options);
    await trade(first);
    const before = await facts(first);
    const journal = await first.journal();
    await first.close();
    // A kill in mid-write leaves half a line, which nobody was answered for.
    appendFileSync(stateFile, '{"kind":"place","atMs":13');
    const second = await startTestExchange(options);
    const journalAfter = await second.journal();
    expect(journalAfter).toEqual(journal);
    expect(await facts(second)).toEqual(before);
    await second.goTo('20:00');
    const taken = await second.post('/v2/orders', orderBody({ client_order_id: 'c0' }));
    expect(taken.status).toBe(422);
  });

  it('restarted between two matches of a fault → it still counts', async () => {
    const stateFile = join(temporaryFolder(), 'exchange.jsonl');
    const options = { stateFile, market: quietMarket() };
    const first = await startTestExchange(options);
    const match = { path: '/v2/clock', nth: 2 };
    await first.post('/_fault', { match, action: { kind: 'drop_before' } });
    expect((await first.get('/v2/clock')).status).toBe(200);
    await first.close();
    const second = await startTestExchange(options);
    await expect(second.get('/v2/clock')).rejects.toThrow('fetch failed');
    expect((await second.get('/v2/clock')).status).toBe(200);
  });

  it('a kill in mid-write of the first line → begun anew', async () => {
    const stateFile = join(temporaryFolder(), 'exchange.jsonl');
    const options = { stateFile, market: quietMarket() };
    await (await startTestExchange(options)).close();
    const whole = readFileSync(stateFile, 'utf8');
    writeFileSync(stateFile, whole.slice(0, 20));
    await (await startTestExchange(options)).close();
    expect(readFileSync(stateFile, 'utf8')).toBe(whole);
  });

  it('a state file of another run, damaged, or not one at all → a fault of one line', async () => {
    const folder = temporaryFolder();
    const stateFile = join(folder, 'exchange.jsonl');
    const market = quietMarket();
    await (await startTestExchange({ stateFile, market })).close();
    const refused = async (options: Parameters<typeof startTestExchange>[0]) => {
      const error: unknown = await startTestExchange(options).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(StateFileFault);
      expect(String(error)).not.toContain('\n');
      return (error as StateFileFault).code;
    };
    expect(await refused({ stateFile, market, seed: 'other' })).toBe('other_run');
    for (const foreign of ['hello', 'hello\nyou', '{}\n{"kind":"pl', 'hello\n']) {
      writeFileSync(stateFile, foreign);
      expect(await refused({ stateFile, market })).toBe('malformed');
      expect(readFileSync(stateFile, 'utf8')).toBe(foreign);
    }
    expect(await refused({ stateFile: join(folder, 'no', 'such', 'folder'), market })).toBe(
      'unreadable',
    );
    expect(existsSync(stateFile) && readFileSync(stateFile, 'utf8')).toBe('hello\n');
  });

  it('the same seed and the same requests → the same journal; another seed → another', async () => {
    const market = quietMarket();
    const hash = async (seed: string) => {
      const exchange = await startTestExchange({ market, seed, partialFillShare: 0.5 });
      await trade(exchange);
      const text = JSON.stringify(repeatable(await exchange.journal()));
      await exchange.close();
      return createHash('sha256').update(text).digest('hex');
    };
    expect(await hash('a')).toBe(await hash('a'));
    expect(await hash('a')).not.toBe(await hash('b'));
  });
});

describe('exchange journal', () => {
  it('a fill → the order, the execution and the request, with cursors', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const { body: order } = await exchange.post(
      '/v2/orders',
      orderBody({ client_order_id: 'one' }),
    );
    const events = await exchange.journal('order');
    expect(events.map((entry) => entry['event'])).toEqual(['pending_new', 'new', 'fill']);
    expect(await exchange.journal('execution')).toMatchObject([
      {
        at: '2013-10-07T13:31:00.05Z',
        orderId: order.id,
        clientOrderId: 'one',
        symbol: 'SPY',
        side: 'buy',
        quantity: '10',
        price: '100.01',
        cumulativeQuantity: '10',
        cash: '-1000.1',
      },
    ]);
    expect(await exchange.journal('account_opened')).toMatchObject([{ cash: '100000', cursor: 1 }]);
    expect(await exchange.journal('request')).toMatchObject([
      { method: 'POST', path: '/v2/orders', clientOrderId: 'one', status: 200, isAnswered: true },
    ]);
    const all = await exchange.journal();
    expect(all.map(({ cursor }) => cursor)).toEqual(all.map((_entry, index) => index + 1));
    const { body } = await exchange.get(`/_journal?after=${all.length - 1}`);
    expect(body).toEqual({ entries: all.slice(-1), cursor: all.length });
    expect(JSON.stringify(all)).not.toContain(KEYS.secret);
  });
});

describe('exchange door', () => {
  it.each([
    ['no keys', {}],
    ['a wrong secret', { 'APCA-API-KEY-ID': KEYS.keyId, 'APCA-API-SECRET-KEY': 'guess' }],
    ['a wrong id', { 'APCA-API-KEY-ID': 'guess', 'APCA-API-SECRET-KEY': KEYS.secret }],
  ])('%s → 401', async (_name, headers) => {
    const exchange = await startTestExchange();
    const response = await fetch(`${exchange.tradingUrl}/v2/account`, { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 40110000 });
  });

  it('more requests than the limit → 429 with the headers; the journal stays open', async () => {
    const exchange = await startTestExchange({ rateLimitPerMinute: 3 });
    const statuses: number[] = [];
    let last = await exchange.get('/v2/account');
    // A minute may end in between, so ask until the limit is met.
    for (; last.status === 200 && statuses.length < 8; last = await exchange.get('/v2/account')) {
      statuses.push(last.status);
    }
    expect(last).toMatchObject({ status: 429, body: { code: 42910000 } });
    expect(last.headers.get('x-ratelimit-limit')).toBe('3');
    expect(last.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(last.headers.get('x-ratelimit-reset')) % 60).toBe(0);
    expect((await exchange.get('/_journal')).status).toBe(200);
  });

  it.each([
    ['a body that is no JSON', '/v2/orders', '{"symbol":', 400],
    ['a body beyond 64 KiB', '/v2/orders', `"${'x'.repeat(70_000)}"`, 413],
    ['a path that leads nowhere', '/v2/../../etc/passwd', '{}', 404],
    ['an unknown endpoint', '/v2/nothing', '{}', 404],
  ])('%s → an envelope, never a 500', async (_name, path, body, status) => {
    const exchange = await startTestExchange();
    const response = await fetch(exchange.tradingUrl + path, {
      method: 'POST',
      headers: { ...keyHeaders(), 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      code: expect.any(Number),
      message: expect.any(String),
    });
  });

  it('a request from a web page → may not steer the clock', async () => {
    const exchange = await startTestExchange();
    const response = await fetch(`${exchange.tradingUrl}/_clock`, {
      method: 'POST',
      headers: { origin: 'https://example.com', 'content-type': 'text/plain' },
      body: '{"action":"step"}',
    });
    expect(response.status).toBe(403);
    expect((await exchange.get('/_clock')).body.timestamp).toBe('2013-10-07T13:28:00Z');
  });
});
