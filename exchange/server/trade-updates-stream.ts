import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { Publication } from '../run/exchange-run.js';
import type { StreamRecord } from '../run/command.js';
import { areValid } from './credentials.js';
import { tradeUpdateFrame } from './frames.js';
import {
  bytesOf,
  type FrameEncoding,
  readFrame,
  sendFrame,
  type StreamParts,
} from './stream-connection.js';

const messageSchema = z.union([
  z.object({
    action: z.literal(['authenticate', 'auth']),
    data: z.object({ key_id: z.string(), secret_key: z.string() }),
  }),
  z.object({
    action: z.literal(['authenticate', 'auth']),
    key: z.string(),
    secret: z.string(),
  }),
  z.object({ action: z.literal('listen'), data: z.object({ streams: z.array(z.string()) }) }),
]);
type Message = z.infer<typeof messageSchema>;

const GARBAGE = '{"stream":"trade_updates","data":{"event":';

interface Client {
  readonly socket: WebSocket;
  readonly encoding: FrameEncoding;
  readonly connection: number;
  isAuthorized: boolean;
  isListening: boolean;
}

/**
 * The `trade_updates` WebSocket: authenticate, listen, then one frame for each step of an order's
 * life.
 */
export class TradeUpdatesStream {
  private readonly clients = new Set<Client>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private connectionCount = 0;
  private waiting: Publication[] = [];
  /** Frames that go out after the next one. */
  private overtaken: Publication[] = [];

  constructor(private readonly parts: StreamParts) {}

  /** Takes a connection. JSON travels in binary frames, as the paper host sends it. */
  accept(socket: WebSocket, encoding: FrameEncoding): void {
    this.connectionCount += 1;
    const connection = this.connectionCount;
    const client = { socket, encoding, connection, isAuthorized: false, isListening: false };
    this.clients.add(client);
    this.tell(client, 'connected');
    socket.on('message', (data, isBinary) => {
      this.receive(client, readFrame(bytesOf(data), isBinary));
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.clients.delete(client);
      this.tell(client, 'disconnected');
    });
  }

  /** Holds a frame until `flush`, so that the answer to the request that caused it goes first. */
  hold(publication: Publication): void {
    this.waiting.push(publication);
  }

  flush(): void {
    const publications = this.waiting;
    this.waiting = [];
    for (const publication of publications) this.publish(publication);
  }

  /** Forgets the frames that a fault has delayed. */
  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  private publish(publication: Publication): void {
    const frame = tradeUpdateFrame(publication);
    const { fault } = publication;
    this.parts.onMeantFrame({ stream: 'trade_updates', frame });
    switch (fault?.kind) {
      case 'mute_event':
        return;
      case 'reorder_events':
        this.overtaken.push(publication);
        return;
      case 'delay_event':
        this.sendLater(frame, fault.delayMs);
        return;
      case 'cut_stream':
        for (const client of this.listeners()) client.socket.terminate();
        return;
      case 'garbage_event':
        for (const { socket } of this.listeners()) socket.send(GARBAGE, { binary: true });
        return;
      case 'wrong_shape_event':
        this.broadcast(withoutOrder(frame));
        break;
      case 'dup_event':
        this.broadcast(frame);
        this.broadcast(frame);
        break;
      case undefined:
        this.broadcast(frame);
    }
    const overtaken = this.overtaken;
    this.overtaken = [];
    for (const late of overtaken) this.broadcast(tradeUpdateFrame(late));
  }

  private sendLater(frame: object, delayMs: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.broadcast(frame);
    }, delayMs);
    this.timers.add(timer);
  }

  private listeners(): readonly Client[] {
    return [...this.clients].filter(({ isListening }) => isListening);
  }

  private broadcast(frame: object): void {
    for (const client of this.listeners()) this.send(client, frame);
  }

  private receive(client: Client, frame: unknown): void {
    const message = messageSchema.safeParse(frame);
    if (!message.success) {
      this.answer(client, { action: 'error', data: { error_message: 'invalid message' } });
    } else if (message.data.action === 'listen') {
      this.listen(client, message.data.data.streams);
    } else {
      this.authenticate(client, message.data);
    }
  }

  private authenticate(client: Client, message: Exclude<Message, { action: 'listen' }>): void {
    const keys =
      'data' in message
        ? { keyId: message.data.key_id, secret: message.data.secret_key }
        : { keyId: message.key, secret: message.secret };
    const areRight = areValid(this.parts.credentials, keys.keyId, keys.secret);
    const fault = this.parts.faultOf({ stream: 'trade_updates', moment: 'authenticate' });
    if (fault?.kind === 'silent_auth') return;
    client.isAuthorized = areRight && fault?.kind !== 'auth_flap';
    this.sendAuthorization(client, 'authenticate');
    this.tell(client, client.isAuthorized ? 'authorized' : 'refused');
  }

  private listen(client: Client, streams: readonly string[]): void {
    if (!client.isAuthorized) {
      this.sendAuthorization(client, 'listen');
      return;
    }
    const fault = this.parts.faultOf({ stream: 'trade_updates', moment: 'listen' });
    if (fault !== null) return;
    const known = streams.filter((stream) => stream === 'trade_updates');
    client.isListening = known.length > 0;
    this.answer(client, { stream: 'listening', data: { streams: known } });
    if (client.isListening) this.tell(client, 'listening');
  }

  private sendAuthorization(client: Client, action: 'authenticate' | 'listen'): void {
    const status = client.isAuthorized ? 'authorized' : 'unauthorized';
    this.answer(client, { stream: 'authorization', data: { status, action } });
  }

  /** What one client is told of its own messages. */
  private answer(client: Client, frame: object): void {
    this.parts.onMeantFrame({ stream: 'trade_updates', frame });
    this.send(client, frame);
  }

  private send(client: Client, frame: object): void {
    const outcome = sendFrame(client.socket, client.encoding, frame);
    if (outcome === 'slow') client.socket.terminate();
  }

  private tell(client: Client, change: StreamRecord['change']): void {
    this.parts.note({ stream: 'trade_updates', change, connection: client.connection });
  }
}

/** What an update without its order looks like. */
function withoutOrder(frame: ReturnType<typeof tradeUpdateFrame>): object {
  const { order: _order, ...data } = frame.data;
  return { ...frame, data };
}
