import { assert } from '../../domain/values/index.js';

export type RequestKind = 'submit' | 'read' | 'cancel';

/** What a token is for. The reads of a halt may use half of what is kept for cancels. */
export type TokenUse = RequestKind | 'halt_read';

export type TokenAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly retryAfterMs: number };

export interface TokenBucketOptions {
  readonly requestsPerMinute: number;
  /** Tokens of those that only cancels may use, and half of them the reads of a halt. */
  readonly reservedForCancels: number;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** The wall clock, which the broker's reset instant is told in. */
  readonly wallNowMs?: () => number;
}

export interface TokenBucket {
  /** Takes a token, or tells when one for this use can be had. Never waits. */
  take(use: TokenUse): TokenAnswer;
  /**
   * Notes what the broker itself says: requests left, and when its window starts again (unix
   * seconds).
   */
  observeHeaders(remaining: number, resetAtS: number): void;
}

const WINDOW_MS = 60_000;

/** What the broker said of its own window. */
interface BrokerWindow {
  readonly resetAtS: number;
  readonly endsAtMs: number;
  readonly remaining: number;
}

/**
 * The account's request budget. A token comes back a minute after it was taken, so no window of a
 * minute, wherever the broker begins it, sees more than `requestsPerMinute`. Where the broker's
 * headers leave less, they rule.
 */
export function createTokenBucket(options: TokenBucketOptions): TokenBucket {
  const { requestsPerMinute, reservedForCancels, nowMs, wallNowMs = Date.now } = options;
  assert(
    Number.isSafeInteger(requestsPerMinute) && requestsPerMinute > reservedForCancels,
    `expected more requests a minute than the ${reservedForCancels} reserved for cancels`,
  );
  const takenAtMs = new TakenTokens(requestsPerMinute);
  let brokerWindow: BrokerWindow | null = null;

  const reservedOf = (use: TokenUse): number => {
    if (use === 'cancel') return 0;
    // A halt that looks again and again must leave its cancels something.
    return use === 'halt_read' ? Math.ceil(reservedForCancels / 2) : reservedForCancels;
  };

  const waitForBroker = (use: TokenUse, now: number): number => {
    if (brokerWindow === null || now >= brokerWindow.endsAtMs) return 0;
    return brokerWindow.remaining > reservedOf(use) ? 0 : brokerWindow.endsAtMs - now;
  };

  return {
    take(use) {
      const now = nowMs();
      const ownWaitMs = takenAtMs.waitMs(now, requestsPerMinute - reservedOf(use));
      const retryAfterMs = Math.max(ownWaitMs, waitForBroker(use, now));
      if (retryAfterMs > 0) return { ok: false, retryAfterMs };
      takenAtMs.add(now);
      if (brokerWindow !== null) {
        brokerWindow = { ...brokerWindow, remaining: brokerWindow.remaining - 1 };
      }
      return { ok: true };
    },
    observeHeaders(remaining, resetAtS) {
      const isSameWindow = brokerWindow?.resetAtS === resetAtS;
      // Answers overtake each other: within a window the lowest figure is the newest.
      const known = isSameWindow ? (brokerWindow?.remaining ?? remaining) : remaining;
      const untilResetMs = Math.min(Math.max(resetAtS * 1000 - wallNowMs(), 0), WINDOW_MS);
      brokerWindow = {
        resetAtS,
        endsAtMs: nowMs() + untilResetMs,
        remaining: Math.min(known, remaining),
      };
    },
  };
}

/**
 * When each of the last `capacity` tokens was taken: a ring, so that taking costs the same at any
 * limit.
 */
class TakenTokens {
  readonly #takenAtMs: Float64Array;
  #oldest = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#takenAtMs = new Float64Array(capacity);
  }

  /** How long until fewer than `usableMax` tokens are out; 0 when that is so now. */
  waitMs(now: number, usableMax: number): number {
    while (this.#count > 0 && this.#at(0) + WINDOW_MS <= now) {
      this.#oldest = (this.#oldest + 1) % this.#takenAtMs.length;
      this.#count -= 1;
    }
    if (this.#count < usableMax) return 0;
    return this.#at(this.#count - usableMax) + WINDOW_MS - now;
  }

  add(now: number): void {
    const index = (this.#oldest + this.#count) % this.#takenAtMs.length;
    this.#takenAtMs[index] = now;
    this.#count += 1;
  }

  #at(position: number): number {
    const index = (this.#oldest + position) % this.#takenAtMs.length;
    return this.#takenAtMs[index] ?? Number.NEGATIVE_INFINITY;
  }
}
