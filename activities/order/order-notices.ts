import type { OrderView } from '../../workflows/contract/index.js';

/**
 * Tells waiting code of this process what the books just committed about an order. A hint: the
 * books are the truth.
 */
export interface OrderNotices {
  publish(view: OrderView): void;
  /** The first view that satisfies, or null when the time is over. */
  waitFor(
    clientOrderId: string,
    satisfies: (view: OrderView) => boolean,
    timeoutMs: number,
  ): Promise<OrderView | null>;
  /** Every view, for the live display and the session. */
  subscribe(listener: (view: OrderView) => void): () => void;
}

export function createOrderNotices(): OrderNotices {
  const listeners = new Set<(view: OrderView) => void>();
  const subscribe = (listener: (view: OrderView) => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    subscribe,
    publish: (view) => {
      for (const listener of [...listeners]) listener(view);
    },
    waitFor: (clientOrderId, satisfies, timeoutMs) =>
      new Promise((resolve) => {
        const finish = (view: OrderView | null): void => {
          clearTimeout(timer);
          unsubscribe();
          resolve(view);
        };
        const timer = setTimeout(() => finish(null), timeoutMs);
        const unsubscribe = subscribe((view) => {
          if (view.clientOrderId === clientOrderId && satisfies(view)) finish(view);
        });
      }),
  };
}
