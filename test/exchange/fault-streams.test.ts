import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { afterTest, KEYS, orderBody, startTestExchange } from './running-exchange.js';
import { connectStream, listenToTradeUpdates } from './stream-client.js';

const AUTHENTICATE = {
  action: 'authenticate',
  data: { key_id: KEYS.keyId, secret_key: KEYS.secret },
};
const LISTEN = { action: 'listen', data: { streams: ['trade_updates'] } };

async function openListener() {
  const exchange = await startTestExchange();
  await exchange.goTo('13:31');
  return { exchange, updates: await listenToTradeUpdates(exchange) };
}

describe('exchange faults: frames', () => {
  it('dup_event → the same frame twice, one execution in the journal', async () => {
    const { exchange, updates } = await openListener();
    await exchange.fault({ event: 'fill' }, { kind: 'dup_event' });
    await exchange.post('/v2/orders', orderBody());
    await expect.poll(() => updates.events()).toEqual(['pending_new', 'new', 'fill', 'fill']);
    const [, , first, second] = updates.updates();
    expect(second).toEqual(first);
    expect(await exchange.journal('execution')).toHaveLength(1);
  });

  it('reorder_events → the fill overtakes the receipt; the journal has it right', async () => {
    const { exchange, updates } = await openListener();
    await exchange.fault({ event: 'new' }, { kind: 'reorder_events' });
    await exchange.post('/v2/orders', orderBody());
    await expect.poll(() => updates.events()).toEqual(['pending_new', 'fill', 'new']);
    const truth = (await exchange.journal('order')).map((entry) => entry['event']);
    expect(truth).toEqual(['pending_new', 'new', 'fill']);
  });

  it('delay_event → the frame comes late, after what followed it', async () => {
    const { exchange, updates } = await openListener();
    await exchange.fault({ event: 'new' }, { kind: 'delay_event', delayMs: 100 });
    await exchange.post('/v2/orders', orderBody());
    await expect.poll(() => updates.events()).toEqual(['pending_new', 'fill', 'new']);
    const lastEventId = (await exchange.get('/_clock')).body.lastEventId;
    expect(lastEventId).toBe((await exchange.journal('order'))[2]?.['eventId']);
  });

  it('wrong_shape_event → an update without its order; garbage_event → no JSON', async () => {
    const { exchange, updates } = await openListener();
    const texts: string[] = [];
    updates.client.socket.removeAllListeners('message');
    updates.client.socket.on('message', (data: Buffer) => texts.push(data.toString('utf8')));
    await exchange.fault({ event: 'new' }, { kind: 'wrong_shape_event' });
    await exchange.fault({ event: 'fill' }, { kind: 'garbage_event' });
    await exchange.post('/v2/orders', orderBody());
    await expect.poll(() => texts.length).toBe(3);
    expect(JSON.parse(texts[1] ?? '')).toMatchObject({ data: { event: 'new' } });
    expect(texts[1]).not.toContain('"order"');
    expect(() => JSON.parse(texts[2] ?? '')).toThrow(SyntaxError);
    expect(await exchange.journal('order')).toHaveLength(3);
  });

  it('mute_event by chance → some never come; the same ones with the same seed', async () => {
    const heard = async () => {
      const { exchange, updates } = await openListener();
      const match = { event: 'new', times: null, probability: 0.5, seed: 'gap' };
      await exchange.fault(match, { kind: 'mute_event' });
      for (let index = 0; index < 10; index += 1) {
        const clientOrderId = `order-${index}`;
        await exchange.post('/v2/orders', orderBody({ qty: '1', client_order_id: clientOrderId }));
      }
      await expect.poll(() => updates.events().filter((one) => one === 'fill').length).toBe(10);
      expect(await exchange.journal('order')).toHaveLength(30);
      return updates.events();
    };
    const first = await heard();
    expect(first.length).toBeGreaterThan(20);
    expect(first.length).toBeLessThan(30);
    expect(await heard()).toEqual(first);
  });

  it('cut_stream → the listener is cut off without the frame; it may come back', async () => {
    const { exchange, updates } = await openListener();
    const closed = new Promise((resolve) => updates.client.socket.once('close', resolve));
    await exchange.fault({ event: 'fill' }, { kind: 'cut_stream' });
    await exchange.post('/v2/orders', orderBody());
    await closed;
    expect(updates.events()).not.toContain('fill');
    expect(await exchange.journal('execution')).toHaveLength(1);
    const again = await listenToTradeUpdates(exchange);
    await exchange.post('/v2/orders', orderBody());
    await expect.poll(() => again.events()).toEqual(['pending_new', 'new', 'fill']);
  });
});

