import { afterEach, describe, expect, it } from 'vitest';
import type { SocketTiming } from '../../adapters/broker/alpaca/socket.js';
import { openMinuteBarStream } from '../../adapters/market-data/alpaca/minute-bar-stream.js';
import { BrokerAuthRefused, BrokerUnavailable } from '../../adapters/broker/errors.js';
import { openScriptedSocket, type SocketScript } from './scripted-socket.js';
import { until } from './until.js';

/** Long enough for a busy machine, whatever the server does. */
const TIMING: SocketTiming = {
  handshakeMsMax: 10_000,
  subscribeMsMax: 10_000,
  pingEveryMs: 10_000,
  pongMsMax: 5_000,
};
const CONNECTED = JSON.stringify([{ T: 'success', msg: 'connected' }]);
const LIVE = JSON.stringify([{ T: 'subscription', bars: ['SPY'] }]);
const BAR = { T: 'b', S: 'SPY', o: 1, h: 1, l: 1, c: 1, v: 1, n: 1, vw: 1 };
const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Opens the stream of SPY's bars at a server that does as it is told. */
async function open(
  script: SocketScript,
  onBar: () => void = () => undefined,
  timing: Partial<SocketTiming> = {},
) {
  const server = await openScriptedSocket(script);
  const end = new AbortController();
  closers.push(() => server.close());
  closers.push(() => end.abort());
  const closings: string[] = [];
  const unreadable: string[] = [];
  const opened = openMinuteBarStream({
    options: {
      keyId: 'PKTEST',
      secret: 'hush',
      dataStreamUrl: server.url,
      symbols: ['SPY'],
      streamTiming: { ...TIMING, ...timing },
    },
    listener: {
      onBar,
      onUnreadable: (reason) => unreadable.push(reason),
      onClosed: (reason) => closings.push(reason),
    },
    signal: end.signal,
  });
  return { opened, closings, unreadable };
}

function errorOf(code: number, msg: string): SocketScript {
  return { onConnect: (socket) => socket.send(JSON.stringify([{ T: 'error', code, msg }])) };
}

describe('openMinuteBarStream: a server that is not sound', () => {
  const quiet = { subscribeMsMax: 100 };
  it.each<[string, SocketScript, RegExp, Partial<SocketTiming>?]>([
    [
      'never answers the upgrade',
      { upgrade: 'never' },
      /handshake has timed out/,
      { handshakeMsMax: 100 },
    ],
    ['says nothing at all', {}, /expected the subscription to bars within 100 ms/, quiet],
    [
      'never answers auth',
      { onConnect: (socket) => socket.send(CONNECTED) },
      /expected the subscription to bars within 100 ms/,
      quiet,
    ],
    ['has waited too long for auth', errorOf(404, 'auth timeout'), /found error 404 auth timeout/],
    ['has its one connection', errorOf(406, 'connection limit exceeded'), /found error 406/],
  ])('it %s → not live, to be tried again', async (_name, script, words, timing) => {
    const { opened } = await open(script, undefined, timing);
    await expect(opened).rejects.toBeInstanceOf(BrokerUnavailable);
    await expect(opened).rejects.toThrow(words);
  });

  it('it refuses the keys → so it is told', async () => {
    const { opened } = await open(errorOf(402, 'auth failed'));
    await expect(opened).rejects.toBeInstanceOf(BrokerAuthRefused);
  });

  it('a frame that breaks the listener → the stream ends, with the reason', async () => {
    const frame = JSON.stringify([{ ...BAR, t: '2013-10-07T13:31:00Z' }]);
    const onConnect: SocketScript['onConnect'] = (socket) => {
      for (const text of [LIVE, frame]) socket.send(text);
    };
    const { opened, closings } = await open({ onConnect }, () => {
      throw new Error('this frame breaks us, and hush is no word to repeat');
    });
    await opened;
    await until('the end is told', () => closings.length > 0);
    expect(closings).toEqual([expect.stringMatching(/a frame broke the reader: .*\*\*\*/)]);
  });

  it('a frame that cannot be read, one slow client → told; told and ended', async () => {
    const farewell = JSON.stringify([{ T: 'error', code: 407, msg: 'slow client' }]);
    const onConnect: SocketScript['onConnect'] = (socket) => {
      for (const text of [LIVE, '[{"T":', farewell]) socket.send(text);
    };
    const { opened, closings, unreadable } = await open({ onConnect });
    await opened;
    await until('the end is told', () => closings.length > 0);
    expect(unreadable).toHaveLength(1);
    expect(closings).toEqual([expect.stringContaining('found error 407 slow client')]);
  });
});
