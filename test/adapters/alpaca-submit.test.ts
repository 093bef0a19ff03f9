import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAlpacaBroker } from '../../adapters/broker/alpaca/index.js';
import { BrokerAuthRefused, BrokerRateLimited } from '../../adapters/broker/errors.js';
import type { Broker, OrderRequest } from '../../adapters/broker/port.js';
import { WITHOUT_EXITS } from '../../domain/order/index.js';
import { price, quantity } from '../../domain/values/index.js';
import {
  answerJson,
  openScriptedServer,
  type Script,
  type ScriptedServer,
  wireOrder,
} from './scripted-server.js';

const KEYS = { keyId: 'PKTESTKEYID', secret: 'very-secret-value' };
const REQUEST: OrderRequest = {
  clientOrderId: 'wire-1',
  symbol: 'AAPL',
  side: 'buy',
  quantity: quantity(1),
  type: 'stop_limit',
  limitPrice: price(86_870_000_000),
  stopPrice: price(100_000),
  timeInForce: 'day',
  extendedHours: false,
  ...WITHOUT_EXITS,
};

const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function brokerBehind(script: Script): Promise<{ broker: Broker; server: ScriptedServer }> {
  const server = await openScriptedServer(script);
  servers.push(server);
  return { broker: brokerAt(server.url), server };
}

function brokerAt(tradingUrl: string, submitTimeoutMs = 5_000): Broker {
  return createAlpacaBroker({ ...KEYS, tradingUrl, streamUrl: 'ws://unused', submitTimeoutMs });
}

describe('submit: what goes over the wire', () => {
  it('tiny values → exact decimal strings, keys in headers only', async () => {
    const { broker, server } = await brokerBehind((_request, response) =>
      answerJson(response, 200, wireOrder()),
    );
    expect(await broker.submitOrder(REQUEST)).toMatchObject({ kind: 'accepted' });
    const [seen] = server.requests;
    expect(JSON.parse(seen?.body ?? '')).toEqual({
      client_order_id: 'wire-1',
      symbol: 'AAPL',
      side: 'buy',
      qty: '0.000000001',
      type: 'stop_limit',
      limit_price: '86.87',
      stop_price: '0.0001',
      time_in_force: 'day',
      extended_hours: false,
    });
    expect(seen?.headers['apca-api-key-id']).toBe(KEYS.keyId);
    expect(seen?.headers['apca-api-secret-key']).toBe(KEYS.secret);
  });

  it('from the call to the request → nothing of the event loop comes between', async () => {
    const { broker } = await brokerBehind((_request, response) =>
      answerJson(response, 200, wireOrder()),
    );
    let eventsBetween = 0;
    const { fetch } = globalThis;
    const spy = vi.spyOn(globalThis, 'fetch').mockImplementation((...request) => {
      expect(eventsBetween).toBe(0);
      return fetch(...request);
    });
    setImmediate(() => {
      eventsBetween += 1;
    });
    expect(await broker.submitOrder(REQUEST)).toMatchObject({ kind: 'accepted' });
    expect(spy).toHaveBeenCalledTimes(1);
    expect(eventsBetween).toBe(1);
    spy.mockRestore();
  });

  it('one request after another → connections are kept and used again', async () => {
    const { broker, server } = await brokerBehind((_request, response) =>
      answerJson(response, 200, wireOrder()),
    );
    for (let count = 0; count < 20; count += 1) {
      await broker.orderById('9d1b2f5e-0c55-4f0b-8f5c-6d0c9f3a7b11');
      await broker.submitOrder(REQUEST);
    }
    expect(server.requests).toHaveLength(40);
    // A connection is free a moment after its answer was read, so a second one may be opened once.
    expect(server.connectionCount()).toBeLessThanOrEqual(2);
  });
});

