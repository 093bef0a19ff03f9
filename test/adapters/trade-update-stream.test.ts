import { afterEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { createAlpacaBroker } from '../../adapters/broker/alpaca/index.js';
import { BrokerAuthRefused, BrokerUnavailable } from '../../adapters/broker/errors.js';
import type { TradeUpdate, TradeUpdateStream } from '../../adapters/broker/port.js';
import { price, wholeUnits } from '../../domain/values/index.js';
import { wireOrder } from './scripted-server.js';
import {
  openScriptedSocket,
  type ScriptedSocketServer,
  type SocketScript,
} from './scripted-socket.js';
import { until } from './until.js';

const QUICK = { handshakeMsMax: 300, subscribeMsMax: 300, pingEveryMs: 50, pongMsMax: 100 };

const servers: ScriptedSocketServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Opened {
  readonly server: ScriptedSocketServer;
  readonly stream: Promise<TradeUpdateStream>;
  readonly updates: TradeUpdate[];
  readonly unreadable: (readonly [string, string])[];
  readonly closings: string[];
}

async function openAgainst(script: SocketScript): Promise<Opened> {
  const server = await openScriptedSocket(script);
  servers.push(server);
  const updates: TradeUpdate[] = [];
  const unreadable: (readonly [string, string])[] = [];
  const closings: string[] = [];
  const broker = createAlpacaBroker({
    keyId: 'PKTEST',
    secret: 'hush',
    tradingUrl: 'http://unused',
    streamUrl: server.url,
    streamTiming: QUICK,
  });
  const stream = broker.openTradeUpdates({
    onUpdate: (update) => updates.push(update),
    onUnreadable: (raw, reason) => unreadable.push([raw, reason]),
    onClosed: (reason) => closings.push(reason),
  });
  stream.catch(() => {}); // Looked at by the test itself.
  return { server, stream, updates, unreadable, closings };
}

function send(socket: WebSocket, frame: unknown, binary = true): void {
  socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame), { binary });
}

const authorized = { stream: 'authorization', data: { status: 'authorized' } };
const listening = { stream: 'listening', data: { streams: ['trade_updates'] } };

/** A broker that behaves; `afterwards` runs once it listens. */
function wellBehaved(afterwards: (socket: WebSocket) => void = () => {}): SocketScript {
  return {
    onMessage: (socket, { action }) => {
      if (action === 'authenticate') send(socket, authorized);
      if (action !== 'listen') return;
      send(socket, listening);
      afterwards(socket);
    },
  };
}

function updateFrame(changes: object = {}): object {
  const data = { event: 'new', execution_id: null, order: wireOrder(), ...changes };
  return { stream: 'trade_updates', data };
}

describe('trade updates: the way it should go', () => {
  it('opened → authenticate, listen, and only then resolved', async () => {
    const { server, stream } = await openAgainst(wellBehaved());
    await (await stream).close();
    expect(server.messages).toEqual([
      { action: 'authenticate', data: { key_id: 'PKTEST', secret_key: 'hush' } },
      { action: 'listen', data: { streams: ['trade_updates'] } },
    ]);
  });

  it('a fill in a binary and in a text frame → the same exact update, raw text kept', async () => {
    const fill = updateFrame({
      event: 'partial_fill',
      event_id: '01HTEST',
      execution_id: 'exec-1',
      price: '86.878',
      qty: '4',
      position_qty: '4',
      timestamp: '2026-10-05T14:30:00.095216412Z',
      order: wireOrder({ filled_qty: '4', filled_avg_price: '86.878' }),
    });
    const { stream, updates } = await openAgainst(
      wellBehaved((socket) => {
        send(socket, fill, true);
        send(socket, fill, false);
      }),
    );
    await stream;
    await until('both frames came', () => updates.length === 2);
    expect(updates[0]).toEqual(updates[1]);
    expect(updates[0]).toMatchObject({
      event: 'partial_fill',
      eventId: '01HTEST',
      executionId: 'exec-1',
      price: price(86_878_000_000),
      quantity: wholeUnits(4),
      at: '2026-10-05T14:30:00.095216412Z',
      raw: JSON.stringify(fill),
    });
    expect(updates[0]?.order.filledQuantity).toBe(wholeUnits(4));
  });

  it('an event and a status of tomorrow → told as they are', async () => {
    const { stream, updates } = await openAgainst(
      wellBehaved((socket) =>
        send(socket, updateFrame({ event: 'pondered', order: wireOrder({ status: 'pondering' }) })),
      ),
    );
    await stream;
    await until('the frame came', () => updates.length === 1);
    expect(updates[0]).toMatchObject({ event: 'pondered', order: { status: 'pondering' } });
  });

  it('live for longer than a subscription may take → stays open', async () => {
    let pings = 0;
    const { stream, closings } = await openAgainst(
      wellBehaved((socket) => {
        socket.on('ping', () => {
          pings += 1;
        });
      }),
    );
    await stream;
    await until('pings for longer than that', () => pings * QUICK.pingEveryMs > 400);
    expect(closings).toEqual([]);
  });

  it('closed by us → told once', async () => {
    const { stream, closings } = await openAgainst(wellBehaved());
    const opened = await stream;
    await opened.close();
    await opened.close();
    expect(closings).toEqual(['the stream was closed by us']);
  });
});

