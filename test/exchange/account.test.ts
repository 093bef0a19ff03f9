import { describe, expect, it } from 'vitest';
import { orderBody, rowsOf, scriptedMarket, startTestExchange } from './running-exchange.js';

const QUIET = { bar: '100 100 100 100', quote: '99.99/100.01' };
const RISEN = { bar: '100 110 100 110', quote: '109.99/110.01' };

describe('exchange account', () => {
  it('bought, risen, sold in part → cash, equity and position to the cent', async () => {
    const exchange = await startTestExchange({ market: scriptedMarket([QUIET, RISEN]) });
    await exchange.goTo('13:31');
    expect((await exchange.get('/v2/account')).body).toMatchObject({
      cash: '100000',
      equity: '100000',
      buying_power: '400000',
      multiplier: '4',
    });
    await exchange.post('/v2/orders', orderBody());
    await exchange.goTo('13:32');
    expect((await exchange.get('/v2/positions/SPY')).body).toMatchObject({
      qty: '10',
      qty_available: '10',
      side: 'long',
      avg_entry_price: '100.01',
      cost_basis: '1000.1',
      market_value: '1100',
      unrealized_pl: '99.9',
      current_price: '110',
    });
    await exchange.post('/v2/orders', orderBody({ side: 'sell', qty: '4' }));
    expect((await exchange.get('/v2/account')).body).toMatchObject({
      cash: '99439.86',
      equity: '100099.86',
      long_market_value: '660',
    });
  });

  it('sold short → negative quantity, cost and value', async () => {
    const exchange = await startTestExchange({ market: scriptedMarket([QUIET, RISEN]) });
    await exchange.goTo('13:31');
    await exchange.post('/v2/orders', orderBody({ side: 'sell' }));
    await exchange.goTo('13:32');
    expect((await exchange.get('/v2/positions')).body).toMatchObject([
      {
        qty: '-10',
        side: 'short',
        avg_entry_price: '99.99',
        cost_basis: '-999.9',
        market_value: '-1100',
        unrealized_pl: '-100.1',
      },
    ]);
    expect((await exchange.get('/v2/account')).body).toMatchObject({
      cash: '100999.9',
      equity: '99899.9',
      short_market_value: '-1100',
    });
  });

  it('close one in part, then all → flat; a stranger → 404', async () => {
    const exchange = await startTestExchange({ market: scriptedMarket([QUIET]) });
    await exchange.goTo('13:31');
    await exchange.post('/v2/orders', orderBody());
    expect((await exchange.remove('/v2/positions/SPY?percentage=50')).body).toMatchObject({
      side: 'sell',
      qty: '5',
      position_intent: 'sell_to_close',
    });
    expect((await exchange.remove('/v2/positions/SPY?qty=1e-7')).body['qty']).toBe('0.0000001');
    const all = await exchange.remove('/v2/positions?cancel_orders=true');
    expect(all).toMatchObject({ status: 207, body: [{ symbol: 'SPY', status: 200 }] });
    expect((await exchange.get('/v2/positions')).body).toEqual([]);
    expect((await exchange.get('/v2/positions/SPY')).body).toEqual({
      code: 40410000,
      message: 'position does not exist',
    });
  });

  it('configurations: suspended → orders refused; long only → no short sale', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    await exchange.patch('/v2/account/configurations', { suspend_trade: true });
    expect(await exchange.post('/v2/orders', orderBody())).toMatchObject({
      status: 403,
      body: { code: 40310000, message: 'new orders are rejected by user request' },
    });
    const changed = { suspend_trade: false, no_shorting: true };
    expect((await exchange.patch('/v2/account/configurations', changed)).body).toMatchObject(
      changed,
    );
    expect((await exchange.post('/v2/orders', orderBody({ side: 'sell' }))).status).toBe(403);
    expect((await exchange.post('/v2/orders', orderBody())).status).toBe(200);
    expect((await exchange.get('/v2/account/configurations')).body).toMatchObject(changed);
    expect((await exchange.patch('/v2/account/configurations', { nonsense: 1 })).status).toBe(422);
  });
});

