import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWireSamples } from '../../exchange/run/wire-samples.js';
import { shapeOf } from '../../exchange/run/wire-shape.js';
import { readWireSamples, wireFaults } from '../support/wire-samples.js';
import { KEYS, orderBody, startTestExchange, temporaryFolder } from './running-exchange.js';
import { listenToTradeUpdates } from './stream-client.js';

/** A folder with the samples of a morning: fills, a cancel, refusals, and faults of every way. */
async function sampledMorning(): Promise<string> {
  const samplesFolder = join(temporaryFolder(), 'samples');
  const exchange = await startTestExchange({ samplesFolder });
  await exchange.goTo('13:31');
  const { client } = await listenToTradeUpdates(exchange);
  const heard: string[] = [];
  // The client itself would refuse what the fault makes of a frame.
  client.socket.removeAllListeners('message');
  client.socket.on('message', (data: Buffer) => heard.push(data.toString('utf8')));
  await exchange.fault({ path: '/v2/account' }, { kind: 'wrong_shape' });
  await exchange.fault({ path: '/v2/positions' }, { kind: 'garbage' });
  await exchange.fault({ path: '/v2/clock' }, { kind: 'status', status: 502, body: '<html>' });
  await exchange.fault({ event: 'canceled' }, { kind: 'wrong_shape_event' });
  for (let count = 0; count < 3; count += 1) {
    await exchange.post('/v2/orders', orderBody({ client_order_id: `sampled-${count}` }));
    for (const path of ['/v2/account', '/v2/positions', '/v2/clock', '/v2/orders?status=all']) {
      await exchange.raw('GET', path);
    }
  }
  const { body } = await exchange.post(
    '/v2/orders',
    orderBody({ type: 'limit', limit_price: '9' }),
  );
  await exchange.remove(`/v2/orders/${body.id}`);
  await exchange.get(`/v2/orders/${body.id}`);
  await exchange.get('/v2/nothing');
  await exchange.post('/v2/orders', orderBody({ qty: '-1' }));
  await expect.poll(() => heard.at(-1)).toContain('"event":"canceled"');
  expect(heard.at(-1)).not.toContain('"order"');
  await exchange.close();
  return samplesFolder;
}

function subjectsOf(folder: string): readonly string[] {
  const subjects = readWireSamples(folder).map((sample) => {
    if (sample.kind === 'answer') return `${sample.method} ${sample.route} ${sample.status}`;
    return sample.kind === 'frame' ? sample.stream : sample.subject;
  });
  return [...new Set(subjects)].sort();
}

function onlyFile(folder: string): string {
  const [name = ''] = readdirSync(folder);
  return join(folder, name);
}

describe('wire samples', () => {
  it('a morning → one of every shape, as it was meant, and nothing wrong', async () => {
    const folder = await sampledMorning();
    expect(wireFaults(folder)).toEqual([]);
    expect(subjectsOf(folder)).toEqual([
      'DELETE /v2/orders/:order_id 204',
      'GET /v2/account 200',
      'GET /v2/clock 200',
      'GET /v2/orders 200',
      'GET /v2/orders/:order_id 200',
      'GET /v2/positions 200',
      'GET null 404',
      'POST /v2/orders 200',
      'POST /v2/orders 422',
      'trade_updates',
    ]);
    const text = readFileSync(onlyFile(folder), 'utf8');
    // The clock was answered once as meant, and twice alike: its first answer is not a fault's.
    expect(text.match(/"path":"\/v2\/clock"/g)).toHaveLength(1);
    expect(text).not.toContain('<html>');
    expect(text).not.toContain(KEYS.secret);
    expect(text).not.toContain('[1,null,"x"]');
    const canceled = readWireSamples(folder).filter(
      (sample) => sample.kind === 'frame' && JSON.stringify(sample).includes('"canceled_at":"'),
    );
    expect(canceled).toMatchObject([{ frame: { data: { event: 'canceled', order: {} } } }]);
  });

  it.each([
    [
      'an order in a status that is none',
      (line: string) => line.replaceAll('"status":"filled"', '"status":"done"'),
      'GET /v2/orders 200',
    ],
    [
      'an account without its id',
      (line: string) => line.replace('"id":', '"identity":'),
      'GET /v2/account 200',
    ],
    [
      'a frame without its order',
      (line: string) => line.replace('"order":', '"orders":'),
      '"stream":"trade_updates"',
    ],
    [
      'a refusal without a message',
      (line: string) => line.replace('"message":', '"text":'),
      'POST /v2/orders 422',
    ],
  ])('planted: %s → told', async (_what, spoil, subject) => {
    const folder = await sampledMorning();
    const file = onlyFile(folder);
    const lines = readFileSync(file, 'utf8').split('\n');
    const planted = lines.map(spoil).filter((line) => !lines.includes(line));
    expect(planted).not.toEqual([]);
    appendFileSync(file, planted.map((line) => `${line}\n`).join(''));
    const faults = wireFaults(folder);
    expect(faults.length).toBeGreaterThan(0);
    expect(
      faults.some((fault) => fault.includes(subject)),
      faults.join('\n'),
    ).toBe(true);
  });

  it('a line that a kill cut off → left out; no folder → nothing', async () => {
    const folder = await sampledMorning();
    const before = readWireSamples(folder);
    appendFileSync(onlyFile(folder), '{"kind":"answer","meth');
    expect(readWireSamples(folder)).toEqual(before);
    expect(readWireSamples(join(folder, 'nowhere'))).toEqual([]);
  });

  it('more shapes than samples → told as well, once', () => {
    const folder = temporaryFolder();
    const samples = openWireSamples(folder);
    for (let count = 0; count < 1_000; count += 1) {
      const text = JSON.stringify({ message: 'x', ['m'.repeat(count + 1)]: 1 });
      samples.noteAnswer({ method: 'GET', route: '/a', path: '/a', status: 400, text });
    }
    samples.close();
    expect(wireFaults(folder)).toEqual([
      'more shapes of GET /a 400 than samples: raise their number',
    ]);
    expect(readWireSamples(folder).length).toBeLessThan(1_000);
  });

  it.each([
    ['enumeration words', { side: 'buy' }, { side: 'sell' }, false],
    ['amounts', { qty: '10' }, { qty: '2000' }, true],
    ['an amount and a fraction', { qty: '10' }, { qty: '1.5' }, false],
    ['instants', { at: '2013-10-07T13:31:00Z' }, { at: '2025-01-02T00:00:01Z' }, true],
    ['ids', { id: 'order-AB-12' }, { id: 'trade-SPY-9' }, true],
    ['nothing and something', { at: null }, { at: '1' }, false],
    ['a member more', { a: 1 }, { a: 1, b: 1 }, false],
    ['lists of the same', [{ a: 1 }], [{ a: 2 }, { a: 3 }], true],
  ])('shapes: %s → alike %#', (_what, left, right, areAlike) => {
    expect(shapeOf(left) === shapeOf(right)).toBe(areAlike);
  });
});
