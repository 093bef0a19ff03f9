import { describe, expect, it } from 'vitest';
import { orderBody, rowsOf, startTestExchange, type TestExchange } from './running-exchange.js';

const BRACKET = orderBody({
  order_class: 'bracket',
  client_order_id: 'group',
  take_profit: { limit_price: '101' },
  stop_loss: { stop_price: '99', limit_price: '98.5' },
});

async function openExchange(): Promise<TestExchange> {
  const exchange = await startTestExchange();
  await exchange.goTo('13:31');
  return exchange;
}

describe('exchange: complex orders', () => {
  it('a bracket → answered with its legs; nested rolls them up, flat lists them', async () => {
    const exchange = await openExchange();
    const { body } = await exchange.post('/v2/orders', BRACKET);
    expect(body).toMatchObject({
      order_class: 'bracket',
      legs: [
        { type: 'limit', side: 'sell', limit_price: '101', status: 'held', legs: null },
        { type: 'stop_limit', stop_price: '99', limit_price: '98.5', status: 'held' },
      ],
    });
    const nested = await exchange.get('/v2/orders?nested=true');
    expect(nested.body).toMatchObject([
      { id: body.id, status: 'filled', legs: [{ status: 'new' }, { status: 'held' }] },
    ]);
    const flat = rowsOf((await exchange.get('/v2/orders?status=all&direction=asc')).body);
    expect(flat.map((order) => order['legs'])).toEqual([null, null, null]);
    const one = await exchange.get(`/v2/orders/${body.id}?nested=true`);
    expect(one.body['legs']).toHaveLength(2);
    expect((await exchange.get(`/v2/orders/${body.id}`)).body['legs']).toBeNull();
    expect((await exchange.get('/v2/positions/SPY')).body['qty_available']).toBe('0');
  });

  it('a leg that waits → listed as Alpaca does: among the closed orders', async () => {
    const exchange = await openExchange();
    const { body } = await exchange.post('/v2/orders', BRACKET);
    const [profit, stop] = rowsOf(body['legs']).map(({ id }) => id);
    const listed = async (status: string) =>
      rowsOf((await exchange.get(`/v2/orders?status=${status}&direction=asc`)).body);
    expect((await listed('open')).map(({ id }) => id)).toEqual([profit]);
    expect(await listed('closed')).toMatchObject([{ id: body.id }, { id: stop, status: 'held' }]);
    expect(await listed('all')).toHaveLength(3);
  });

  it('one leg canceled → the group is gone; cancel all counts each once', async () => {
    const exchange = await openExchange();
    const { body } = await exchange.post('/v2/orders', BRACKET);
    const [profit] = rowsOf(body['legs']);
    expect((await exchange.remove(`/v2/orders/${profit?.id}`)).status).toBe(204);
    expect((await exchange.get('/v2/orders')).body).toEqual([]);
    const second = orderBody({ ...BRACKET, client_order_id: 'second' });
    await exchange.post('/v2/orders', second);
    const { status, body: lines } = await exchange.remove('/v2/orders');
    expect(status).toBe(207);
    expect(rowsOf(lines).map((line) => line.status)).toEqual([200, 200]);
    expect((await exchange.get('/v2/orders')).body).toEqual([]);
  });

  it('a leg moved → a held leg under the same parent; its quantity may not change', async () => {
    const exchange = await openExchange();
    const { body } = await exchange.post('/v2/orders', BRACKET);
    const [, stop] = rowsOf(body['legs']);
    const moved = await exchange.patch(`/v2/orders/${stop?.id}`, { stop_price: '99.5' });
    expect(moved.body).toMatchObject({ status: 'held', replaces: stop?.id, stop_price: '99.5' });
    const { body: parent } = await exchange.get(`/v2/orders/${body.id}?nested=true`);
    expect(rowsOf(parent['legs'])[1]).toMatchObject({ id: moved.body.id });
    const refused = await exchange.patch(`/v2/orders/${moved.body.id}`, { qty: '3' });
    expect(refused).toMatchObject({ status: 422, body: { code: 42210000 } });
  });

  it('oco from a position, without an own limit → the take-profit is the order', async () => {
    const exchange = await openExchange();
    await exchange.post('/v2/orders', orderBody());
    const { body } = await exchange.post(
      '/v2/orders',
      orderBody({
        side: 'sell',
        type: 'limit',
        order_class: 'oco',
        time_in_force: 'gtc',
        take_profit: { limit_price: '101' },
        stop_loss: { stop_price: '99' },
      }),
    );
    expect(body).toMatchObject({ limit_price: '101', legs: [{ type: 'stop', status: 'held' }] });
    expect(body['order_class']).toBe('oco');
  });

  it.each([
    ['both qty and notional', { notional: '10' }, 'only one of qty or notional is accepted'],
    ['notional with mills', { qty: null, notional: '10.001' }, 'limited to 2 decimal places'],
    ['an exit of another shape', { ...BRACKET, take_profit: 101 }, 'take_profit'],
    ['a bracket without a stop', { ...BRACKET, stop_loss: null }, 'require take_profit'],
    ['a sub-penny exit', { ...BRACKET, take_profit: { limit_price: '101.001' } }, 'sub-penny'],
    ['many legs', { order_class: 'mleg', legs: [] }, 'order_class'],
    ['a wrong intent', { position_intent: 'sell_to_close' }, 'position intent mismatch'],
  ])('%s → 422 that says so', async (_name, members, words) => {
    const exchange = await openExchange();
    const reply = await exchange.post('/v2/orders', orderBody(members));
    expect(reply.status).toBe(422);
    expect(reply.body.message).toContain(words);
  });

  it('dollars → qty null, units in filled_qty; neither they nor fractions replaced', async () => {
    const exchange = await openExchange();
    const dollars = orderBody({ qty: null, notional: '123.45' });
    const { body } = await exchange.post('/v2/orders', dollars);
    expect((await exchange.get(`/v2/orders/${body.id}`)).body).toMatchObject({
      qty: null,
      notional: '123.45',
      filled_qty: '1.234376562',
      status: 'filled',
    });
    const resting = { type: 'limit', limit_price: '90' };
    const order = orderBody({ ...dollars, ...resting });
    const { body: open } = await exchange.post('/v2/orders', order);
    const change = { limit_price: '91' };
    expect((await exchange.patch(`/v2/orders/${open.id}`, change)).status).toBe(422);
    const fraction = orderBody({ qty: '0.012000001', ...resting });
    const { body: small } = await exchange.post('/v2/orders', fraction);
    expect(small['qty']).toBe('0.012000001');
    expect((await exchange.patch(`/v2/orders/${small.id}`, { qty: '1' })).status).toBe(422);
  });
});

