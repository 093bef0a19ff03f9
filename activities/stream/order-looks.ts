/** How long an order is left alone after a look that has decided nothing: longer each time. */
const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 30_000;

interface Look {
  readonly dueAtMs: number;
  /** How long it is left alone after that look. */
  readonly pauseMs: number;
}

/**
 * The orders that frames have shown to be unlike the books, by the broker's id, and when each is
 * looked at. Paced by time alone: a busy stream must not spend the request budget on an order that
 * nobody can decide about yet.
 */
export interface OrderLooks {
  /** Due at once; one that waits for its time goes on waiting. */
  add(brokerOrderId: string): void;
  due(): readonly string[];
  decided(brokerOrderId: string): void;
  undecided(brokerOrderId: string): void;
  /** Until the next is due, in whole milliseconds. Null: there is none. */
  nextInMs(): number | null;
}

export function createOrderLooks(nowMs: () => number): OrderLooks {
  const looks = new Map<string, Look>();
  return {
    add: (id) => {
      if (!looks.has(id)) looks.set(id, { dueAtMs: nowMs(), pauseMs: PAUSE_MS });
    },
    due: () => [...looks].filter(([, { dueAtMs }]) => dueAtMs <= nowMs()).map(([id]) => id),
    decided: (id) => void looks.delete(id),
    undecided: (id) => {
      const pauseMs = looks.get(id)?.pauseMs ?? PAUSE_MS;
      const next = Math.min(2 * pauseMs, PAUSE_MS_MAX);
      looks.set(id, { dueAtMs: nowMs() + pauseMs, pauseMs: next });
    },
    nextInMs: () => {
      if (looks.size === 0) return null;
      const dueAtMs = Math.min(...[...looks.values()].map((look) => look.dueAtMs));
      return Math.max(0, Math.ceil(dueAtMs - nowMs()));
    },
  };
}
