import { encode } from '@msgpack/msgpack';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { MarketEvent } from '../market/index.js';
import type { StreamRecord } from '../run/command.js';
import { areValid } from './credentials.js';
import { lastTradeOf, wireBar, wireQuote, wireTrade } from './market-data-wire.js';
import {
  bytesOf,
  type FrameEncoding,
  readFrame,
  sendFrame,
  type StreamParts,
} from './stream-connection.js';

/** Why a slow client is closed, in the words of WebSockets. */
const POLICY_VIOLATION = 1008;

/** How long a client may keep silent about who it is, in wall milliseconds. */
const AUTH_MS_MAX = 10_000;

const CHANNELS = ['trades', 'quotes', 'bars'] as const;
type Channel = (typeof CHANNELS)[number];

const symbolList = z.array(z.string().max(20)).max(1_000).default([]);
const messageSchema = z.union([
  z.object({ action: z.literal('auth'), key: z.string(), secret: z.string() }),
  z.object({
    action: z.enum(['subscribe', 'unsubscribe']),
    trades: symbolList,
    quotes: symbolList,
    bars: symbolList,
  }),
]);
type Subscription = Extract<z.infer<typeof messageSchema>, { trades: string[] }>;

interface Client {
  readonly socket: WebSocket;
  readonly encoding: FrameEncoding;
  readonly connection: number;
  readonly symbols: Readonly<Record<Channel, Set<string>>>;
  isAuthorized: boolean;
}

/** The market-data WebSocket: bars, quotes and trades of the subscribed symbols, in arrays. */
export class MarketDataStream {
  private readonly clients = new Set<Client>();
  private connectionCount = 0;

  constructor(private readonly parts: StreamParts) {}

  accept(socket: WebSocket, encoding: FrameEncoding): void {
    this.connectionCount += 1;
    const symbols = {
      trades: new Set<string>(),
      quotes: new Set<string>(),
      bars: new Set<string>(),
    };
    const connection = this.connectionCount;
    const client = { socket, encoding, connection, symbols, isAuthorized: false };
    this.clients.add(client);
    this.tell(client, 'connected');
    this.send(client, [{ T: 'success', msg: 'connected' }]);
    const patience = setTimeout(() => this.giveUp(client), AUTH_MS_MAX).unref();
    socket.on('message', (data, isBinary) => {
      this.receive(client, readFrame(bytesOf(data), isBinary));
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(patience);
      this.clients.delete(client);
      this.tell(client, 'disconnected');
    });
  }

  /** Sends what the market has just shown to whoever subscribed to it. */
  publish(events: readonly MarketEvent[]): void {
    for (const client of this.clients) {
      const frames = events.flatMap((event) => framesFor(client, event));
      if (frames.length > 0) this.send(client, frames);
    }
  }

  private receive(client: Client, frame: unknown): void {
    const message = messageSchema.safeParse(frame);
    if (!message.success) this.sendError(client, 400, 'invalid syntax');
    else if (message.data.action === 'auth') {
      this.authenticate(client, message.data);
    } else if (!client.isAuthorized) this.sendError(client, 401, 'not authenticated');
    else this.subscribe(client, message.data);
  }

  private giveUp(client: Client): void {
    if (client.isAuthorized) return;
    this.sendError(client, 404, 'auth timeout');
    this.tell(client, 'refused');
    client.socket.close();
  }

  /** One connection an account: a second one is told so and let go. */
  private authenticate(client: Client, keys: Readonly<Record<'key' | 'secret', string>>): void {
    const fault = this.parts.faultOf({ stream: 'market_data', moment: 'authenticate' });
    if (fault?.kind === 'silent_auth') return;
    if (client.isAuthorized) {
      this.sendError(client, 403, 'already authenticated');
      return;
    }
    const areRight = areValid(this.parts.credentials, keys.key, keys.secret);
    if (!areRight || fault?.kind === 'auth_flap') {
      this.sendError(client, 402, 'auth failed');
      this.tell(client, 'refused');
    } else if ([...this.clients].some((one) => one.isAuthorized && one !== client)) {
      this.sendError(client, 406, 'connection limit exceeded');
      this.tell(client, 'refused');
      client.socket.close();
    } else {
      client.isAuthorized = true;
      this.welcome(client);
    }
  }

  private welcome(client: Client): void {
    this.send(client, [{ T: 'success', msg: 'authenticated' }]);
    this.tell(client, 'authorized');
  }

  /** Always answers with the complete lists: clients take them as their own. */
  private subscribe(client: Client, message: Subscription): void {
    if (this.parts.faultOf({ stream: 'market_data', moment: 'listen' }) !== null) return;
    for (const channel of CHANNELS) {
      for (const symbol of message[channel]) {
        if (message.action === 'subscribe') client.symbols[channel].add(symbol);
        else client.symbols[channel].delete(symbol);
      }
    }
    const { trades, quotes, bars } = client.symbols;
    const lists = { trades: [...trades], quotes: [...quotes], bars: [...bars] };
    const unused = { updatedBars: [], dailyBars: [], statuses: [], lulds: [] };
    this.send(client, [{ T: 'subscription', ...lists, ...unused }]);
    this.tell(client, 'listening');
  }

  private sendError(client: Client, code: number, msg: string): void {
    this.send(client, [{ T: 'error', code, msg }]);
  }

  private send(client: Client, frames: readonly object[]): void {
    for (const frame of frames) this.parts.onMeantFrame({ stream: 'market_data', frame });
    const outcome = sendFrame(client.socket, client.encoding, frames);
    if (outcome === 'slow') this.cutSlow(client);
  }

  /** Told why, after all that it has not read yet, and sent nothing more. */
  private cutSlow(client: Client): void {
    this.clients.delete(client);
    const { socket, encoding } = client;
    const farewell = [{ T: 'error', code: 407, msg: 'slow client' }];
    socket.send(encoding === 'msgpack' ? encode(farewell) : JSON.stringify(farewell));
    socket.close(POLICY_VIOLATION);
  }

  private tell(client: Client, change: StreamRecord['change']): void {
    this.parts.note({ stream: 'market_data', change, connection: client.connection });
  }
}

function framesFor(client: Client, event: MarketEvent): readonly object[] {
  const { symbols } = client;
  if (event.kind === 'quote') {
    const S = event.quote.symbol;
    return isSubscribed(symbols.quotes, S) ? [{ T: 'q', S, ...wireQuote(event.quote) }] : [];
  }
  const S = event.bar.symbol;
  const trade = { T: 't', S, ...wireTrade(lastTradeOf(event.bar)) };
  return [
    ...(isSubscribed(symbols.trades, S) ? [trade] : []),
    ...(isSubscribed(symbols.bars, S) ? [{ T: 'b', S, ...wireBar(event.bar) }] : []),
  ];
}

function isSubscribed(symbols: ReadonlySet<string>, symbol: string): boolean {
  return symbols.has(symbol) || symbols.has('*');
}
