import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { marketDate } from '../../domain/market/index.js';
import { type ExchangeOptions, StateFileFault } from '../../exchange/index.js';
import { marketEventsOf, openSyntheticMarket } from '../../exchange/market/index.js';
import { describeWithRealData } from '../support/real-data.js';
import {
  orderBody,
  scriptedMarket,
  startTestExchange,
  temporaryFolder,
  type TestExchange,
} from './running-exchange.js';

/** New York is UTC-4 on this day: 04:00 is 08:00, the open 13:30, the close 20:00. */
function wholeDay(): ExchangeOptions['market'] {
  const calm = { bar: '100 100 100 100', quote: '99.99/100.01' };
  return scriptedMarket([
    { at: '08:30', ...calm },
    { at: '09:00', bar: '99 99 98 98.5', quote: '98.4/98.6' },
    { at: '13:30', ...calm },
    { at: '19:59', ...calm },
    { at: '20:30', bar: '97 97 96 96.5', quote: '96.4/96.6' },
    { at: '21:00', ...calm },
  ]);
}

const extended = (overrides: Readonly<Record<string, unknown>> = {}) =>
  orderBody({ type: 'limit', limit_price: '99.5', extended_hours: true, ...overrides });

async function eventsOf(exchange: TestExchange, orderId: string) {
  const entries = await exchange.journal('order');
  return entries
    .filter((entry) => (entry['order'] as { readonly id: string }).id === orderId)
    .map((entry) => `${String(entry['at']).slice(11, 16)} ${String(entry['event'])}`);
}

async function place(exchange: TestExchange, body: object) {
  const { status, body: order } = await exchange.post('/v2/orders', body);
  expect(status, JSON.stringify(order)).toBe(200);
  return order.id;
}

describe('extended hours: asked for', () => {
  it('before the open → an extended limit fills when quoted, a plain one waits', async () => {
    const exchange = await startTestExchange({ market: wholeDay(), extendedHours: true });
    const first = (await exchange.get('/_clock')).body;
    expect([first.timestamp, first.phase]).toEqual(['2013-10-07T08:00:00Z', 'before_open']);
    await exchange.goTo('08:40');
    const early = await place(exchange, extended());
    const plain = await place(exchange, extended({ extended_hours: false }));
    await exchange.goTo('13:31');
    expect(await eventsOf(exchange, early)).toEqual([
      '08:40 pending_new',
      '08:40 new',
      '09:01 fill',
    ]);
    expect(await eventsOf(exchange, plain)).toEqual(['08:40 accepted', '13:30 new', '13:30 fill']);
  });

  it('after the close → day orders end at 16:00, extended ones trade on to 20:00', async () => {
    const exchange = await startTestExchange({ market: wholeDay(), extendedHours: true });
    await exchange.goTo('13:31');
    const plain = await place(exchange, extended({ extended_hours: false, limit_price: '97' }));
    const filled = await place(exchange, extended({ limit_price: '97' }));
    const unfilled = await place(exchange, extended({ limit_price: '90' }));
    const step = await exchange.goTo('20:00');
    expect(step.phase).toBe('after_close');
    expect(await exchange.goTo('20:31')).toMatchObject({ phase: 'after_close', bars: [] });
    expect(await eventsOf(exchange, plain)).toEqual([
      '13:31 pending_new',
      '13:31 new',
      '20:00 expired',
    ]);
    expect((await eventsOf(exchange, filled)).at(-1)).toBe('20:31 fill');
    const { body } = await exchange.get(`/v2/orders/${filled}`);
    expect(body).toMatchObject({ filled_avg_price: '97', extended_hours: true });
    const evening = await exchange.goTo('00:00');
    expect(evening.timestamp).toBe('2013-10-08T00:00:00Z');
    expect((await eventsOf(exchange, unfilled)).at(-1)).toBe('00:00 expired');
    await exchange.post('/_clock', { action: 'step' });
    expect((await exchange.get('/_clock')).body.phase).toBe('ended');
  });

  it('a market order in the evening → queued for the next day', async () => {
    const exchange = await startTestExchange({ market: wholeDay(), extendedHours: true });
    await exchange.goTo('20:31');
    const { body } = await exchange.post('/v2/orders', orderBody());
    expect(body).toMatchObject({ status: 'accepted', expires_at: '2013-10-08T20:00:00Z' });
  });

  it('a restart in the evening → the same state; without the option another run', async () => {
    const stateFile = join(temporaryFolder(), 'state.jsonl');
    const market = wholeDay();
    const first = await startTestExchange({ market, extendedHours: true, stateFile });
    await first.goTo('13:31');
    const id = await place(first, extended({ limit_price: '97' }));
    await first.goTo('20:31');
    await first.close();
    await expect(startTestExchange({ market, stateFile })).rejects.toThrow(StateFileFault);
    const second = await startTestExchange({ market, extendedHours: true, stateFile });
    expect((await eventsOf(second, id)).at(-1)).toBe('20:31 fill');
    expect((await second.get('/_clock')).body.timestamp).toBe('2013-10-07T20:31:00Z');
  });
});