describe('trade updates: frames that cannot be read', () => {
  it.each([
    { what: 'no JSON', frame: 'hello' },
    { what: 'cut JSON', frame: '{"stream":"trade_updates","data":{' },
    { what: 'a list', frame: '[]' },
    { what: 'no order', frame: { stream: 'trade_updates', data: { event: 'fill' } } },
    { what: 'no event', frame: { stream: 'trade_updates', data: { order: wireOrder() } } },
    { what: 'a price that is none', frame: updateFrame({ price: 'dear', qty: '1' }) },
    { what: 'a quantity with too many digits', frame: updateFrame({ qty: '0.0000000001' }) },
    { what: 'another stream', frame: { stream: 'account_updates', data: {} } },
    {
      what: 'an error of the broker',
      frame: { action: 'error', data: { error_message: 'internal server error' } },
    },
  ])('$what → told with its text, the stream goes on', async ({ frame }) => {
    const { stream, updates, unreadable, closings } = await openAgainst(
      wellBehaved((socket) => {
        send(socket, frame);
        send(socket, updateFrame());
      }),
    );
    await stream;
    await until('the good frame came', () => updates.length === 1);
    const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
    expect(unreadable).toEqual([[text, expect.stringMatching(/./)]]);
    expect(closings).toEqual([]);
  });
});