describe('exchange faults: connections', () => {
  it('hung_handshake → connecting for ever; the journal knows, the next is served', async () => {
    const exchange = await startTestExchange();
    await exchange.fault({ stream: 'trade_updates' }, { kind: 'hung_handshake' });
    const socket = new WebSocket(exchange.streamUrl);
    socket.on('error', () => {});
    afterTest(() => socket.terminate());
    await expect
      .poll(() => exchange.journal('fault'))
      .toContainEqual(expect.objectContaining({ change: 'fired', action: 'hung_handshake' }));
    expect(await exchange.journal('stream')).toEqual([]);
    await listenToTradeUpdates(exchange);
    expect(socket.readyState).toBe(WebSocket.CONNECTING);
  });

  it('silent_auth → open, pinging, never authorized', async () => {
    const exchange = await startTestExchange();
    await exchange.fault({}, { kind: 'silent_auth' });
    const client = await connectStream(exchange.streamUrl);
    client.send(AUTHENTICATE);
    const pong = new Promise((resolve) => client.socket.once('pong', resolve));
    client.socket.ping();
    await pong;
    await listenToTradeUpdates(exchange);
    expect(client.frames()).toEqual([]);
    const changes = (await exchange.journal('stream')).map((entry) => entry['change']);
    expect(changes).toEqual(['connected', 'connected', 'authorized', 'listening']);
  });

  it('auth_flap → right keys are refused once, on either stream', async () => {
    const exchange = await startTestExchange();
    await exchange.fault({ times: 2 }, { kind: 'auth_flap' });
    const client = await connectStream(exchange.streamUrl);
    client.send(AUTHENTICATE);
    client.send(AUTHENTICATE);
    const data = await connectStream(exchange.dataStreamUrl);
    await expect.poll(() => client.frames()).toHaveLength(2);
    expect(client.frames()).toMatchObject([
      { data: { status: 'unauthorized' } },
      { data: { status: 'unauthorized' } },
    ]);
    client.send(AUTHENTICATE);
    await client.frame((frame) => JSON.stringify(frame).includes('"authorized"'));
    await exchange.fault({ stream: 'market_data' }, { kind: 'auth_flap' });
    data.send({ action: 'auth', key: KEYS.keyId, secret: KEYS.secret });
    await data.frame((frame) => frame['code'] === 402);
    const changes = (await exchange.journal('stream')).map((entry) => entry['change']);
    expect(changes.filter((change) => change === 'refused')).toHaveLength(3);
  });

  it('silent_listen → no acknowledgement and no frames', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    await exchange.fault({ stream: 'trade_updates' }, { kind: 'silent_listen' });
    const client = await connectStream(exchange.streamUrl);
    client.send(AUTHENTICATE);
    await client.frame((frame) => frame['stream'] === 'authorization');
    client.send(LISTEN);
    await expect
      .poll(() => exchange.journal('fault'))
      .toContainEqual(expect.objectContaining({ action: 'silent_listen' }));
    const other = await listenToTradeUpdates(exchange);
    await exchange.post('/v2/orders', orderBody());
    await expect.poll(() => other.events()).toHaveLength(3);
    expect(client.frames()).toHaveLength(1);
  });
});