describe('extended hours: not asked for', () => {
  it('the close → the next step ends the day, and extended orders with it', async () => {
    const exchange = await startTestExchange({ market: wholeDay() });
    await exchange.goTo('13:31');
    const id = await place(exchange, extended({ limit_price: '97' }));
    await exchange.goTo('20:00');
    await exchange.post('/_clock', { action: 'step' });
    expect((await exchange.get('/_clock')).body.phase).toBe('ended');
    expect((await eventsOf(exchange, id)).at(-1)).toBe('00:00 expired');
  });

  it('quotes before the first step fill orders of the night → the journal has each', async () => {
    const symbols = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'];
    const market: ExchangeOptions['market'] = {
      kind: 'synthetic',
      date: '2013-10-07',
      symbols,
      rolling: true,
    };
    const exchange = await startTestExchange({ market });
    await exchange.goTo('20:00');
    for (const symbol of symbols) {
      const { body } = await exchange.get(`/v2/stocks/${symbol}/quotes/latest`);
      const { bp } = body['quote'] as { readonly bp: number };
      const limit_price = bp.toFixed(2);
      await place(exchange, extended({ symbol, qty: '1', limit_price, time_in_force: 'gtc' }));
    }
    expect(await exchange.journal('execution')).toEqual([]);
    await exchange.post('/_clock', { action: 'step' });
    const positions = (await exchange.get('/v2/positions')).body as unknown as readonly object[];
    const executions = await exchange.journal('execution');
    expect(positions.length).toBeGreaterThan(0);
    expect(executions.map(({ symbol }) => String(symbol)).toSorted()).toEqual(
      positions.map((position) => Reflect.get(position, 'symbol')),
    );
  });
});

describe('extended hours: the synthetic market', () => {
  it('with and without → the same regular session, day after day', () => {
    const date = marketDate('2013-10-08');
    const options = { seed: 's', date: '2013-10-07', symbols: ['SPY'] };
    const manner = { isRolling: true, isTurbulent: false };
    const plain = openSyntheticMarket({ ...options, ...manner });
    const long = openSyntheticMarket({ ...options, ...manner, hasExtendedHours: true });
    const whole = marketEventsOf(long, date);
    const regular = marketEventsOf(plain, date);
    const [first, last] = [regular.at(0)?.atMs ?? 0, regular.at(-1)?.atMs ?? 0];
    expect(whole.filter(({ atMs }) => atMs >= first && atMs <= last)).toEqual(regular);
    const hours = whole.map(({ atMs }) => new Date(atMs).toISOString().slice(11, 16));
    expect([hours.at(0), hours.at(-1)]).toEqual(['08:01', '00:00']);
    const traded = whole.filter(({ kind, atMs }) => kind === 'bar' && atMs > last).length;
    expect(traded).toBeGreaterThan(30);
    expect(traded).toBeLessThan(120);
  });
});

describeWithRealData('extended hours: a recorded evening', (data) => {
  it('a marketable extended limit at 17:00 → fills at the recorded ask', async () => {
    const directory = dirname(dirname(data.path('minute/SPY/20131007_trade.csv.gz')));
    const exchange = await startTestExchange({
      market: {
        kind: 'recorded',
        directory,
        date: '2013-10-07',
        symbols: ['SPY'],
      },
      extendedHours: true,
    });
    await exchange.goTo('21:00');
    const { body } = await exchange.get('/v2/stocks/SPY/quotes/latest');
    const { ap } = body['quote'] as { readonly ap: number };
    const id = await place(exchange, extended({ limit_price: (ap + 0.01).toFixed(2) }));
    const { body: order } = await exchange.get(`/v2/orders/${id}`);
    expect(order).toMatchObject({ status: 'filled', filled_avg_price: String(ap) });
  });
});
