import { setTimeout as sleep } from 'node:timers/promises';
import type { Bar } from '../../../domain/market/index.js';
import { BrokerAuthRefused, BrokerUnavailable } from '../../broker/errors.js';
import { type MinuteBarStreamOptions, openMinuteBarStream } from './minute-bar-stream.js';

export interface BarFeedListener {
  readonly onBar: (bar: Bar) => void;
  /** The stream is live, or down with a reason. For people. */
  readonly onChange: (change: { readonly live: boolean; readonly reason: string }) => void;
}

const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;

/**
 * Keeps one data stream open, whatever happens to it, and counts the occasions on which a bar may
 * have been lost. The stream is a hint that bars are there early; what it lost is fetched by
 * whoever watches the count.
 */
export class BarFeed {
  readonly #options: MinuteBarStreamOptions;
  readonly #listener: BarFeedListener;
  readonly #stopped = new AbortController();
  #running: Promise<void> | null = null;
  #lossCount = 0;

  constructor(options: MinuteBarStreamOptions, listener: BarFeedListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /**
   * Rises each time when bars may have been missed: a new connection, a broken one, an unreadable
   * frame.
   */
  get lossCount(): number {
    return this.#lossCount;
  }

  start(): void {
    this.#running ??= this.#supervise();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopped;
    let waitMs = RETRY_MS_MIN;
    while (!signal.aborted) {
      const wasLive = await this.#runOnce();
      waitMs = wasLive ? RETRY_MS_MIN : Math.min(waitMs * 2, RETRY_MS_MAX);
      if (!signal.aborted) await interruptibleSleep(waitMs, signal);
    }
  }

  /** One connection from its opening to its end; tells whether it ever was live. */
  async #runOnce(): Promise<boolean> {
    const closed = deferred();
    try {
      const listener = {
        onBar: this.#listener.onBar,
        onUnreadable: () => {
          this.#lossCount += 1;
        },
        onClosed: closed.settle,
      };
      const { signal } = this.#stopped;
      await openMinuteBarStream({ options: this.#options, listener, signal });
      this.#lossCount += 1;
      this.#listener.onChange({ live: true, reason: 'subscribed' });
      const reason = await closed.promise;
      this.#lossCount += 1;
      this.#listener.onChange({ live: false, reason });
      return true;
    } catch (error) {
      const isExpected = error instanceof BrokerUnavailable || error instanceof BrokerAuthRefused;
      if (!isExpected) throw error;
      this.#listener.onChange({ live: false, reason: error.message });
      return false;
    }
  }
}

function deferred(): {
  readonly promise: Promise<string>;
  readonly settle: (reason: string) => void;
} {
  let settle: (reason: string) => void = () => {};
  const promise = new Promise<string>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

async function interruptibleSleep(waitMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(waitMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
