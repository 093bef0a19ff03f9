import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatUsd, wholeUsd } from '../../domain/values/index.js';
import { orderOf } from './matching-scene.js';
import {
  afterTest,
  KEYS,
  keyHeaders,
  orderBody,
  quietMarket,
  rowsOf,
  startTestExchange,
  temporaryFolder,
} from './running-exchange.js';

const MANY = 10_000;

/** The memory of an account that has sent so many orders in the first minute of a session. */
function crowdedStateFile(market: ReturnType<typeof quietMarket>): string {
  const path = join(temporaryFolder(), 'state.jsonl');
  const identity = {
    kind: 'opened',
    version: 1,
    seed: 'test',
    startingCashUsd: formatUsd(wholeUsd(100_000)),
    partialFillShare: 0,
    openLeadMinutes: 2,
    market: market.kind,
    date: market.date,
    symbols: market.symbols,
    isRolling: false,
    washTradeGuard: 'strict',
  };
  const openMs = Date.parse('2013-10-07T13:31:00Z');
  const commands: object[] = [{ kind: 'step' }, { kind: 'step' }, { kind: 'step' }];
  for (let index = 0; index < MANY; index += 1) {
    const limit = (10 + (index % 2_000) / 100).toFixed(2);
    const request = orderOf(`buy 1 limit ${limit} gtc`, `crowd-${index}`);
    commands.push({ kind: 'place', atMs: openMs + 50 + index, request });
  }
  const lines = [identity, ...commands].map((one) => `${JSON.stringify(one)}\n`);
  writeFileSync(path, lines.join(''));
  return path;
}

/** The head of an order's request, and the first bytes of a body that never comes whole. */
function postHead(contentLength: number): string {
  const { keyId, secret } = KEYS;
  const head = [
    'POST /v2/orders HTTP/1.1',
    'Host: x',
    `APCA-API-KEY-ID: ${keyId}`,
    `APCA-API-SECRET-KEY: ${secret}`,
    `Content-Length: ${contentLength}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n{"symbol":`;
}

describe('exchange: under load', () => {
  it(`${MANY} open orders → it places, lists, finds, steps and cancels all of them`, async () => {
    const market = quietMarket();
    const stateFile = crowdedStateFile(market);
    const exchange = await startTestExchange({ market, stateFile, seed: 'test' });
    const page = await exchange.get('/v2/orders?limit=500');
    expect(rowsOf(page.body)).toHaveLength(500);
    const placed = await exchange.post('/v2/orders', orderBody({ qty: '1' }));
    expect(placed.status).toBe(200);
    const one = '/v2/orders:by_client_order_id?client_order_id=crowd-9999';
    expect((await exchange.get(one)).body.status).toBe('new');
    await exchange.goTo('13:36');
    expect((await exchange.get('/v2/account')).body.status).toBe('ACTIVE');
    expect(rowsOf((await exchange.remove('/v2/orders')).body)).toHaveLength(MANY);
    expect((await exchange.get('/v2/orders')).body).toEqual([]);
  }, 300_000);

  it('bodies that never end, and one that is too large → others are served meanwhile', async () => {
    const exchange = await startTestExchange();
    const { hostname, port } = new URL(exchange.tradingUrl);
    const sockets = Array.from({ length: 50 }, () => connect(Number(port), hostname));
    for (const socket of sockets) {
      afterTest(() => {
        socket.destroy();
      });
      socket.on('error', () => {});
      socket.write(postHead(5_000));
    }
    const large = await exchange.raw('POST', '/v2/orders', { symbol: 'x'.repeat(100_000) });
    expect(large.status).toBe(413);
    expect(JSON.parse(large.text)).toMatchObject({ code: expect.any(Number) });
    await exchange.goTo('13:31');
    expect((await exchange.post('/v2/orders', orderBody())).status).toBe(200);
    expect(await exchange.journal('order')).toHaveLength(3);
  });

  it('a body that comes too slowly → told so and cut off; others are served', async () => {
    const exchange = await startTestExchange({ requestTimeoutMs: 200 });
    const { hostname, port } = new URL(exchange.tradingUrl);
    const slow = connect(Number(port), hostname);
    const received: Buffer[] = [];
    slow.on('data', (chunk: Buffer) => received.push(chunk));
    const closed = once(slow, 'close');
    slow.write(postHead(5_000));
    // One byte now and then keeps it from being idle: it is the whole that takes too long.
    const drip = setInterval(() => slow.write(' '), 20);
    slow.on('error', () => {});
    slow.on('close', () => clearInterval(drip));
    afterTest(() => {
      slow.destroy();
    });
    await exchange.goTo('13:31');
    expect((await exchange.post('/v2/orders', orderBody())).status).toBe(200);
    await closed;
    const answer = Buffer.concat(received).toString('utf8');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('{"code":40800000,"message":"request timeout"}');
    expect((await exchange.post('/v2/orders', orderBody())).status).toBe(200);
    expect(await exchange.journal('execution')).toHaveLength(2);
  });

  it('deep, wide and odd JSON → an envelope', async () => {
    const exchange = await startTestExchange();
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const wide = `{${Array.from({ length: 5_000 }, (_one, index) => `"k${index}":1`).join()}}`;
    for (const body of [deep, wide, 'null', '1', '"text"', '[]', '\u0000', '{"qty":1e999}']) {
      const response = await fetch(`${exchange.tradingUrl}/v2/orders`, {
        method: 'POST',
        headers: keyHeaders(),
        body,
      });
      expect([400, 422]).toContain(response.status);
      expect(await response.json()).toMatchObject({ code: expect.any(Number) });
    }
  });
});
