import { describe, expect, it } from 'vitest';
import { startTestExchange, type TestExchange } from './running-exchange.js';
import { type ClientUnderTest, officialSdk, olderClient, type OrderWords } from './two-clients.js';

const EXITS = { take_profit: { limit_price: '110' }, stop_loss: { stop_price: '90' } };

/** Every kind of order, and what becomes of it at 99.99 bid, 100.01 asked. */
const KINDS: readonly (readonly [string, OrderWords, string])[] = [
  ['market', { type: 'market' }, 'filled'],
  ['limit', { type: 'limit', limit_price: '99' }, 'new'],
  ['stop', { type: 'stop', stop_price: '101' }, 'new'],
  ['stop_limit', { type: 'stop_limit', stop_price: '101', limit_price: '102' }, 'new'],
  ['good till canceled', { type: 'limit', limit_price: '99', time_in_force: 'gtc' }, 'new'],
  ['immediate or cancel', { type: 'limit', limit_price: '99', time_in_force: 'ioc' }, 'canceled'],
  ['fill or kill', { type: 'limit', limit_price: '100.01', time_in_force: 'fok' }, 'filled'],
  ['at the close', { type: 'market', time_in_force: 'cls' }, 'new'],
  ['extended hours', { type: 'limit', limit_price: '99', extended_hours: true }, 'new'],
  ['dollars', { type: 'market', qty: undefined, notional: '250.5' }, 'filled'],
  ['a fraction', { type: 'market', qty: '0.123456789' }, 'filled'],
  ['bracket', { type: 'market', order_class: 'bracket', ...EXITS }, 'filled'],
  ['oto', { type: 'market', order_class: 'oto', stop_loss: EXITS.stop_loss }, 'filled'],
  ['an intent', { type: 'market', position_intent: 'buy_to_open' }, 'filled'],
];

async function openClient(connect: (exchange: TestExchange) => ClientUnderTest) {
  const exchange = await startTestExchange();
  await exchange.goTo('13:31');
  return { exchange, client: connect(exchange) };
}

function wordsOf(members: OrderWords): OrderWords {
  return { symbol: 'SPY', qty: '2', side: 'buy', time_in_force: 'day', ...members };
}

describe.each([
  ['SDK 4.0.2', officialSdk],
  ['client 3.1.3', olderClient],
])('%s against the exchange, told only where it is', (_name, connect) => {
  it('each kind of order → taken, found both ways, in the state it belongs', async () => {
    for (const [kind, members, status] of KINDS) {
      const { exchange, client } = await openClient(connect);
      const placed = await client.submit(wordsOf({ ...members, client_order_id: 'mine' }));
      const found = await client.find(placed.id);
      expect(found, kind).toMatchObject({ status, type: members['type'] });
      expect(await client.findByClientId('mine')).toEqual(found);
      const [listed] = await client.list('all');
      expect(listed).toMatchObject({ id: placed.id, legs: placed.legs });
      await exchange.close();
    }
  });

  it('an order before the open → accepted; an oco of a position → with its stop', async () => {
    const exchange = await startTestExchange({ openLeadMinutes: 5 });
    const client = connect(exchange);
    const early = await client.submit(
      wordsOf({ type: 'limit', limit_price: '101', time_in_force: 'opg' }),
    );
    expect(early.status).toBe('accepted');
    await exchange.goTo('13:31');
    expect((await client.find(early.id)).status).toBe('filled');
    const members = { side: 'sell', type: 'limit', order_class: 'oco', ...EXITS };
    expect(await client.submit(wordsOf(members))).toMatchObject({ orderClass: 'oco', legs: 1 });
  });

  it('replace, cancel, cancel all, list, positions, close one and all → as told', async () => {
    const { client } = await openClient(connect);
    expect(await client.cash()).toBe('100000');
    await client.submit(wordsOf({ type: 'market' }));
    expect(await client.cash()).toBe('99799.98');
    expect(await client.positions()).toEqual({ SPY: '2' });
    const resting = await client.submit(wordsOf({ type: 'limit', limit_price: '90' }));
    const moved = await client.replace(resting.id, '91');
    expect(moved).toMatchObject({ limitPrice: '91' });
    expect((await client.find(resting.id)).status).toBe('replaced');
    expect((await client.list('open')).map(({ id }) => id)).toEqual([moved.id]);
    await client.cancel(moved.id);
    await client.submit(wordsOf({ type: 'limit', limit_price: '92' }));
    await client.cancelAll();
    expect(await client.list('open')).toEqual([]);
    expect(await client.list('all')).toHaveLength(4);
    await client.closePosition('SPY');
    expect(await client.positions()).toEqual({});
    await client.submit(wordsOf({ type: 'market', side: 'sell' }));
    expect(await client.positions()).toEqual({ SPY: '-2' });
    await client.closeAll();
    expect(await client.positions()).toEqual({});
  });

  it('both streams → the life of an order, and the bars of the next minute', async () => {
    const { exchange, client } = await openClient(connect);
    const updates = await client.hearUpdates();
    const bars = await client.hearBars();
    await client.submit(wordsOf({ type: 'market' }));
    await expect.poll(() => updates).toEqual(['pending_new', 'new', 'fill']);
    await exchange.goTo('13:32');
    await expect.poll(() => bars.length).toBe(1);
    expect(bars[0]).toContain('100');
  });

  it('a refusal → an error that carries the broker’s code', async () => {
    const { client } = await openClient(connect);
    const refused = await client.submit(wordsOf({ type: 'market', qty: '99999' })).then(
      () => null,
      (error: unknown) => error,
    );
    expect(JSON.stringify(await codeOf(refused))).toContain('40310000');
  });
});

/** Where each client keeps what the broker said. */
async function codeOf(error: unknown): Promise<unknown> {
  if (typeof error !== 'object' || error === null) return null;
  if ('code' in error && typeof error.code === 'number') return error.code;
  const response = 'response' in error ? (error.response as { readonly data?: unknown }) : {};
  return response.data;
}