describe('exchange: rules of the account', () => {
  it.each([
    ['fractional trading off', { fractional_trading: false }, { qty: '0.5' }],
    ['no margin', { max_margin_multiplier: '1' }, { qty: '1001' }],
    ['half the margin', { max_margin_multiplier: '2' }, { qty: '2000' }],
    ['no margin, short', { max_margin_multiplier: '1' }, { side: 'sell' }],
  ])('%s → 403, allowed before', async (_name, configuration, members) => {
    const exchange = await openExchange();
    await exchange.patch('/v2/account/configurations', configuration);
    const refused = await exchange.post('/v2/orders', orderBody(members));
    expect(refused).toMatchObject({ status: 403, body: { code: 40310000 } });
    const all = { fractional_trading: true, max_margin_multiplier: '4' };
    await exchange.patch('/v2/account/configurations', all);
    expect((await exchange.post('/v2/orders', orderBody(members))).status).toBe(200);
  });

  it('the multiplier → shown in the account with the buying power it gives', async () => {
    const exchange = await openExchange();
    await exchange.patch('/v2/account/configurations', { max_margin_multiplier: '2' });
    expect((await exchange.get('/v2/account')).body).toMatchObject({
      multiplier: '2',
      buying_power: '200000',
    });
  });

  it('closing all → 207; a position whose units are held says so in its own line', async () => {
    const exchange = await openExchange();
    await exchange.post('/v2/orders', BRACKET);
    // The documents know no line that failed.
    const held = await exchange.raw('DELETE', '/v2/positions');
    expect(held.status).toBe(207);
    expect(JSON.parse(held.text)).toMatchObject([{ symbol: 'SPY', status: 403 }]);
    const closed = await exchange.remove('/v2/positions?cancel_orders=true');
    expect(closed).toMatchObject({ status: 207, body: [{ status: 200, body: { side: 'sell' } }] });
    expect((await exchange.get('/v2/positions')).body).toEqual([]);
  });

  it('a resting stop → blocks the top-up, the close and nothing on another side', async () => {
    const exchange = await openExchange();
    await exchange.post('/v2/orders', orderBody());
    const stop = orderBody({ side: 'sell', qty: '5', type: 'stop', stop_price: '90' });
    const { body } = await exchange.post('/v2/orders', stop);
    const topUp = await exchange.post('/v2/orders', orderBody({ qty: '1' }));
    expect(topUp).toMatchObject({
      status: 403,
      body: {
        code: 40310000,
        message: 'potential wash trade detected. use complex orders',
        existing_order_id: body.id,
        reject_reason: 'opposite side market/stop order exists',
      },
    });
    expect((await exchange.remove('/v2/positions/SPY')).status).toBe(403);
    expect((await exchange.remove('/v2/positions/SPY?qty=5')).status).toBe(200);
  });

  it('any resting limit → refuses a market order of the other side', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    await exchange.post('/v2/orders', orderBody({ type: 'limit', limit_price: '50' }));
    const refused = await exchange.post('/v2/orders', orderBody({ side: 'sell' }));
    expect(refused.body['reject_reason']).toBe('opposite side limit order exists');
  });
});
