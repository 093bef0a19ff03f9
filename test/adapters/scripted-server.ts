import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

export interface ScriptedServer {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  readonly connectionCount: () => number;
  close(): Promise<void>;
}

/** What the script does with a request: answers, keeps silent, or breaks the socket. */
export type Script = (request: SeenRequest, response: ServerResponse, socket: Socket) => void;

/** A local HTTP server that does what a test says, and remembers what it was asked. */
export async function openScriptedServer(script: Script): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  let connections = 0;
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://script');
      const request = {
        method: incoming.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        body: Buffer.concat(chunks).toString('utf8'),
        headers: incoming.headers,
      };
      requests.push(request);
      script(request, response, incoming.socket);
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    connectionCount: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with JSON. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** An order as the paper API writes it, October 2026; ids and values made up. */
export function wireOrder(changes: Readonly<Record<string, unknown>> = {}): object {
  return {
    id: '9d1b2f5e-0c55-4f0b-8f5c-6d0c9f3a7b11',
    client_order_id: 'wire-1',
    created_at: '2026-10-05T14:30:00.0952164Z',
    updated_at: '2026-10-05T14:30:00.1952164Z',
    submitted_at: '2026-10-05T14:30:00.0952164Z',
    filled_at: null,
    expired_at: null,
    expires_at: '2026-10-05T20:00:00Z',
    canceled_at: null,
    failed_at: null,
    replaced_at: null,
    replaced_by: null,
    replaces: null,
    asset_id: 'b0b6dd9d-8b9b-48a9-ba46-b9d54906e415',
    symbol: 'AAPL',
    asset_class: 'us_equity',
    notional: null,
    qty: '10',
    filled_qty: '0',
    filled_avg_price: null,
    order_class: '',
    order_type: 'limit',
    type: 'limit',
    side: 'buy',
    position_intent: 'buy_to_open',
    time_in_force: 'day',
    limit_price: '86.87',
    stop_price: null,
    status: 'pending_new',
    extended_hours: false,
    legs: null,
    trail_percent: null,
    trail_price: null,
    hwm: null,
    subtag: null,
    source: null,
    ...changes,
  };
}
