import { describe, expect, it } from 'vitest';
import { orderBody, startTestExchange, type TestExchange } from './running-exchange.js';

const POST_ORDER = { method: 'POST', path: '/v2/orders' };
const LOOKUP = '/v2/orders:by_client_order_id?client_order_id=one';
const LIMIT = orderBody({ type: 'limit', limit_price: '99', client_order_id: 'one' });

async function openExchange(): Promise<TestExchange> {
  const exchange = await startTestExchange();
  await exchange.goTo('13:31');
  return exchange;
}

/** What the journal says of the orders that were asked for. */
async function requested(exchange: TestExchange) {
  const entries = await exchange.journal('request');
  return entries.filter((entry) => entry['method'] === 'POST');
}

describe('exchange faults: answers that lie about an order', () => {
  it.each([
    ['truncate_json', { kind: 'truncate_json' }, 200, /^\{"id":"[^}]*$/],
    ['garbage', { kind: 'garbage' }, 200, /upstream connect error/],
    ['wrong_shape', { kind: 'wrong_shape' }, 200, /^\{"data"/],
    [
      'a 504 after the fact',
      { kind: 'status', status: 504, body: '<html>Gateway Time-out</html>', isExecuted: true },
      504,
      /^<html>/,
    ],
  ])('%s → the client cannot read it, the order is there', async (_name, action, status, text) => {
    const exchange = await openExchange();
    await exchange.fault(POST_ORDER, action);
    const reply = await exchange.raw('POST', '/v2/orders', LIMIT);
    expect(reply.status).toBe(status);
    expect(reply.text).toMatch(text);
    expect((await exchange.get(LOOKUP)).body.status).toBe('new');
    expect(await requested(exchange)).toMatchObject([{ clientOrderId: 'one', status: 200 }]);
    expect(await exchange.journal('fault')).toMatchObject([
      { change: 'added' },
      { change: 'fired', action: action.kind },
    ]);
  });

  it.each([
    [
      'a 502 of a gateway',
      { status: 502, body: '<html><body>502 Bad Gateway</body></html>' },
      { 'content-type': 'text/html', 'x-ratelimit-reset': null },
    ],
    [
      'a 429 with headers',
      {
        status: 429,
        body: { code: 42910000, message: 'rate limit exceeded' },
        headers: { 'X-RateLimit-Limit': '200', 'X-RateLimit-Reset': '1381152660' },
      },
      { 'x-ratelimit-reset': '1381152660', 'retry-after': null },
    ],
    [
      'a 429 without headers',
      { status: 429, body: { code: 42910000, message: 'rate limit exceeded' } },
      { 'x-ratelimit-reset': null, 'retry-after': null },
    ],
    [
      'keys that fail for a moment',
      { status: 401, body: { code: 40110000, message: 'access key verification failed' } },
      {},
    ],
    ['a 500', { status: 500, body: { code: 50010000, message: 'internal server error' } }, {}],
  ])('%s → nothing was looked at; the next is served', async (_name, answer, headers) => {
    const exchange = await openExchange();
    await exchange.fault(POST_ORDER, { kind: 'status', ...answer });
    const reply = await exchange.raw('POST', '/v2/orders', LIMIT);
    expect(reply.status).toBe(answer.status);
    const { body } = answer;
    expect(reply.text).toBe(typeof body === 'string' ? body : JSON.stringify(body));
    for (const [name, value] of Object.entries(headers))
      expect(reply.headers.get(name)).toBe(value);
    expect((await exchange.get(LOOKUP)).status).toBe(404);
    expect(await exchange.journal('order')).toEqual([]);
    expect(await requested(exchange)).toMatchObject([
      { status: null, answeredStatus: answer.status, isAnswered: true },
    ]);
    expect((await exchange.post('/v2/orders', LIMIT)).status).toBe(200);
  });

  it('delay before → the client gives up, the order comes later; after → it is there', async () => {
    const exchange = await openExchange();
    for (const [when, clientOrderId] of [
      ['before', 'early'],
      ['after', 'late'],
    ]) {
      await exchange.fault(
        { method: 'POST', clientOrderId },
        { kind: 'delay', when, delayMs: 150 },
      );
      const asked = exchange.raw('POST', '/v2/orders', {
        ...LIMIT,
        client_order_id: clientOrderId,
      });
      const path = `/v2/orders:by_client_order_id?client_order_id=${clientOrderId}`;
      await expect.poll(async () => (await exchange.get(path)).status).toBe(200);
      expect((await asked).status).toBe(200);
    }
    const [early, late] = await requested(exchange);
    for (const entry of [early, late]) {
      const tookMs = Number(entry?.['answeredWallMs']) - Number(entry?.['receivedWallMs']);
      expect(tookMs).toBeGreaterThanOrEqual(149);
    }
  });
});

describe('exchange faults: reads that lie', () => {
  it('lookup_miss → not found by either id for a while, though it is there', async () => {
    const exchange = await openExchange();
    const { body: order } = await exchange.post('/v2/orders', LIMIT);
    await exchange.fault({ clientOrderId: 'one', times: 2 }, { kind: 'lookup_miss' });
    expect((await exchange.get(LOOKUP)).status).toBe(404);
    expect((await exchange.get(`/v2/orders/${order.id}`)).status).toBe(404);
    expect((await exchange.get(LOOKUP)).body.id).toBe(order.id);
    const truth = await exchange.journal('order');
    expect(truth.map((entry) => entry['event'])).toEqual(['pending_new', 'new']);
  });

  it('lookup_miss for a time → the wall clock ends it', async () => {
    const exchange = await openExchange();
    await exchange.post('/v2/orders', LIMIT);
    await exchange.fault({ path: '/v2/orders*', forMs: 200, times: null }, { kind: 'lookup_miss' });
    expect((await exchange.get(LOOKUP)).status).toBe(404);
    await expect.poll(async () => (await exchange.get(LOOKUP)).status).toBe(200);
  });

  it('stale_read of orders → the list is behind, positions are not; removed → true', async () => {
    const exchange = await openExchange();
    const id = await exchange.fault(
      { method: 'GET', path: '/v2/orders*', times: null },
      { kind: 'stale_read' },
    );
    const { body: order } = await exchange.post(
      '/v2/orders',
      orderBody({ client_order_id: 'one' }),
    );
    expect((await exchange.get('/v2/orders?status=all')).body).toEqual([]);
    expect((await exchange.get(LOOKUP)).status).toBe(404);
    expect((await exchange.get('/v2/positions')).body).toMatchObject([{ qty: '10' }]);
    expect(await exchange.journal('execution')).toMatchObject([{ clientOrderId: 'one' }]);
    await exchange.remove(`/_fault/${id}`);
    expect((await exchange.get('/v2/orders?status=all')).body).toMatchObject([{ id: order.id }]);
  });

  it('stale_read of positions and account → as they were', async () => {
    const exchange = await openExchange();
    await exchange.post('/v2/orders', orderBody());
    await exchange.fault({ path: '/v2/positions*', times: null }, { kind: 'stale_read' });
    await exchange.fault({ path: '/v2/account', times: null }, { kind: 'stale_read' });
    const cash = (await exchange.get('/v2/account')).body['cash'];
    await exchange.post('/v2/orders', orderBody());
    expect((await exchange.get('/v2/positions/SPY')).body).toMatchObject({ qty: '10' });
    expect((await exchange.get('/v2/account')).body['cash']).toBe(cash);
    await exchange.remove('/_fault');
    expect((await exchange.get('/v2/positions/SPY')).body).toMatchObject({ qty: '20' });
  });

  it('zero_account → no money at all in a well-made answer; the truth is elsewhere', async () => {
    const exchange = await openExchange();
    await exchange.fault({ path: '/v2/account' }, { kind: 'zero_account' });
    expect((await exchange.get('/v2/account')).body).toMatchObject({
      cash: '0',
      equity: '0',
      buying_power: '0',
      status: 'ACTIVE',
    });
    expect((await exchange.get('/v2/account')).body).toMatchObject({ cash: '100000' });
    expect(await exchange.journal('fault')).toContainEqual(
      expect.objectContaining({ change: 'fired', action: 'zero_account' }),
    );
  });

  it('probability with a seed → the same requests every time, about as many as asked', async () => {
    const outcomes = async (seed: string) => {
      const exchange = await startTestExchange();
      const match = { path: '/v2/clock', times: null, probability: 0.3, seed };
      await exchange.fault(match, { kind: 'status', status: 503, body: 'no' });
      const statuses: number[] = [];
      for (let index = 0; index < 60; index += 1) {
        statuses.push((await exchange.raw('GET', '/v2/clock')).status);
      }
      return statuses;
    };
    const first = await outcomes('a');
    expect(await outcomes('a')).toEqual(first);
    expect(await outcomes('b')).not.toEqual(first);
    const hits = first.filter((status) => status === 503).length;
    expect(hits).toBeGreaterThan(6);
    expect(hits).toBeLessThan(32);
  });
});
