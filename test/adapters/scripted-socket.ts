import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';

export interface ScriptedSocketServer {
  readonly url: string;
  /** Messages of clients, parsed, in order. */
  readonly messages: readonly unknown[];
  readonly connectionCount: () => number;
  /** Closes what is open now; new connections are still taken. */
  dropClients(): void;
  close(): Promise<void>;
}

export interface SocketScript {
  /** Answers the upgrade with this status, or never, instead of taking it. */
  readonly upgrade?: number | 'never';
  readonly onConnect?: (socket: WebSocket) => void;
  readonly onMessage?: (socket: WebSocket, message: Record<string, unknown>) => void;
}

function textOf(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString('utf8') : '';
}

/** A local WebSocket server that does what a test says. */
export async function openScriptedSocket(script: SocketScript): Promise<ScriptedSocketServer> {
  const messages: unknown[] = [];
  const rawSockets = new Set<Socket>();
  let connections = 0;
  const http = createServer();
  http.on('connection', (socket) => rawSockets.add(socket));
  const sockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    if (script.upgrade === 'never') return;
    if (script.upgrade !== undefined) {
      socket.end(`HTTP/1.1 ${script.upgrade} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      connections += 1;
      script.onConnect?.(client);
      client.on('message', (data) => {
        const message: Record<string, unknown> = JSON.parse(textOf(data));
        messages.push(message);
        script.onMessage?.(client, message);
      });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/stream`,
    messages,
    connectionCount: () => connections,
    dropClients: () => {
      for (const client of sockets.clients) client.terminate();
    },
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        for (const socket of rawSockets) socket.destroy();
      }),
  };
}
