import { describe, expect, it } from 'vitest';
import {
  orderBody,
  quietMarket,
  rowsOf,
  scriptedMarket,
  startTestExchange,
} from './running-exchange.js';

describe('exchange orders: placing', () => {
  it('a market order in the session → answered pending_new, then filled at the ask', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const answer = await exchange.post('/v2/orders', orderBody({ client_order_id: 'one' }));
    expect(answer).toMatchObject({
      status: 200,
      body: { client_order_id: 'one', status: 'pending_new', filled_qty: '0', qty: '10' },
    });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    const found = await exchange.get('/v2/orders:by_client_order_id?client_order_id=one');
    expect(found.body).toMatchObject({
      id: answer.body.id,
      status: 'filled',
      filled_qty: '10',
      filled_avg_price: '100.01',
    });
    expect((await exchange.get(`/v2/orders/${answer.body.id}`)).body).toEqual(found.body);
  });

  it('an order before the open → accepted, works from the open on', async () => {
    const exchange = await startTestExchange();
    const answer = await exchange.post(
      '/v2/orders',
      orderBody({ type: 'limit', limit_price: '99', client_order_id: 'early' }),
    );
    expect(answer.body).toMatchObject({ status: 'accepted', expires_at: '2013-10-07T20:00:00Z' });
    await exchange.goTo('13:30');
    const later = await exchange.get(`/v2/orders/${answer.body.id}`);
    expect(later.body.status).toBe('new');
  });

  it.each([
    ['no body', undefined, 422, 42210000],
    ['an unknown symbol', orderBody({ symbol: 'NOPE' }), 422, 42210000],
    ['no quantity', orderBody({ qty: undefined }), 422, 42210000],
    ['a quantity of zero', orderBody({ qty: '0' }), 422, 42210000],
    ['a quantity that is no number', orderBody({ qty: 'ten' }), 422, 42210000],
    ['an unknown side', orderBody({ side: 'hold' }), 422, 42210000],
    ['a limit order without a limit', orderBody({ type: 'limit' }), 422, 42210000],
    ['a market order with a limit', orderBody({ limit_price: '1' }), 422, 42210000],
    ['a sub-penny price', orderBody({ type: 'limit', limit_price: '290.123' }), 422, 42210000],
    ['too long a client id', orderBody({ client_order_id: 'x'.repeat(129) }), 422, 42210000],
    ['a bracket', orderBody({ order_class: 'bracket' }), 422, 42210000],
    ['a notional', orderBody({ notional: '10' }), 422, 42210000],
    ['extended hours for a market order', orderBody({ extended_hours: true }), 422, 42210000],
    ['too many for the buying power', orderBody({ qty: '5000' }), 403, 40310000],
    ['a prototype', JSON.parse('{"__proto__":{"symbol":"SPY"}}'), 422, 42210000],
    ['a list', [], 422, 42210000],
  ])('%s → an envelope with code', async (_name, body, status, code) => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const answer = await exchange.post('/v2/orders', body);
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.body.message.length).toBeGreaterThan(5);
    expect((await exchange.get('/v2/orders?status=all')).body).toEqual([]);
  });

  it('the same client order id again, also after a cancel → 422 40010001', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const body = orderBody({ type: 'limit', limit_price: '50', client_order_id: 'once' });
    const { body: order } = await exchange.post('/v2/orders', body);
    await exchange.remove(`/v2/orders/${order.id}`);
    expect(await exchange.post('/v2/orders', body)).toMatchObject({
      status: 422,
      body: { code: 40010001, message: 'client_order_id must be unique' },
    });
  });

  it('JSON numbers and digits beyond the ninth → taken as the broker takes them', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const numbers = orderBody({ qty: 0.5, type: 'limit', limit_price: 99.5 });
    expect((await exchange.post('/v2/orders', numbers)).body).toMatchObject({
      qty: '0.5',
      limit_price: '99.5',
    });
    const long = orderBody({ qty: '1.2345678919', type: 'limit', limit_price: '99' });
    expect((await exchange.post('/v2/orders', long)).body['qty']).toBe('1.234567891');
  });

  it('a sale of more than is held → 403 with what is available', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    await exchange.post('/v2/orders', orderBody());
    await exchange.post(
      '/v2/orders',
      orderBody({ side: 'sell', qty: '4', type: 'limit', limit_price: '101' }),
    );
    expect(await exchange.post('/v2/orders', orderBody({ side: 'sell' }))).toMatchObject({
      status: 403,
      body: {
        code: 40310000,
        message: 'insufficient qty available for order (requested: 10, available: 6)',
        available: '6',
        existing_qty: '10',
        held_for_orders: '4',
        symbol: 'SPY',
      },
    });
  });
});