interface Row {
  readonly what: string;
  readonly script: Script;
  readonly outcome: Readonly<Record<string, unknown>>;
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Script => {
  return (_request, response) => answerJson(response, status, body, headers);
};
const forbidden = (message: string, members: object = {}): Script =>
  json(403, { code: 40310000, message, ...members });
const refused = (code: string) => ({ kind: 'refused', code, duplicate: false });

const REFUSALS: readonly Row[] = [
  {
    what: 'insufficient buying power',
    script: forbidden('insufficient buying power', { buying_power: '1', cost_basis: '2' }),
    outcome: refused('insufficient_buying_power'),
  },
  {
    what: 'insufficient quantity, which also names held orders',
    script: forbidden('insufficient qty available for order (requested: 2, available: 1)', {
      available: '1',
      existing_qty: '2',
      held_for_orders: '1',
      symbol: 'AAPL',
    }),
    outcome: refused('insufficient_quantity'),
  },
  {
    what: 'a wash trade',
    script: forbidden('potential wash trade detected. use complex orders', {
      existing_order_id: 'x',
      reject_reason: 'opposite side limit order exists',
    }),
    outcome: refused('wash_trade'),
  },
  {
    what: 'the wash trade of January 2024, another number',
    script: json(422, { code: 42210000, message: 'potential wash trade detected.' }),
    outcome: refused('wash_trade'),
  },
  {
    what: 'trading suspended by the user',
    script: forbidden('new orders are rejected by user request'),
    outcome: refused('trading_suspended'),
  },
  {
    what: 'a price finer than a cent',
    script: json(422, { code: 42210000, message: 'invalid limit_price 290.123. sub-penny' }),
    outcome: refused('invalid_price'),
  },
  {
    what: 'a short sale that is not allowed',
    script: forbidden('account is not allowed to short'),
    outcome: refused('shorting_refused'),
  },
  {
    what: 'an unknown asset',
    script: json(422, { code: 42210000, message: 'asset "ZZZZ" not found' }),
    outcome: refused('asset_not_tradable'),
  },
  {
    what: 'a reason nobody has named yet',
    script: json(422, { code: 42299999, message: 'the moon is full' }),
    outcome: { ...refused('broker_42299999'), message: 'the moon is full' },
  },
  {
    what: 'a reason without a number',
    script: json(400, { message: 'bad request' }),
    outcome: refused('unrecognized'),
  },
  {
    what: 'the id exists already',
    script: json(422, { code: 40010001, message: 'client_order_id must be unique' }),
    outcome: { kind: 'refused', code: 'duplicate_client_order_id', duplicate: true },
  },
  {
    what: 'another fault with the number of duplicates',
    script: json(422, { code: 40010001, message: 'us_equity orders not allowed for account' }),
    outcome: { kind: 'refused', code: 'broker_40010001', duplicate: false },
  },
];

const whole = JSON.stringify(wireOrder());
const UNKNOWN_OUTCOMES: readonly Omit<Row, 'outcome'>[] = [
  { what: 'the socket is reset', script: (_r, _s, socket) => socket.resetAndDestroy() },
  { what: 'the socket is closed without an answer', script: (_r, _s, socket) => socket.destroy() },
  { what: '500 with an envelope', script: json(500, { code: 50010000, message: 'internal' }) },
  { what: '502 with a page', script: json(502, '<html>bad gateway</html>') },
  { what: '503', script: json(503, '') },
  { what: '408', script: json(408, { message: 'timeout' }) },
  { what: '409', script: json(409, { message: 'conflict' }) },
  { what: '403 with a page of a gateway', script: json(403, '<html>blocked</html>') },
  { what: '200 with half of the order', script: json(200, whole.slice(0, 200)) },
  { what: '200 with another shape', script: json(200, { status: 'ok' }) },
  { what: '200 with a list', script: json(200, [wireOrder()]) },
  { what: '200 with null', script: json(200, 'null') },
  { what: '200 with no body', script: json(200, '') },
  { what: '200 for another order', script: json(200, wireOrder({ client_order_id: 'other' })) },
  { what: '200 with a quantity that is none', script: json(200, wireOrder({ qty: 'many' })) },
  {
    what: '200 with more decimals than a quantity has',
    script: json(200, wireOrder({ filled_qty: '0.0000000001' })),
  },
  {
    what: '200 whose body breaks off',
    script: (_request, response, socket) => {
      response.writeHead(200, { 'content-length': String(whole.length) });
      response.write(whole.slice(0, 100), () => socket.destroy());
    },
  },
  {
    what: '422 whose body breaks off',
    script: (_request, response, socket) => {
      response.writeHead(422, { 'content-length': '500' });
      response.write('{"code":40010001,', () => socket.destroy());
    },
  },
  {
    what: 'a redirect to another host',
    script: (_request, response) => {
      response.writeHead(307, { location: 'http://127.0.0.1:1/v2/orders' });
      response.end();
    },
  },
];

describe('submit: what became of it', () => {
  it.each(REFUSALS)('$what → refused by name', async ({ script, outcome }) => {
    const { broker } = await brokerBehind(script);
    const found = await broker.submitOrder(REQUEST);
    expect(found).toMatchObject(outcome);
    expect(JSON.parse(found.kind === 'refused' ? found.raw : '')).toHaveProperty('message');
  });

  it.each(UNKNOWN_OUTCOMES)('$what → unknown', async ({ script }) => {
    const { broker, server } = await brokerBehind(script);
    expect(await broker.submitOrder(REQUEST)).toMatchObject({ kind: 'unknown' });
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('no answer within the timeout → unknown', async () => {
    const server = await openScriptedServer(() => {});
    servers.push(server);
    const outcome = await brokerAt(server.url, 100).submitOrder(REQUEST);
    expect(outcome).toMatchObject({ kind: 'unknown' });
    expect(server.requests).toHaveLength(1);
  });

  it('aborted while waiting → unknown; aborted before → not sent', async () => {
    const controller = new AbortController();
    const { broker, server } = await brokerBehind(() => controller.abort());
    const outcome = await broker.submitOrder(REQUEST, controller.signal);
    expect(outcome).toMatchObject({ kind: 'unknown' });
    const again = await broker.submitOrder(REQUEST, controller.signal);
    expect(again).toMatchObject({ kind: 'not_sent' });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    { headers: { 'retry-after': '3' }, retryAfterMs: 3_000 },
    { headers: {}, retryAfterMs: 1_000 },
    { headers: { 'x-ratelimit-reset': '1' }, retryAfterMs: 250 },
    { headers: { 'retry-after': '86400' }, retryAfterMs: 60_000 },
  ])('429 with $headers → not sent, wait $retryAfterMs ms', async ({ headers, retryAfterMs }) => {
    const body = { code: 42910000, message: 'rate limit exceeded' };
    const { broker } = await brokerBehind((_request, response) =>
      answerJson(response, 429, body, headers as Record<string, string>),
    );
    expect(await broker.submitOrder(REQUEST)).toMatchObject({ kind: 'not_sent', retryAfterMs });
  });

  it('nobody listens → not sent', async () => {
    const port = await closedPort();
    const outcome = await brokerAt(`http://127.0.0.1:${port}`).submitOrder(REQUEST);
    expect(outcome).toMatchObject({ kind: 'not_sent', retryAfterMs: null });
    expect(outcome.kind === 'not_sent' && outcome.reason).toContain('ECONNREFUSED');
  });

  it('no such host → not sent', async () => {
    const outcome = await brokerAt('http://no-such-host.invalid').submitOrder(REQUEST);
    expect(outcome).toMatchObject({ kind: 'not_sent' });
  });

  it('a peer that speaks no TLS → never accepted, and says why', async () => {
    const { server } = await brokerBehind((_request, response) => answerJson(response, 200, {}));
    const url = server.url.replace('http:', 'https:');
    const outcome = await brokerAt(url).submitOrder(REQUEST);
    expect(outcome.kind).toBe('unknown');
    expect(server.requests).toHaveLength(0);
  });

  it.each([
    { status: 401, body: { code: 40110000, message: 'access key verification failed' } },
    { status: 401, body: '' },
    { status: 403, body: { message: 'forbidden.' } },
    { status: 403, body: { code: 40110000, message: 'request is not authorized' } },
  ])('keys refused ($status, $body) → BrokerAuthRefused', async ({ status, body }) => {
    const { broker } = await brokerBehind(json(status, body));
    await expect(broker.submitOrder(REQUEST)).rejects.toBeInstanceOf(BrokerAuthRefused);
  });

  it('an answer that repeats the keys → they are in no message', async () => {
    const message = `forbidden ${KEYS.secret} for ${KEYS.keyId}`;
    const { broker } = await brokerBehind(json(401, { message }));
    const failure: unknown = await broker.submitOrder(REQUEST).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BrokerAuthRefused);
    expect(String(failure)).not.toContain(KEYS.secret);
    expect(String(failure)).not.toContain(KEYS.keyId);
  });

  it('keys that no header can carry → refused at once, without showing them', () => {
    const create = () =>
      createAlpacaBroker({
        keyId: 'PK1',
        secret: 'two\nlines',
        tradingUrl: 'http://unused',
        streamUrl: 'ws://unused',
      });
    expect(create).toThrow(/expected secret as printable characters/);
    expect(create).not.toThrow(/lines/);
  });
});

describe('cancel: what became of it', () => {
  it.each([
    { what: '204', script: json(204, ''), outcome: { kind: 'requested' } },
    {
      what: '422',
      script: json(422, { code: 42210000, message: 'order is already in "filled" state' }),
      outcome: { kind: 'not_cancelable', message: 'order is already in "filled" state' },
    },
    {
      what: '404',
      script: json(404, { code: 40410000, message: 'order not found' }),
      outcome: { kind: 'not_found' },
    },
    { what: '404 page of a gateway', script: json(404, '<html>'), outcome: { kind: 'unknown' } },
    { what: '500', script: json(500, { message: 'internal' }), outcome: { kind: 'unknown' } },
    {
      what: 'reset',
      script: ((_r, _s, socket) => socket.resetAndDestroy()) satisfies Script,
      outcome: { kind: 'unknown' },
    },
  ])('$what → $outcome.kind', async ({ script, outcome }) => {
    const { broker } = await brokerBehind(script);
    expect(await broker.cancelOrder('some-id')).toMatchObject(outcome);
  });

  it('429 → BrokerRateLimited: it was not processed', async () => {
    const { broker } = await brokerBehind(json(429, { message: 'slow down' }));
    await expect(broker.cancelOrder('some-id')).rejects.toBeInstanceOf(BrokerRateLimited);
  });

  it('bulk with a line that failed → counted and named', async () => {
    const lines = [
      { id: 'a', status: 200 },
      { id: 'b', status: 500, body: { message: 'internal' } },
      { id: 'c', status: 204 },
    ];
    const { broker } = await brokerBehind(json(207, lines));
    expect(await broker.cancelAllOrders()).toEqual({
      requested: 2,
      failedBrokerOrderIds: ['b'],
    });
  });
});

/** A port that was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