describe('exchange activities', () => {
  it('fills in part and in full → rows that add up, paged by the last id', async () => {
    const exchange = await startTestExchange({
      market: scriptedMarket(Array.from({ length: 30 }, () => QUIET)),
      partialFillShare: 1,
    });
    await exchange.goTo('13:31');
    const { body: order } = await exchange.post('/v2/orders', orderBody({ qty: '6' }));
    await exchange.goTo('13:50');
    const rows = rowsOf((await exchange.get('/v2/account/activities?direction=asc')).body);
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.at(-1)).toMatchObject({
      type: 'fill',
      cum_qty: '6',
      leaves_qty: '0',
      order_id: order.id,
    });
    expect(rows[0]).toMatchObject({ type: 'partial_fill', activity_type: 'FILL', price: '100.01' });
    expect(rows.reduce((sum, row) => sum + Number(row['qty']), 0)).toBe(6);
    expect(rows[0]?.id).toMatch(/^20131007093100050::[0-9a-f-]{36}$/);
    const paged: string[] = [];
    for (let token = ''; ; ) {
      const query = `page_size=1${token === '' ? '' : `&page_token=${token}`}`;
      const [row] = rowsOf((await exchange.get(`/v2/account/activities/FILL?${query}`)).body);
      if (row === undefined) break;
      paged.unshift(row.id);
      token = row.id;
    }
    expect(paged).toEqual(rows.map(({ id }) => id));
    const first = String(rows[0]?.['transaction_time']);
    const later = await exchange.get(`/v2/account/activities?after=${first}&direction=asc`);
    expect(rowsOf(later.body).map(({ id }) => id)).toEqual(paged.slice(1));
    const other = await exchange.get('/v2/account/activities?activity_types=DIV,INT');
    expect(other.body).toEqual([]);
  });
});

describe('exchange reference data', () => {
  it('assets by symbol and by id → the same; a stranger → 404', async () => {
    const exchange = await startTestExchange();
    const { body: asset } = await exchange.get('/v2/assets/SPY');
    expect(asset).toMatchObject({ symbol: 'SPY', tradable: true, status: 'active' });
    expect((await exchange.get(`/v2/assets/${asset.id}`)).body).toEqual(asset);
    expect((await exchange.get('/v2/assets?status=active&asset_class=us_equity')).body).toEqual([
      asset,
    ]);
    expect((await exchange.get('/v2/assets/NOPE')).status).toBe(404);
  });

  it('the clock → New York time, open only in the session', async () => {
    const exchange = await startTestExchange();
    const clock = async () => (await exchange.get('/v2/clock')).body;
    expect(await clock()).toEqual({
      timestamp: '2013-10-07T09:28:00.05-04:00',
      is_open: false,
      next_open: '2013-10-07T09:30:00-04:00',
      next_close: '2013-10-07T16:00:00-04:00',
    });
    await exchange.goTo('13:30');
    expect(await clock()).toMatchObject({ is_open: true, next_open: '2013-10-08T09:30:00-04:00' });
    await exchange.goTo('20:00');
    expect(await clock()).toMatchObject({
      is_open: false,
      next_close: '2013-10-08T16:00:00-04:00',
    });
  });

  it('the calendar over a half day and a holiday → hours of each trading day', async () => {
    const exchange = await startTestExchange();
    const answer = await exchange.get('/v2/calendar?start=2015-12-24T00:00:00Z&end=2015-12-28');
    expect(answer.body).toEqual([
      {
        date: '2015-12-24',
        open: '09:30',
        close: '13:00',
        session_open: '0400',
        session_close: '1700',
        settlement_date: '2015-12-28',
      },
      {
        date: '2015-12-28',
        open: '09:30',
        close: '16:00',
        session_open: '0400',
        session_close: '2000',
        settlement_date: '2015-12-29',
      },
    ]);
    expect((await exchange.get('/v2/calendar?start=yesterday')).status).toBe(422);
  });
});