describe('trade updates: what goes wrong while opening', () => {
  const failures: readonly {
    readonly what: string;
    readonly script: SocketScript;
    readonly failure: typeof BrokerUnavailable | typeof BrokerAuthRefused;
    readonly words: RegExp;
  }[] = [
    {
      what: 'the upgrade is never answered',
      script: { upgrade: 'never' },
      failure: BrokerUnavailable,
      words: /handshake has timed out/,
    },
    {
      what: 'the upgrade is refused with 503',
      script: { upgrade: 503 },
      failure: BrokerUnavailable,
      words: /HTTP 503/,
    },
    {
      what: 'the upgrade is redirected',
      script: { upgrade: 302 },
      failure: BrokerUnavailable,
      words: /HTTP 302/,
    },
    {
      what: 'the upgrade is refused with 401',
      script: { upgrade: 401 },
      failure: BrokerAuthRefused,
      words: /HTTP 401/,
    },
    {
      what: 'authenticate is never answered',
      script: {},
      failure: BrokerUnavailable,
      words: /expected the subscription within 300 ms/,
    },
    {
      what: 'listen is never answered',
      script: {
        onMessage: (socket, { action }) => {
          if (action === 'authenticate') send(socket, authorized);
        },
      },
      failure: BrokerUnavailable,
      words: /expected the subscription within 300 ms/,
    },
    {
      what: 'the keys are refused',
      script: {
        onMessage: (socket) =>
          send(socket, { stream: 'authorization', data: { status: 'unauthorized' } }),
      },
      failure: BrokerAuthRefused,
      words: /check the keys/,
    },
    {
      what: 'the subscription is refused',
      script: {
        onMessage: (socket, { action }) =>
          send(
            socket,
            action === 'authenticate' ? authorized : { stream: 'listening', data: { streams: [] } },
          ),
      },
      failure: BrokerUnavailable,
      words: /subscription to trade_updates, found it refused/,
    },
    {
      what: 'the broker answers with an error that repeats the secret',
      script: {
        onMessage: (socket) => send(socket, { action: 'error', data: { error_message: 'hush' } }),
      },
      failure: BrokerUnavailable,
      words: /"error_message":"\*\*\*"/,
    },
    {
      what: 'the connection closes at once',
      script: { onConnect: (socket) => socket.close(1011, 'busy') },
      failure: BrokerUnavailable,
      words: /closed by the broker: 1011 busy/,
    },
  ];

  it.each(failures)('$what → rejected, onClosed not called', async (row) => {
    const { stream, closings } = await openAgainst(row.script);
    const failure: unknown = await stream.then(
      () => 'opened',
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(row.failure);
    expect(String(failure)).toMatch(row.words);
    expect(closings).toEqual([]);
  });

  it('nobody listens → BrokerUnavailable', async () => {
    const { server } = await openAgainst(wellBehaved());
    await server.close();
    const broker = createAlpacaBroker({
      keyId: 'PKTEST',
      secret: 'hush',
      tradingUrl: 'http://unused',
      streamUrl: server.url,
    });
    const nothing = { onUpdate: () => {}, onUnreadable: () => {}, onClosed: () => {} };
    await expect(broker.openTradeUpdates(nothing)).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('trade updates: what goes wrong afterwards', () => {
  it('the broker drops the connection → told once, never opened again', async () => {
    const { server, stream, closings } = await openAgainst(wellBehaved());
    await stream;
    server.dropClients();
    await until('the end is told', () => closings.length > 0);
    expect(closings).toHaveLength(1);
    expect(server.connectionCount()).toBe(1);
  });

  it('a peer that no longer answers pings → told once, with the reason', async () => {
    const { stream, closings } = await openAgainst(
      wellBehaved((socket) => {
        socket.pause(); // Pings are no longer read, the connection stays.
      }),
    );
    await stream;
    await until('the end is told', () => closings.length > 0);
    expect(closings).toEqual(['the stream did not answer a ping for 100 ms']);
  });

  it('a frame that breaks the listener → the stream ends, with the reason', async () => {
    const server = await openScriptedSocket(wellBehaved((socket) => send(socket, updateFrame())));
    servers.push(server);
    const closings: string[] = [];
    const broker = createAlpacaBroker({
      keyId: 'PKTEST',
      secret: 'hush',
      tradingUrl: 'http://unused',
      streamUrl: server.url,
      streamTiming: QUICK,
    });
    await broker.openTradeUpdates({
      onUpdate: () => {
        throw new Error('this frame breaks us, and hush is no word to repeat');
      },
      onUnreadable: () => {},
      onClosed: (reason) => closings.push(reason),
    });
    await until('the end is told', () => closings.length > 0);
    expect(closings).toEqual([expect.stringMatching(/a frame broke the reader: .*\*\*\*/)]);
  });

  it('the subscription is taken away → told', async () => {
    const { stream, closings } = await openAgainst(
      wellBehaved((socket) => send(socket, { stream: 'listening', data: { streams: [] } })),
    );
    await stream;
    await until('the end is told', () => closings.length > 0);
    expect(closings).toHaveLength(1);
  });

  it('the keys are refused later → told', async () => {
    const { stream, closings } = await openAgainst(
      wellBehaved((socket) =>
        send(socket, { stream: 'authorization', data: { status: 'unauthorized' } }),
      ),
    );
    await stream;
    await until('the end is told', () => closings.length > 0);
    expect(closings[0]).toMatch(/check the keys/);
  });
});
