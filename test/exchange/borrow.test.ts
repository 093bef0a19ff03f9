import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExchangeOptions } from '../../exchange/index.js';
import { MarketFault } from '../../exchange/index.js';
import {
  orderBody,
  rowsOf,
  startTestExchange,
  temporaryFolder,
  type TestExchange,
} from './running-exchange.js';
import { listenToTradeUpdates } from './stream-client.js';

const TWO_DAYS: ExchangeOptions['market'] = {
  kind: 'synthetic',
  date: '2013-10-07',
  symbols: ['SPY', 'IBM'],
  rolling: true,
};
const REFUSAL = { code: 42210000, message: 'asset "SPY" cannot be sold short' };

/** A sale far above the market, which rests. */
const resting = (overrides: Readonly<Record<string, unknown>> = {}) =>
  orderBody({
    side: 'sell',
    qty: '1',
    type: 'limit',
    limit_price: '900',
    time_in_force: 'gtc',
    ...overrides,
  });

async function taken(exchange: TestExchange, body: object): Promise<string> {
  const reply = await exchange.post('/v2/orders', body);
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  return reply.body.id;
}

async function statusOf(exchange: TestExchange, orderId: string): Promise<string> {
  return (await exchange.get(`/v2/orders/${orderId}`)).body.status;
}

async function toNextOpen(exchange: TestExchange): Promise<void> {
  await exchange.post('/_clock', { action: 'step', to: '2013-10-08T13:31:00Z' });
}

describe('exchange: names that are hard to borrow', () => {
  it('from the start → shown, not sold short; bought and sold again as ever', async () => {
    const exchange = await startTestExchange({ market: TWO_DAYS, hardToBorrow: ['SPY'] });
    await exchange.goTo('13:31');
    expect(rowsOf((await exchange.get('/v2/assets')).body)).toMatchObject([
      { symbol: 'SPY', easy_to_borrow: false, borrow_status: 'hard_to_borrow', shortable: true },
      { symbol: 'IBM', easy_to_borrow: true, borrow_status: 'easy_to_borrow' },
    ]);
    expect((await exchange.get('/v2/assets/SPY')).body).toMatchObject({
      borrow_status: 'hard_to_borrow',
    });
    for (const type of [{ type: 'market' }, { type: 'limit', limit_price: '900' }]) {
      const refused = await exchange.post('/v2/orders', orderBody({ side: 'sell', ...type }));
      expect(refused).toMatchObject({ status: 422, body: REFUSAL });
    }
    await taken(exchange, orderBody({ symbol: 'IBM', side: 'sell' }));
    await taken(exchange, orderBody());
    await taken(exchange, orderBody({ side: 'sell' }));
    expect(rowsOf((await exchange.get('/v2/positions')).body)).toMatchObject([{ symbol: 'IBM' }]);
  });

  it('from tomorrow on → the night cancels open short orders, no others', async () => {
    const exchange = await startTestExchange({ market: TWO_DAYS });
    await exchange.goTo('13:31');
    await taken(exchange, orderBody({ symbol: 'IBM', qty: '2' }));
    const change = await exchange.post('/_borrow', { symbol: 'SPY', status: 'hard_to_borrow' });
    expect(change.body['symbols']).toMatchObject([
      { symbol: 'SPY', now: 'easy_to_borrow', tomorrow: 'hard_to_borrow' },
      { symbol: 'IBM', now: 'easy_to_borrow', tomorrow: 'easy_to_borrow' },
    ]);
    await exchange.post('/_borrow', { symbol: 'IBM', status: 'hard_to_borrow' });
    const short = await taken(exchange, resting());
    const closing = await taken(exchange, resting({ symbol: 'IBM' }));
    const buying = await taken(exchange, resting({ side: 'buy', limit_price: '1' }));
    await exchange.goTo('20:00');
    expect(await statusOf(exchange, short)).toBe('new');
    await toNextOpen(exchange);
    expect(await statusOf(exchange, short)).toBe('canceled');
    expect(await statusOf(exchange, closing)).toBe('new');
    expect(await statusOf(exchange, buying)).toBe('new');
    const [last] = (await exchange.journal('order')).slice(-1);
    expect(last).toMatchObject({ event: 'canceled', at: '2013-10-08T08:00:00Z' });
    expect(await exchange.post('/v2/orders', resting())).toMatchObject({ body: REFUSAL });
    await exchange.post('/_borrow', { symbol: 'SPY', status: 'easy_to_borrow', from: 'now' });
    await taken(exchange, resting());
    expect(await exchange.journal('borrow')).toMatchObject([
      { symbol: 'SPY', status: 'hard_to_borrow', from: 'tomorrow' },
      { symbol: 'IBM', status: 'hard_to_borrow', from: 'tomorrow' },
      { symbol: 'SPY', status: 'easy_to_borrow', from: 'now' },
    ]);
  });

  it('from now on → open short orders go at once, with their groups', async () => {
    const exchange = await startTestExchange({ market: TWO_DAYS });
    await exchange.goTo('13:31');
    const stream = await listenToTradeUpdates(exchange);
    const bracket = await taken(
      exchange,
      resting({
        order_class: 'bracket',
        take_profit: { limit_price: '800' },
        stop_loss: { stop_price: '950' },
      }),
    );
    await exchange.post('/_borrow', { symbol: 'SPY', status: 'hard_to_borrow', from: 'now' });
    expect(await statusOf(exchange, bracket)).toBe('canceled');
    await expect
      .poll(() => stream.events().slice(-3))
      .toEqual(['canceled', 'canceled', 'canceled']);
    expect((await exchange.get('/v2/orders')).body).toEqual([]);
  });

  it('a restart before the night → the night does the same', async () => {
    const stateFile = join(temporaryFolder(), 'state.jsonl');
    const options = { market: TWO_DAYS, stateFile, hardToBorrow: ['IBM'] };
    const first = await startTestExchange(options);
    await first.goTo('13:31');
    await first.post('/_borrow', { symbol: 'SPY', status: 'hard_to_borrow' });
    const short = await taken(first, resting());
    await first.close();
    const second = await startTestExchange(options);
    await toNextOpen(second);
    expect(await statusOf(second, short)).toBe('canceled');
    expect((await second.get('/_borrow')).body['symbols']).toMatchObject([
      { symbol: 'SPY', now: 'hard_to_borrow' },
      { symbol: 'IBM', now: 'hard_to_borrow' },
    ]);
  });

  it('names of no market and malformed wishes → refused', async () => {
    await expect(startTestExchange({ market: TWO_DAYS, hardToBorrow: ['XOM'] })).rejects.toThrow(
      MarketFault,
    );
    const exchange = await startTestExchange({ market: TWO_DAYS });
    for (const body of [
      { symbol: 'XOM', status: 'hard_to_borrow' },
      { symbol: 'SPY', status: 'gone' },
      { symbol: 'SPY', status: 'hard_to_borrow', from: 'yesterday' },
      {},
    ]) {
      const reply = await exchange.post('/_borrow', body);
      expect([reply.status, typeof reply.body.message]).toEqual([422, 'string']);
    }
  });
});