describe('exchange orders: canceling and replacing', () => {
  it('cancel one → 204; again → 422; a stranger → 404; no id → 422', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const { body } = await exchange.post(
      '/v2/orders',
      orderBody({ type: 'limit', limit_price: '99' }),
    );
    expect((await exchange.remove(`/v2/orders/${body.id}`)).status).toBe(204);
    expect((await exchange.get(`/v2/orders/${body.id}`)).body).toMatchObject({
      status: 'canceled',
      canceled_at: expect.any(String),
    });
    expect((await exchange.remove(`/v2/orders/${body.id}`)).body).toEqual({
      code: 42210000,
      message: 'order is already in "canceled" state',
    });
    const stranger = '00000000-0000-4000-8000-000000000000';
    expect(await exchange.remove(`/v2/orders/${stranger}`)).toMatchObject({
      status: 404,
      body: { code: 40410000 },
    });
    expect((await exchange.remove('/v2/orders/not-an-id')).body).toEqual({
      code: 40010001,
      message: 'order_id is missing',
    });
  });

  it('cancel all → 207 with a status each', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    for (const limit of ['97', '98', '99']) {
      await exchange.post('/v2/orders', orderBody({ type: 'limit', limit_price: limit }));
    }
    const answer = await exchange.remove('/v2/orders');
    expect(answer.status).toBe(207);
    expect(rowsOf(answer.body).map((one) => one['status'])).toEqual([200, 200, 200]);
    expect((await exchange.get('/v2/orders')).body).toEqual([]);
  });

  it('replace → a new order with its own id; the old one points to it', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const { body: old } = await exchange.post(
      '/v2/orders',
      orderBody({ type: 'limit', limit_price: '99' }),
    );
    const change = { limit_price: '98.5', qty: '7', client_order_id: 'second' };
    const answer = await exchange.patch(`/v2/orders/${old.id}`, change);
    expect(answer).toMatchObject({
      status: 200,
      body: { client_order_id: 'second', limit_price: '98.5', qty: '7', replaces: old.id },
    });
    expect((await exchange.get(`/v2/orders/${old.id}`)).body).toMatchObject({
      status: 'replaced',
      replaced_by: answer.body.id,
    });
    expect((await exchange.patch(`/v2/orders/${old.id}`, change)).status).toBe(422);
    expect(await exchange.patch(`/v2/orders/${answer.body.id}`, {})).toMatchObject({
      status: 422,
      body: { message: 'order parameters are not changed' },
    });
  });
});

describe('exchange orders: listing', () => {
  it('status, symbols, side, limit, direction and order ids → filter and page', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const ids: string[] = [];
    for (const limit of ['95', '96', '97', '98']) {
      const body = orderBody({ type: 'limit', limit_price: limit, client_order_id: limit });
      ids.push((await exchange.post('/v2/orders', body)).body.id);
    }
    await exchange.remove(`/v2/orders/${ids[0]}`);
    const list = async (query: string) => {
      const { body } = await exchange.get(`/v2/orders?${query}`);
      return rowsOf(body).map((order) => order['client_order_id']);
    };
    expect(await list('')).toEqual(['98', '97', '96']);
    expect(await list('status=closed')).toEqual(['95']);
    expect(await list('status=all&direction=asc')).toEqual(['95', '96', '97', '98']);
    expect(await list('status=all&limit=2')).toEqual(['98', '97']);
    expect(await list('symbols=IBM,QQQ')).toEqual([]);
    expect(await list('symbols=IBM&symbols=SPY')).toEqual(['98', '97', '96']);
    expect(await list('side=sell')).toEqual([]);
    expect(await list('asset_class=us_equity&asset_class=crypto&limit=1')).toEqual(['98']);
    expect(await list(`status=all&before_order_id=${ids[2]}`)).toEqual(['96', '95']);
    expect(await list(`status=all&after_order_id=${ids[2]}&direction=asc`)).toEqual(['98']);
    const third = (await exchange.get(`/v2/orders/${ids[2]}`)).body.submitted_at;
    expect(await list(`status=all&after=${third}`)).toEqual(['98']);
    expect(await list(`status=all&until=${third}`)).toEqual(['96', '95']);
    const clash = `/v2/orders?before_order_id=${ids[0]}&after_order_id=${ids[1]}`;
    expect((await exchange.get(clash)).status).toBe(422);
    expect((await exchange.get('/v2/orders?limit=501')).status).toBe(422);
  });
});

