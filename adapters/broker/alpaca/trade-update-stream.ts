import { BrokerAuthRefused, BrokerUnavailable } from '../errors.js';
import type { TradeUpdateListener, TradeUpdateStream } from '../port.js';
import { type AlpacaKeys, checkKeys, withoutKeys } from './access.js';
import { readTradeUpdate } from './order-reader.js';
import { openSocket, type Socket, SOCKET_TIMING, type SocketTiming } from './socket.js';
import { parseJson, recordOf, UnreadableBody, type WireRecord } from './wire-record.js';

export interface TradeUpdateStreamOptions extends AlpacaKeys {
  readonly streamUrl: string;
  readonly streamTiming?: SocketTiming;
}

const STREAM = 'trade_updates';

/**
 * Opens the `trade_updates` stream: connect, authenticate, listen; resolves when the broker has
 * acknowledged the subscription. Written over the wire itself and not over the SDK's stream, which
 * drops frames it cannot read, loses digits, waits for ever in two places and reconnects without
 * telling what was missed.
 */
export function openTradeUpdateStream(
  options: TradeUpdateStreamOptions,
  listener: TradeUpdateListener,
): Promise<TradeUpdateStream> {
  checkKeys(options);
  return new Promise((resolve, reject) => {
    const connection = new TradeUpdateConnection(options, listener, { resolve, reject });
    connection.open();
  });
}

interface Settle {
  readonly resolve: (stream: TradeUpdateStream) => void;
  readonly reject: (error: Error) => void;
}

class TradeUpdateConnection {
  readonly #options: TradeUpdateStreamOptions;
  readonly #listener: TradeUpdateListener;
  readonly #settle: Settle;
  #socket: Socket | null = null;
  #isLive = false;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(options: TradeUpdateStreamOptions, listener: TradeUpdateListener, settle: Settle) {
    this.#options = options;
    this.#listener = listener;
    this.#settle = settle;
  }

  open(): void {
    const timing = this.#options.streamTiming ?? SOCKET_TIMING;
    this.#socket = openSocket({
      url: this.#options.streamUrl,
      timing,
      onOpen: () => this.#authenticate(timing.subscribeMsMax),
      onFrame: (bytes) => this.#receive(bytes.toString('utf8')),
      onClosed: (error) => this.#closed(error),
    });
  }

  #authenticate(patienceMs: number): void {
    const { keyId, secret } = this.#options;
    const data = { key_id: keyId, secret_key: secret };
    this.#socket?.send({ action: 'authenticate', data });
    this.#watchdog = setTimeout(() => {
      this.#end(`expected the subscription within ${patienceMs} ms of connecting, found none`);
    }, patienceMs);
  }

  #receive(raw: string): void {
    try {
      this.#dispatch(recordOf(parseJson(raw), 'a frame'), raw);
    } catch (error) {
      if (error instanceof UnreadableBody) {
        this.#listener.onUnreadable(raw, withoutKeys(error.message, this.#options));
        return;
      }
      // A frame that breaks us must not end the process, and must not be passed over: the stream
      // ends, and the next one begins with a repair.
      this.#end(`a frame broke the reader: ${withoutKeys(String(error), this.#options)}`);
    }
  }

  #dispatch(frame: WireRecord, raw: string): void {
    if (frame['action'] === 'error') {
      this.#brokerError(raw);
      return;
    }
    switch (frame['stream']) {
      case STREAM:
        this.#listener.onUpdate(readTradeUpdate(frame['data'], raw));
        return;
      case 'authorization':
        this.#authorization(recordOf(frame['data'], 'an authorization'));
        return;
      case 'listening':
        this.#listening(recordOf(frame['data'], 'a subscription'));
        return;
      default:
        throw new UnreadableBody(`expected a frame of ${STREAM}, found another`);
    }
  }

  #authorization(data: WireRecord): void {
    if (data['status'] === 'authorized') {
      this.#socket?.send({ action: 'listen', data: { streams: [STREAM] } });
      return;
    }
    this.#socket?.end(
      new BrokerAuthRefused(
        'expected the stream to authorize the keys, found them refused: check the keys',
      ),
    );
  }

  #listening(data: WireRecord): void {
    const streams = data['streams'];
    if (!Array.isArray(streams) || !streams.includes(STREAM)) {
      this.#end(`expected a subscription to ${STREAM}, found it refused`);
      return;
    }
    clearTimeout(this.#watchdog);
    if (this.#isLive) return;
    this.#isLive = true;
    this.#settle.resolve({ close: () => this.#socket?.close() ?? Promise.resolve() });
  }

  /**
   * Before the subscription it is the answer; afterwards something was lost, so the books must look
   * again.
   */
  #brokerError(raw: string): void {
    if (this.#isLive) this.#listener.onUnreadable(raw, 'the broker reported an error');
    else this.#end(`expected a subscription, found ${withoutKeys(raw, this.#options)}`);
  }

  #end(message: string): void {
    this.#socket?.end(new BrokerUnavailable(message));
  }

  #closed(error: BrokerUnavailable | BrokerAuthRefused): void {
    clearTimeout(this.#watchdog);
    if (this.#isLive) this.#listener.onClosed(error.message);
    else this.#settle.reject(error);
  }
}
