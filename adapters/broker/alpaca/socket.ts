import { WebSocket } from 'ws';
import { BrokerAuthRefused, BrokerUnavailable } from '../errors.js';
import { describeFailure } from './connect-failure.js';

/** How long a stream may keep silent, in wall milliseconds. */
export interface SocketTiming {
  /** From the call until the connection is upgraded. */
  readonly handshakeMsMax: number;
  /** From the upgrade until the subscription is acknowledged. */
  readonly subscribeMsMax: number;
  readonly pingEveryMs: number;
  /** From a ping until anything comes back. */
  readonly pongMsMax: number;
}

export const SOCKET_TIMING: SocketTiming = {
  handshakeMsMax: 10_000,
  subscribeMsMax: 10_000,
  pingEveryMs: 10_000,
  pongMsMax: 5_000,
};

export interface SocketOptions {
  readonly url: string;
  readonly timing: SocketTiming;
  readonly onOpen: () => void;
  readonly onFrame: (bytes: Buffer) => void;
  /** Called once, when the connection is gone for good. */
  readonly onClosed: (error: BrokerUnavailable | BrokerAuthRefused) => void;
}

export interface Socket {
  send(message: object): void;
  /** Ends the connection at once; the first reason given is the one that is told. */
  end(error: BrokerUnavailable | BrokerAuthRefused): void;
  close(): Promise<void>;
}

const FRAME_BYTES_MAX = 8 * 1024 * 1024;
const CLOSE_MS_MAX = 1_000;

/**
 * One WebSocket connection, once: it is never opened again by itself. A handshake that hangs, a
 * peer that no longer answers pings, a redirect and a refused upgrade all end in `onClosed` with
 * the reason.
 */
export function openSocket(options: SocketOptions): Socket {
  const { url, timing, onOpen, onFrame, onClosed } = options;
  const ws = new WebSocket(url, {
    handshakeTimeout: timing.handshakeMsMax,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
    followRedirects: false,
  });
  let ending: BrokerUnavailable | BrokerAuthRefused | null = null;
  const end = (error: BrokerUnavailable | BrokerAuthRefused): void => {
    ending ??= error;
    ws.terminate();
  };
  const pings = startPings(ws, timing, end);
  ws.on('open', () => {
    pings.start();
    onOpen();
  });
  ws.on('message', (data) => {
    pings.heard();
    onFrame(bytesOf(data));
  });
  ws.on('pong', () => pings.heard());
  ws.on('unexpected-response', (_request, response) => {
    response.resume();
    end(upgradeRefused(response.statusCode ?? 0));
  });
  ws.on('error', (error) => {
    ending ??= new BrokerUnavailable(`the stream broke: ${describeFailure(error)}`);
  });
  ws.on('close', (code, reason) => {
    pings.stop();
    const text = `${code} ${reason.toString()}`.trim();
    onClosed(ending ?? new BrokerUnavailable(`the stream was closed by the broker: ${text}`));
  });
  return {
    send: (message) => ws.send(JSON.stringify(message)),
    end,
    close: () => {
      ending ??= new BrokerUnavailable('the stream was closed by us');
      return closeGently(ws);
    },
  };
}

function upgradeRefused(status: number): BrokerUnavailable | BrokerAuthRefused {
  const message = `expected an upgrade to a stream, found HTTP ${status}`;
  return status === 401 || status === 403
    ? new BrokerAuthRefused(`${message}: check the keys`)
    : new BrokerUnavailable(message);
}

/** Any frame is a sign of life, not only a pong. */
function startPings(
  ws: WebSocket,
  timing: SocketTiming,
  end: (error: BrokerUnavailable) => void,
): { readonly start: () => void; readonly heard: () => void; readonly stop: () => void } {
  let interval: NodeJS.Timeout | undefined;
  let patience: NodeJS.Timeout | undefined;
  const ping = (): void => {
    ws.ping();
    patience ??= setTimeout(() => {
      end(new BrokerUnavailable(`the stream did not answer a ping for ${timing.pongMsMax} ms`));
    }, timing.pongMsMax);
  };
  const heard = (): void => {
    clearTimeout(patience);
    patience = undefined;
  };
  return {
    start: () => {
      interval = setInterval(ping, timing.pingEveryMs);
    },
    heard,
    stop: () => {
      clearInterval(interval);
      heard();
    },
  };
}

function closeGently(ws: WebSocket): Promise<void> {
  if (ws.readyState === WebSocket.CLOSED) return Promise.resolve();
  return new Promise((resolve) => {
    const patience = setTimeout(() => ws.terminate(), CLOSE_MS_MAX);
    ws.once('close', () => {
      clearTimeout(patience);
      resolve();
    });
    ws.close(1000);
  });
}

function bytesOf(data: Buffer | ArrayBuffer | readonly Buffer[]): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return data instanceof ArrayBuffer ? Buffer.from(data) : Buffer.concat(data);
}
