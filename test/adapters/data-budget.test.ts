import { afterEach, describe, expect, it } from 'vitest';
import { openWallClock } from '../../workers/clocks.js';
import { connectBroker } from '../../workers/broker-connection.js';
import { answerJson, openScriptedServer, type ScriptedServer } from './scripted-server.js';

const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const CLOCK = {
  timestamp: '2026-10-05T10:30:00-04:00',
  is_open: true,
  next_open: '2026-10-06T09:30:00-04:00',
  next_close: '2026-10-05T16:00:00-04:00',
};
const QUOTE = { t: '2026-10-05T14:30:00Z', bp: 1, bs: 1, ap: 2, as: 1 };

/** The two hosts, each with what it says is left of its own minute. */
async function connect(left: { readonly trading: number; readonly data: number }) {
  const resetAtS = Math.floor(Date.now() / 1_000) + 50;
  const server = await openScriptedServer((request, response) => {
    const isOfData = request.path.startsWith('/v2/stocks');
    const ofTrading = request.path === '/v2/clock' ? CLOCK : [];
    answerJson(response, 200, isOfData ? { quotes: { SPY: QUOTE } } : ofTrading, {
      'x-ratelimit-remaining': String(isOfData ? left.data : left.trading),
      // The data host tells when its remainder changes, not when its minute ends.
      'x-ratelimit-reset': String(isOfData ? resetAtS - 49 : resetAtS),
    });
  });
  servers.push(server);
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  return connectBroker({
    addresses: {
      tradingUrl: server.url,
      streamUrl: server.url.replace('http', 'ws'),
      dataUrl: server.url,
      dataStreamUrl: server.url.replace('http', 'ws'),
    },
    credentials: { keyId: 'PKTEST', secret: 'secret' },
    symbols: ['SPY'],
    time: 'realtime',
    feed: 'iex',
    dataFeed: 'iex',
    wallClock: openWallClock(),
    log: silent,
  });
}

describe('the limits of the two hosts', () => {
  it('prices used up → orders and cancels go on', async () => {
    const { broker, marketData } = await connect({ trading: 190, data: 0 });
    await broker.positions();
    await marketData.latestQuotes(['SPY']);
    expect(broker.prepareSubmit()).toEqual({ ok: true });
  });

  it('many prices left → orders wait for the minute of their own host', async () => {
    const { broker, marketData } = await connect({ trading: 0, data: 9_990 });
    await broker.positions();
    await marketData.latestQuotes(['SPY']);
    expect(broker.prepareSubmit()).toMatchObject({ ok: false, reason: 'rate_limited' });
  });
});
