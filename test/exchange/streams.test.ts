import { EventEmitter } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { KEYS, orderBody, startTestExchange } from './running-exchange.js';
import { assert } from '../../domain/values/index.js';
import { MarketDataStream } from '../../exchange/server/market-data-stream.js';
import { TradeUpdatesStream } from '../../exchange/server/trade-updates-stream.js';
import { wireOrder } from '../../exchange/wire/order.js';
import { minute, openEngine, placed, quoteOf } from './matching-scene.js';
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

  it('a second connection of the account → 406; after the first one left → served', async () => {
    const exchange = await startTestExchange();
    const auth = { action: 'auth', key: KEYS.keyId, secret: KEYS.secret };
    const first = await connectStream(exchange.dataStreamUrl);
    first.send(auth);
    await first.frame((frame) => frame['msg'] === 'authenticated');
    const second = await connectStream(exchange.dataStreamUrl);
    const gone = new Promise((resolve) => second.socket.once('close', resolve));
    second.send(auth);
    expect(await second.frame((frame) => frame['T'] === 'error')).toMatchObject({
      code: 406,
      msg: 'connection limit exceeded',
    });
    await gone;
    first.socket.close();
    const isLeft = async () =>
      (await exchange.journal('stream')).filter((entry) => entry['change'] === 'disconnected');
    await expect.poll(async () => (await isLeft()).length).toBe(2);
    const third = await connectStream(exchange.dataStreamUrl);
    third.send(auth);
    await third.frame((frame) => frame['msg'] === 'authenticated');
  });

  it('unsubscribed → the lists shrink; nonsense → 400; wrong keys → 402', async () => {
    const exchange = await startTestExchange();
    const client = await connectStream(exchange.dataStreamUrl);
    client.send({ action: 'auth', key: 'x', secret: 'y' });
    await client.frame((frame) => frame['code'] === 402);
    client.send({ action: 'dance' });
    await client.frame((frame) => frame['code'] === 400);
    client.send({ action: 'auth', key: KEYS.keyId, secret: KEYS.secret });
    client.send({ action: 'auth', key: KEYS.keyId, secret: KEYS.secret });
    await client.frame((frame) => frame['code'] === 403);
    client.send({ action: 'subscribe', trades: ['SPY'], bars: ['SPY'] });
    client.send({ action: 'unsubscribe', trades: ['SPY'] });
    const lists = () => client.frames().filter((frame) => frame['T'] === 'subscription');
    await expect.poll(() => lists().length).toBe(2);
    expect(lists()[1]).toMatchObject({ trades: [], bars: ['SPY'], quotes: [] });
  });
});

/** A connection whose other end has stopped reading long ago. */
function slowSocket() {
  const sent: string[] = [];
  const end: string[] = [];
  const socket = Object.assign(new EventEmitter(), {
    readyState: WebSocket.OPEN,
    bufferedAmount: 0,
    send: (data: string) => sent.push(data),
    close: (code?: number) => end.push(`closed ${code ?? ''}`.trim()),
    terminate: () => end.push('terminated'),
  });
  return { socket: socket as unknown as WebSocket & { bufferedAmount: number }, sent, end };
}
const parts = {
  credentials: KEYS,
  note: () => {},
  onMeantFrame: () => undefined,
  faultOf: () => null,
};

describe('exchange stream of market data: a client that never says who it is', () => {
  it('in its time → told 404 and let go; one that has said so stays', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const stream = new MarketDataStream(parts);
    const [silent, known, gone] = [slowSocket(), slowSocket(), slowSocket()];
    for (const { socket } of [silent, known, gone]) stream.accept(socket, 'json_text');
    const auth = { action: 'auth', key: KEYS.keyId, secret: KEYS.secret };
    known.socket.emit('message', Buffer.from(JSON.stringify(auth)), false);
    gone.socket.emit('close');
    vi.advanceTimersByTime(9_999);
    expect(silent.end).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(silent.end).toEqual(['closed']);
    expect(silent.sent.at(-1)).toBe(
      JSON.stringify([{ T: 'error', code: 404, msg: 'auth timeout' }]),
    );
    expect([known.end, gone.end]).toEqual([[], []]);
  });
});

describe('exchange streams: a client that does not read', () => {
  const MUCH = 9 * 1024 * 1024;

  it('market data → told 407, then cut, and sent nothing more', () => {
    const stream = new MarketDataStream(parts);
    const { socket, sent, end } = slowSocket();
    stream.accept(socket, 'json_text');
    const tell = (message: object) =>
      socket.emit('message', Buffer.from(JSON.stringify(message)), false);
    tell({ action: 'auth', key: KEYS.keyId, secret: KEYS.secret });
    tell({ action: 'subscribe', quotes: ['SPY'] });
    const quote = { kind: 'quote' as const, atMs: minute(1), quote: quoteOf('99/100', 1) };
    stream.publish([quote]);
    expect(sent).toHaveLength(4);
    Object.assign(socket, { bufferedAmount: MUCH });
    stream.publish([quote]);
    stream.publish([quote]);
    expect(sent.slice(4)).toEqual([
      JSON.stringify([{ T: 'error', code: 407, msg: 'slow client' }]),
    ]);
    expect(end).toEqual(['closed 1008']);
  });

  it('trade updates → cut; the reader beside it hears everything', async () => {
    const stream = new TradeUpdatesStream(parts);
    const slow = slowSocket();
    const quick = slowSocket();
    for (const { socket } of [slow, quick]) {
      stream.accept(socket, 'json_text');
      for (const message of [
        { action: 'authenticate', data: { key_id: KEYS.keyId, secret_key: KEYS.secret } },
        { action: 'listen', data: { streams: ['trade_updates'] } },
      ]) {
        socket.emit('message', Buffer.from(JSON.stringify(message)), false);
      }
    }
    Object.assign(slow.socket, { bufferedAmount: MUCH });
    const [event] = placed(openEngine({ quote: '99/100' }), 'buy 1 market day').events;
    assert(event !== undefined, 'expected an event');
    stream.hold({ event, order: wireOrder(event.order), fault: null });
    stream.flush();
    expect(slow.sent).toHaveLength(2);
    expect(slow.end).toEqual(['terminated']);
    expect(quick.sent).toHaveLength(3);
    expect(quick.end).toEqual([]);
  });
});
