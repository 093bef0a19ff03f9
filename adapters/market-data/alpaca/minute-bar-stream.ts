import { decode } from '@msgpack/msgpack';
import type { Bar } from '../../../domain/market/index.js';
import { epochMs, formatInstant } from '../../../domain/values/index.js';
import { type AlpacaKeys, checkKeys, withoutKeys } from '../../broker/alpaca/access.js';
import {
  openSocket,
  type Socket,
  SOCKET_TIMING,
  type SocketTiming,
} from '../../broker/alpaca/socket.js';
import {
  listOf,
  parseJson,
  recordOf,
  textOf,
  UnreadableBody,
  type WireRecord,
} from '../../broker/alpaca/wire-record.js';
import { BrokerAuthRefused, BrokerUnavailable } from '../../broker/errors.js';
import { readMinuteBar } from './bar-reader.js';

export interface MinuteBarStreamOptions extends AlpacaKeys {
  /** For example wss://stream.data.alpaca.markets/v2/iex. */
  readonly dataStreamUrl: string;
  readonly symbols: readonly string[];
  readonly streamTiming?: SocketTiming;
}

export interface MinuteBarStreamCall {
  readonly options: MinuteBarStreamOptions;
  readonly listener: MinuteBarListener;
  readonly signal: AbortSignal;
}

export interface MinuteBarListener {
  readonly onBar: (bar: Bar) => void;
  /** A frame that could not be read: bars may be missing. */
  readonly onUnreadable: (reason: string) => void;
  /** Called once after the subscription, when the connection is gone. */
  readonly onClosed: (reason: string) => void;
}

/**
 * Codes with which the broker refuses keys, as opposed to being busy (406: the one connection is
 * taken).
 */
const AUTH_CODES: ReadonlySet<unknown> = new Set([401, 402, 409]);

/**
 * Opens the data stream for minute bars; resolves once the subscription is acknowledged. Never
 * reconnects. The signal ends it, also while it opens.
 */
export function openMinuteBarStream(call: MinuteBarStreamCall): Promise<void> {
  const { options, listener, signal } = call;
  checkKeys(options);
  return new Promise((resolve, reject) => {
    new MinuteBarConnection(options, listener, { resolve, reject }).open(signal);
  });
}

interface Settle {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

class MinuteBarConnection {
  readonly #options: MinuteBarStreamOptions;
  readonly #listener: MinuteBarListener;
  readonly #settle: Settle;
  #socket: Socket | null = null;
  #isLive = false;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(options: MinuteBarStreamOptions, listener: MinuteBarListener, settle: Settle) {
    this.#options = options;
    this.#listener = listener;
    this.#settle = settle;
  }

  open(signal: AbortSignal): void {
    const timing = this.#options.streamTiming ?? SOCKET_TIMING;
    const stop = (): void => void this.#socket?.close();
    signal.addEventListener('abort', stop, { once: true });
    this.#socket = openSocket({
      url: this.#options.dataStreamUrl,
      timing,
      onOpen: () => this.#startWatchdog(timing.subscribeMsMax),
      onFrame: (bytes) => this.#receive(bytes),
      onClosed: (error) => {
        signal.removeEventListener('abort', stop);
        this.#closed(error);
      },
    });
    if (signal.aborted) stop();
  }

  #startWatchdog(patienceMs: number): void {
    this.#watchdog = setTimeout(() => {
      const wanted = `the subscription to bars within ${patienceMs} ms`;
      this.#socket?.end(new BrokerUnavailable(`expected ${wanted} of connecting, found none`));
    }, patienceMs);
  }

  /** One frame carries many messages: a bad one does not hide the others. */
  #receive(bytes: Buffer): void {
    this.#reading(() => {
      for (const message of listOf(decodeFrame(bytes), 'a frame of messages')) {
        this.#reading(() => this.#dispatch(recordOf(message, 'a message')));
      }
    });
  }

  #reading(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (error instanceof UnreadableBody) {
        this.#listener.onUnreadable(error.message);
        return;
      }
      // A frame that breaks us must not end the process, and must not be passed over: the stream
      // ends, and what it has lost is asked for.
      const text = withoutKeys(String(error), this.#options);
      this.#socket?.end(new BrokerUnavailable(`a frame broke the reader: ${text}`));
    }
  }

  #dispatch(message: WireRecord): void {
    switch (message['T']) {
      case 'success':
        this.#succeed(message['msg']);
        return;
      case 'subscription':
        this.#subscribed(message);
        return;
      case 'b':
        this.#listener.onBar(readMinuteBar(textOf(message, 'S'), withTextInstant(message)));
        return;
      case 'error':
        this.#fail(message);
        return;
      default: // Other kinds of messages are not subscribed to and carry no bars.
    }
  }

  #succeed(what: unknown): void {
    const { keyId, secret, symbols } = this.#options;
    if (what === 'connected') this.#socket?.send({ action: 'auth', key: keyId, secret });
    if (what === 'authenticated') this.#socket?.send({ action: 'subscribe', bars: symbols });
  }

  #subscribed(message: WireRecord): void {
    const bars = listOf(message['bars'], 'the subscribed bars');
    const missing = this.#options.symbols.filter((symbol) => !bars.includes(symbol));
    if (missing.length > 0) {
      const wanted = `a subscription to bars of ${missing.join(', ')}`;
      this.#socket?.end(new BrokerUnavailable(`expected ${wanted}, found it refused`));
      return;
    }
    clearTimeout(this.#watchdog);
    if (this.#isLive) return;
    this.#isLive = true;
    this.#settle.resolve();
  }

  #fail(message: WireRecord): void {
    const found = `${String(message['code'])} ${String(message['msg'])}`;
    const text = `expected bars from the data stream, found error ${found}`;
    this.#socket?.end(
      AUTH_CODES.has(message['code'])
        ? new BrokerAuthRefused(`${text}: check the keys and the feed`)
        : new BrokerUnavailable(text),
    );
  }

  #closed(error: BrokerUnavailable | BrokerAuthRefused): void {
    clearTimeout(this.#watchdog);
    if (this.#isLive) this.#listener.onClosed(error.message);
    else this.#settle.reject(error);
  }
}

/** JSON in text or binary frames, or msgpack, whose arrays never begin with a bracket. */
function decodeFrame(bytes: Buffer): unknown {
  const first = bytes[0];
  if (first === 0x5b || first === 0x7b) return parseJson(bytes.toString('utf8'));
  try {
    return decode(bytes);
  } catch (error) {
    // The decoder throws RangeError for a cut frame and its own Error for a strange one.
    if (!(error instanceof Error)) throw error;
    throw new UnreadableBody(`expected JSON or msgpack, found neither: ${error.message}`);
  }
}

/** Msgpack carries instants as its own type. */
function withTextInstant(message: WireRecord): WireRecord {
  const at = message['t'];
  return at instanceof Date ? { ...message, t: formatInstant(epochMs(at.getTime())) } : message;
}