describe('exchange orders: the market decides', () => {
  it('a resting limit, a stop and the close → filled, filled, expired', async () => {
    const quiet = { bar: '100 100 100 100', quote: '99.99/100.01' };
    const drop = { bar: '100 100 98.5 99', quote: '98.99/99.01' };
    const exchange = await startTestExchange({ market: scriptedMarket([quiet, quiet, drop]) });
    await exchange.goTo('13:31');
    await exchange.post(
      '/v2/orders',
      orderBody({ type: 'limit', limit_price: '99', client_order_id: 'limit' }),
    );
    await exchange.post(
      '/v2/orders',
      orderBody({ type: 'limit', limit_price: '90', client_order_id: 'never' }),
    );
    const step = await exchange.goTo('13:33');
    expect(step['bars']).toEqual([
      {
        symbol: 'SPY',
        t: '2013-10-07T13:32:00Z',
        o: '100',
        h: '100',
        l: '98.5',
        c: '99',
        v: '1000',
      },
    ]);
    const named = async (id: string) =>
      (await exchange.get(`/v2/orders:by_client_order_id?client_order_id=${id}`)).body;
    expect(await named('limit')).toMatchObject({ status: 'filled', filled_avg_price: '99' });
    const stop = orderBody({
      side: 'sell',
      type: 'stop',
      stop_price: '95',
      client_order_id: 'stop',
    });
    await exchange.post('/v2/orders', stop);
    const ended = await exchange.goTo('20:00');
    expect(ended.phase).toBe('after_close');
    expect(await named('never')).toMatchObject({
      status: 'expired',
      expired_at: '2013-10-07T20:00:00Z',
    });
  });

  it('an opening-auction order placed early enough → filled at the open', async () => {
    const exchange = await startTestExchange({ market: quietMarket(), openLeadMinutes: 5 });
    const body = orderBody({ type: 'limit', limit_price: '101', time_in_force: 'opg' });
    const { body: order } = await exchange.post('/v2/orders', body);
    await exchange.goTo('13:31');
    expect((await exchange.get(`/v2/orders/${order.id}`)).body).toMatchObject({
      status: 'filled',
      filled_avg_price: '100',
    });
  });
});

describe('exchange: after hours', () => {
  const rolling = {
    kind: 'synthetic',
    date: '2013-10-07',
    symbols: ['SPY'],
    rolling: true,
  } as const;

  it('after the close → an extended limit fills, a plain order waits for the open', async () => {
    const exchange = await startTestExchange({ market: rolling });
    await exchange.goTo('20:00');
    const limit = { type: 'limit', limit_price: '9000' };
    const extended = orderBody({ ...limit, qty: '1', extended_hours: true });
    const { body: now } = await exchange.post('/v2/orders', extended);
    expect((await exchange.get(`/v2/orders/${now.id}`)).body.status).toBe('filled');
    const { body: queued } = await exchange.post('/v2/orders', orderBody({ qty: '1' }));
    expect(queued.status).toBe('accepted');
    const opg = orderBody({ qty: '1', time_in_force: 'opg' });
    expect((await exchange.post('/v2/orders', opg)).status).toBe(422);
    await exchange.post('/_clock', { action: 'step', to: '2013-10-08T13:31:00Z' });
    expect((await exchange.get(`/v2/orders/${queued.id}`)).body).toMatchObject({
      status: 'filled',
      filled_at: expect.stringMatching(/^2013-10-08T13:30/),
    });
  });

  it('an extended order that nothing fills → expires with the evening', async () => {
    const exchange = await startTestExchange({ market: rolling });
    await exchange.goTo('20:00');
    const limit = { type: 'limit', limit_price: '1', extended_hours: true };
    const { body } = await exchange.post('/v2/orders', orderBody(limit));
    expect(body['expires_at']).toBe('2013-10-08T00:00:00Z');
    await exchange.post('/_clock', { action: 'next_event' });
    expect((await exchange.get(`/v2/orders/${body.id}`)).body).toMatchObject({
      status: 'expired',
      expired_at: '2013-10-08T00:00:00Z',
    });
  });

  it.each(['opg', 'cls', 'ioc', 'fok'])('a stop order for %s → 422', async (timeInForce) => {
    const exchange = await startTestExchange();
    const stop = orderBody({ type: 'stop', stop_price: '101', time_in_force: timeInForce });
    expect((await exchange.post('/v2/orders', stop)).status).toBe(422);
  });
});
