import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  keyHeaders,
  KEYS,
  orderBody,
  startTestExchange,
  temporaryFolder,
  type TestExchange,
} from './running-exchange.js';
import { connectStream, listenToTradeUpdates } from './stream-client.js';

const SECRET = 'canary-7c1d0f-secret';
const credentials = { keyId: KEYS.keyId, secret: SECRET };

/** Sends a request line as it is: clients would tidy the path. */
async function rawAnswer(exchange: TestExchange, path: string): Promise<string> {
  const { hostname, port } = new URL(exchange.tradingUrl);
  const socket = connect(Number(port), hostname);
  const headers = Object.entries(keyHeaders()).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers.join('')}\r\n`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

describe('exchange security', () => {
  it('told nothing else → reachable on loopback alone', async () => {
    const exchange = await startTestExchange();
    expect(new URL(exchange.tradingUrl).hostname).toBe('127.0.0.1');
    expect(new URL(exchange.dataStreamUrl).hostname).toBe('127.0.0.1');
  });

  it('bound to every address → clock, faults and journal want keys too', async () => {
    const exchange = await startTestExchange({ host: '0.0.0.0' });
    const url = exchange.tradingUrl.replace('0.0.0.0', '127.0.0.1');
    for (const path of ['/_clock', '/_journal', '/_fault', '/_borrow', '/v2/account']) {
      expect((await fetch(url + path)).status, path).toBe(401);
      expect((await fetch(url + path, { headers: keyHeaders() })).status, path).toBe(200);
    }
  });

  it.each([
    '/v2/../_journal',
    '/v2/%2e%2e/_journal',
    '//_journal',
    '/v2/orders/..%2f..%2fetc%2fpasswd',
    '/v2/stocks/..%2f..%2f..%2fetc/bars/latest',
    '/v2/assets/%00',
    '/v2/orders/%ff',
    '/v2/account/../../_clock',
  ])('%s → refused with an envelope, nothing of another path', async (path) => {
    const exchange = await startTestExchange();
    const answer = await rawAnswer(exchange, path);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).toContain('"code":');
    expect(answer).not.toContain('entries');
    expect(answer).not.toContain('root:');
  });

  it('__proto__, constructor and prototype in bodies → no object changes', async () => {
    const exchange = await startTestExchange();
    const poison = '{"polluted":true}';
    for (const [method, path] of [
      ['POST', '/v2/orders'],
      ['PATCH', '/v2/account/configurations'],
      ['POST', '/_fault'],
      ['POST', '/_clock'],
      ['POST', '/_borrow'],
    ] as const) {
      for (const body of [
        `{"__proto__":${poison},"symbol":"SPY"}`,
        `{"constructor":{"prototype":${poison}}}`,
        `{"match":{"__proto__":${poison}},"action":{"kind":"delay","delayMs":1}}`,
      ]) {
        const headers = { ...keyHeaders(), 'content-type': 'application/json' };
        const response = await fetch(exchange.tradingUrl + path, { method, headers, body });
        expect(response.status).toBeLessThan(500);
      }
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect((await exchange.get('/v2/account/configurations')).body).not.toHaveProperty('polluted');
    await exchange.get('/v2/orders?__proto__[polluted]=1&symbols[__proto__]=1');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('a session with right and wrong keys → no secret in logs, journal or state', async () => {
    const written: string[] = [];
    const note = (chunk: unknown) => {
      written.push(String(chunk));
      return true;
    };
    const spies = [
      vi.spyOn(process.stdout, 'write').mockImplementation(note),
      vi.spyOn(process.stderr, 'write').mockImplementation(note),
    ];
    const stateFile = join(temporaryFolder(), 'state.jsonl');
    const exchange = await startTestExchange({ credentials, stateFile });
    const headers = { 'APCA-API-KEY-ID': KEYS.keyId, 'APCA-API-SECRET-KEY': SECRET };
    const answers: string[] = [];
    for (const [method, path, body] of [
      ['GET', '/v2/account', undefined],
      ['POST', '/v2/orders', JSON.stringify(orderBody())],
      ['POST', '/v2/orders', '{broken'],
      ['GET', '/v2/nothing', undefined],
    ] as const) {
      const request = { method, headers, ...(body === undefined ? {} : { body }) };
      const response = await fetch(exchange.tradingUrl + path, request);
      answers.push(await response.text(), JSON.stringify([...response.headers]));
    }
    const client = await connectStream(exchange.streamUrl);
    const authenticate = (secret: string) =>
      client.send({
        action: 'authenticate',
        data: { key_id: KEYS.keyId, secret_key: secret },
      });
    authenticate('wrong-but-secret');
    authenticate(SECRET);
    await expect.poll(() => client.frames().length).toBe(2);
    answers.push(JSON.stringify(client.frames()), JSON.stringify(await exchange.journal()));
    await exchange.close();
    for (const spy of spies) spy.mockRestore();
    expect(existsSync(stateFile)).toBe(true);
    const everything = [...written, ...answers, readFileSync(stateFile, 'utf8')].join('\n');
    expect(everything).not.toContain('canary');
    expect(everything).not.toContain('wrong-but-secret');
  });

  it('a stream with wrong keys → never hears a thing', async () => {
    const exchange = await startTestExchange();
    await exchange.goTo('13:31');
    const client = await connectStream(exchange.streamUrl);
    client.send({ action: 'authenticate', data: { key_id: KEYS.keyId, secret_key: 'no' } });
    client.send({ action: 'listen', data: { streams: ['trade_updates'] } });
    const good = await listenToTradeUpdates(exchange);
    await exchange.post('/v2/orders', orderBody());
    await expect.poll(() => good.events()).toHaveLength(3);
    expect(client.frames().every((frame) => frame['stream'] === 'authorization')).toBe(true);
  });
});
