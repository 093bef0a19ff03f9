import { connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyHeaders, startTestExchange } from './running-exchange.js';

const member = fc.constantFrom(
  'symbol',
  'qty',
  'side',
  'type',
  'time_in_force',
  'limit_price',
  'stop_price',
  'client_order_id',
  'extended_hours',
  'order_class',
  'notional',
  'take_profit',
  'stop_loss',
  'position_intent',
  '__proto__',
  'constructor',
);
const value = fc.oneof(
  fc.constantFrom('SPY', 'buy', 'sell', 'limit', 'market', 'stop', 'day', 'gtc', 'opg', '10', '99'),
  fc.constantFrom('bracket', 'oco', 'oto', 'buy_to_open', { limit_price: '110' }, '100'),
  fc.constantFrom<unknown>({ stop_price: '90' }, { stop_price: 95, limit_price: null }, 10, true),
  fc.constantFrom('-1', '1e9', 'NaN', '99999999999999999999', '0.0000000001', ' 1', ''),
  fc.jsonValue(),
);
const path = fc.oneof(
  fc.constantFrom('/v2/orders', '/v2/account/configurations', '/_fault', '/_clock'),
  fc.webPath().map((tail) => `/v2/orders${tail}`),
  fc.webPath().map((tail) => `/v2/stocks${tail}`),
);
const method = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE');
const query = fc
  .dictionary(fc.constantFrom('status', 'limit', 'after', 'symbols', 'page_token'), fc.string())
  .map((members) => new URLSearchParams(members).toString());

describe('exchange: malformed requests', () => {
  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['an unknown method', 'BREW /v2/orders HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    ['a head too large', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('%s → an envelope, and others are served', async (_name, bytes, status) => {
    const exchange = await startTestExchange();
    const { hostname, port } = new URL(exchange.tradingUrl);
    const socket = connect(Number(port), hostname);
    socket.write(bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const answer = Buffer.concat(chunks).toString('utf8');
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain(`{"code":${status * 100_000},`);
    expect((await exchange.get('/v2/clock')).status).toBe(200);
  });

  it('anything at all → an envelope or an answer, never a 500', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    await fc.assert(
      fc.asyncProperty(
        method,
        path,
        query,
        fc.dictionary(member, value, { maxKeys: 9 }),
        async (verb, where, asked, fields) => {
          const response = await fetch(`${exchange.tradingUrl}${where}?${asked}`, {
            method: verb,
            headers: { ...keyHeaders(), 'content-type': 'application/json' },
            ...(verb === 'GET' ? {} : { body: JSON.stringify(fields) }),
          });
          const text = await response.text();
          if (response.status >= 500) throw new Error(`${verb} ${where}: ${text}`);
          if (response.status < 400) return;
          expect(JSON.parse(text)).toMatchObject({
            code: expect.any(Number),
            message: expect.any(String),
          });
        },
      ),
      { numRuns: 400 },
    );
    const executions = await exchange.journal('execution');
    const cash = executions.reduce((sum, entry) => sum + Number(entry['cash']), 100_000);
    expect(Number((await exchange.get('/v2/account')).body['cash'])).toBeCloseTo(cash, 6);
  });
});
