const WAIT_MS = 5 * 60_000;
const MISSES_APART_MS = 60_000;

interface Told {
  /** Sends that may have arrived: no answer has proven that they did not. */
  readonly sentAtMs: Map<number, number>;
  readonly missedAtMs: number[];
  /** When a full list came that did not show it. */
  notListedAtMs: number;
}

/**
 * What has been found out about orders whose outcome nobody knows, from what went over the wire and
 * by a clock that is never set. An order may be given up only when all of the proof is there.
 */
export class AbsenceProof {
  readonly #told = new Map<string, Told>();
  #sends = 0;
  #liveSinceMs = Number.POSITIVE_INFINITY;
  #liveEpoch: number | null = null;

  /** A send begins. Returns its number, for its answer. */
  sendBegan(clientOrderId: string, atMs: number): number {
    this.#sends += 1;
    this.#of(clientOrderId).sentAtMs.set(this.#sends, atMs);
    return this.#sends;
  }

  /** The answer proves that this send has made no order. */
  sendMadeNothing(clientOrderId: string, send: number): void {
    this.#of(clientOrderId).sentAtMs.delete(send);
  }

  lookupMissed(clientOrderId: string, atMs: number): void {
    this.#of(clientOrderId).missedAtMs.push(atMs);
  }

  /** A list of all orders has arrived. */
  listed(shown: ReadonlySet<string>, atMs: number): void {
    for (const [clientOrderId, told] of this.#told) {
      if (!shown.has(clientOrderId)) told.notListedAtMs = atMs;
    }
  }

  /** What the books say of the stream, after each commit; the epoch of a live one, or null. */
  streamIs(liveEpoch: number | null, atMs: number): void {
    if (liveEpoch === this.#liveEpoch) return;
    this.#liveEpoch = liveEpoch;
    this.#liveSinceMs = liveEpoch === null ? Number.POSITIVE_INFINITY : atMs;
  }

  /** What is missing of the proof that the order never reached the broker. */
  lacks(clientOrderId: string, atMs: number): readonly string[] {
    const { sentAtMs, missedAtMs, notListedAtMs } = this.#of(clientOrderId);
    const lastSentAtMs = Math.max(Number.NEGATIVE_INFINITY, ...sentAtMs.values());
    const misses = missedAtMs.filter((missMs) => missMs > lastSentAtMs);
    const [first = atMs, last = first] = [misses.at(0), misses.at(-1)];
    const waits: readonly (readonly [boolean, string])[] = [
      [atMs - lastSentAtMs < WAIT_MS, `its last send was ${atMs - lastSentAtMs} ms ago`],
      [atMs - this.#liveSinceMs < WAIT_MS, 'the stream was not live for five minutes'],
      [last - first < MISSES_APART_MS, `${misses.length} misses over ${last - first} ms`],
      [notListedAtMs < lastSentAtMs, 'no full list was read since its last send'],
    ];
    return waits.filter(([isMissing]) => isMissing).map(([, what]) => what);
  }

  #of(clientOrderId: string): Told {
    const known = this.#told.get(clientOrderId);
    if (known !== undefined) return known;
    const told: Told = {
      sentAtMs: new Map(),
      missedAtMs: [],
      notListedAtMs: Number.NEGATIVE_INFINITY,
    };
    this.#told.set(clientOrderId, told);
    return told;
  }
}
