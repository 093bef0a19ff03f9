import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { KEYS, orderBody, startTestExchange } from './running-exchange.js';
import { connectStream, listenToTradeUpdates } from './stream-client.js';

describe('exchange stream of trade updates', () => {
  it.each([
    ['JSON', false],
    ['msgpack', true],
  ])(
    'an order that fills, in %s → binary frames in order, with what the wire promises',
    async (_name, isPacked) => {
      const exchange = await startTestExchange();
      await exchange.goTo('13:31');
      const { client, updates } = await listenToTradeUpdates(exchange, isPacked);
      const { body: order } = await exchange.post(
        '/v2/orders',
        orderBody({ client_order_id: 'one' }),
      );
      await expect.poll(() => updates().length).toBe(3);
      const [received, taken, fill] = updates();
      expect(received).toMatchObject({ event: 'pending_new', execution_id: null, order });
      expect(taken).toMatchObject({ event: 'new', execution_id: expect.any(String) });
      expect(fill).toMatchObject({
        event: 'fill',
        price: '100.01',
        qty: '10',
        position_qty: '10',
        at: '2013-10-07T13:31:00.05Z',
        timestamp: '2013-10-07T13:31:00.05Z',
        order: { id: order.id, status: 'filled', filled_qty: '10', filled_avg_price: '100.01' },
      });
      const ids = updates().map((update) => String(update['event_id']));
      expect([...ids].sort()).toEqual(ids);
      expect(ids.at(-1)).toBe((await exchange.get('/_clock')).body.lastEventId);
      expect(client.binaryFlags.every(Boolean)).toBe(true);
    },
  );

  it('wrong keys, listening too early, nonsense → told, never served', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const client = await connectStream(exchange.streamUrl);
    client.send({ action: 'listen', data: { streams: ['trade_updates'] } });
    client.send({ action: 'authenticate', data: { key_id: 'x', secret_key: 'y' } });
    client.send({ nonsense: true });
    await expect.poll(() => client.frames().length).toBe(3);
    expect(client.frames()).toEqual([
      { stream: 'authorization', data: { status: 'unauthorized', action: 'listen' } },
      { stream: 'authorization', data: { status: 'unauthorized', action: 'authenticate' } },
      { action: 'error', data: { error_message: 'invalid message' } },
    ]);
    await exchange.post('/v2/orders', orderBody());
    const listener = await listenToTradeUpdates(exchange);
    await exchange.post('/v2/orders', orderBody());
    await expect.poll(() => listener.events().length).toBe(3);
    expect(client.frames().length).toBe(3);
  });

  it('listening to nothing → no more frames; another client still hears', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const quiet = await listenToTradeUpdates(exchange);
    const other = await listenToTradeUpdates(exchange);
    quiet.client.send({ action: 'listen', data: { streams: [] } });
    await expect
      .poll(() => quiet.client.frames().at(-1))
      .toEqual({
        stream: 'listening',
        data: { streams: [] },
      });
    await exchange.post('/v2/orders', orderBody());
    await expect.poll(() => other.events()).toEqual(['pending_new', 'new', 'fill']);
    expect(quiet.events()).toEqual([]);
  });

  it('who comes and goes → is in the journal', async () => {
    const exchange = await startTestExchange();
    const { client } = await listenToTradeUpdates(exchange);
    client.socket.close();
    const changes = async () => (await exchange.journal('stream')).map((entry) => entry['change']);
    await expect.poll(changes).toEqual(['connected', 'authorized', 'listening', 'disconnected']);
  });

  it('an unknown stream → refused at the door', async () => {
    const exchange = await startTestExchange();
    const socket = new WebSocket(exchange.streamUrl.replace('/stream', '/nothing'));
    const failure = await new Promise((resolve) => socket.once('error', resolve));
    expect(String(failure)).toContain('404');
  });
});

describe('exchange stream of market data', () => {
  it.each([
    ['JSON', false],
    ['msgpack', true],
  ])('subscribed in %s → bars and quotes of each minute', async (_name, isPacked) => {
    const exchange = await startTestExchange();
    const client = await connectStream(exchange.dataStreamUrl, isPacked);
    await client.frame((frame) => frame['msg'] === 'connected');
    client.send({ action: 'subscribe', bars: ['SPY'] });
    await client.frame((frame) => frame['code'] === 401);
    client.send({ action: 'auth', key: KEYS.keyId, secret: KEYS.secret });
    await client.frame((frame) => frame['msg'] === 'authenticated');
    client.send({ action: 'subscribe', bars: ['SPY'], quotes: ['*'] });
    expect(await client.frame((frame) => frame['T'] === 'subscription')).toMatchObject({
      bars: ['SPY'],
      quotes: ['*'],
      trades: [],
    });
    await exchange.goTo('13:31');
    expect(await client.frame((frame) => frame['T'] === 'b')).toMatchObject({
      S: 'SPY',
      t: '2013-10-07T13:30:00Z',
      o: 100,
      c: 100,
      v: 1000,
    });
    expect(await client.frame((frame) => frame['T'] === 'q')).toMatchObject({
      S: 'SPY',
      bp: 99.99,
      ap: 100.01,
    });
  });
});
