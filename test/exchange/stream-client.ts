import { decode, encode } from '@msgpack/msgpack';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningExchange } from '../../exchange/index.js';
import { afterTest, KEYS } from './running-exchange.js';
import { frameFault } from './stream-schemas.js';

/** A plain WebSocket client that keeps what it receives. Every frame is checked. */
export interface StreamClient {
  readonly socket: WebSocket;
  readonly frames: () => readonly Record<string, unknown>[];
  readonly binaryFlags: readonly boolean[];
  readonly send: (message: object) => void;
  /** Resolves with the first frame, past or future, that fits. */
  readonly frame: (
    fits: (frame: Record<string, unknown>) => boolean,
  ) => Promise<Record<string, unknown>>;
}

export async function connectStream(url: string, isPacked = false): Promise<StreamClient> {
  const headers = isPacked ? { 'Content-Type': 'application/msgpack' } : {};
  const socket = new WebSocket(url, { headers });
  const frames: Record<string, unknown>[] = [];
  const binaryFlags: boolean[] = [];
  const faults: string[] = [];
  afterTest(() => expect(faults).toEqual([]));
  const waiting = new Set<() => void>();
  socket.on('message', (data: Buffer, isBinary) => {
    const content: unknown = isPacked ? decode(data) : JSON.parse(data.toString('utf8'));
    const received = (Array.isArray(content) ? content : [content]) as Record<string, unknown>[];
    frames.push(...received);
    faults.push(...received.map(frameFault).filter((fault) => fault !== null));
    binaryFlags.push(isBinary);
    for (const look of waiting) look();
  });
  afterTest(() => socket.terminate());
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  return {
    socket,
    frames: () => frames,
    binaryFlags,
    send: (message) => socket.send(isPacked ? encode(message) : JSON.stringify(message)),
    frame: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const found = frames.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** An authorized listener of trade updates, and the events it has heard. */
export async function listenToTradeUpdates(exchange: RunningExchange, isPacked = false) {
  const client = await connectStream(exchange.streamUrl, isPacked);
  const { keyId, secret } = KEYS;
  client.send({ action: 'authenticate', data: { key_id: keyId, secret_key: secret } });
  await client.frame((frame) => frame['stream'] === 'authorization');
  client.send({ action: 'listen', data: { streams: ['trade_updates'] } });
  await client.frame((frame) => frame['stream'] === 'listening');
  const updates = () =>
    client
      .frames()
      .filter((frame) => frame['stream'] === 'trade_updates')
      .map((frame) => frame['data'] as Record<string, unknown>);
  return { client, updates, events: () => updates().map((update) => update['event']) };
}
