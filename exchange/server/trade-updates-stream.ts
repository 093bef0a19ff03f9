import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { Publication } from '../run/exchange-run.js';
import type { StreamRecord } from '../run/command.js';
import { areValid } from './credentials.js';
import type { Credentials } from './exchange-context.js';
import { tradeUpdateFrame } from './frames.js';
import { bytesOf, type FrameEncoding, readFrame, sendFrame } from './stream-connection.js';

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
  private connectionCount = 0;
  private waiting: Publication[] = [];

  constructor(
    private readonly credentials: Credentials,
    private readonly note: (record: StreamRecord) => void,
  ) {}

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
    if (publications.length === 0) return;
    this.waiting = [];
    for (const publication of publications) {
      const frame = tradeUpdateFrame(publication);
      for (const client of this.clients) {
        if (client.isListening) sendFrame(client.socket, client.encoding, frame);
      }
    }
  }

  private receive(client: Client, frame: unknown): void {
    const message = messageSchema.safeParse(frame);
    if (!message.success) {
      this.send(client, { action: 'error', data: { error_message: 'invalid message' } });
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
    client.isAuthorized = areValid(this.credentials, keys.keyId, keys.secret);
    this.sendAuthorization(client, 'authenticate');
    if (client.isAuthorized) this.tell(client, 'authorized');
  }

  private listen(client: Client, streams: readonly string[]): void {
    if (!client.isAuthorized) {
      this.sendAuthorization(client, 'listen');
      return;
    }
    const known = streams.filter((stream) => stream === 'trade_updates');
    client.isListening = known.length > 0;
    this.send(client, { stream: 'listening', data: { streams: known } });
    if (client.isListening) this.tell(client, 'listening');
  }

  private sendAuthorization(client: Client, action: 'authenticate' | 'listen'): void {
    const status = client.isAuthorized ? 'authorized' : 'unauthorized';
    this.send(client, { stream: 'authorization', data: { status, action } });
  }

  private send(client: Client, frame: object): void {
    sendFrame(client.socket, client.encoding, frame);
  }

  private tell(client: Client, change: StreamRecord['change']): void {
    this.note({ stream: 'trade_updates', change, connection: client.connection });
  }
}
