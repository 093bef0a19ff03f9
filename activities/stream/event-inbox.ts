import type { TradeUpdate } from '../../adapters/broker/port.js';

export type InboxItem =
  | { readonly kind: 'update'; readonly update: TradeUpdate }
  /** A frame that could not be read: only the broker's lists can tell what it said. */
  | { readonly kind: 'unreadable'; readonly raw: string; readonly reason: string };

/** Frames in the order of arrival, until the books have them. The stream's handler only appends. */
export interface EventInbox {
  append(item: InboxItem): void;
  /**
   * The next frames, at most `limit`; waits until there is one, or until the inbox is closed or
   * woken: then empty.
   */
  take(limit: number): Promise<readonly InboxItem[]>;
  /** Ends the wait that is going on, if there is one. */
  wake(): void;
  /** How many wait to be taken. */
  readonly size: () => number;
  /** Ends waiting. What was appended before is still taken. */
  close(): void;
  readonly isClosed: () => boolean;
}

export function createEventInbox(): EventInbox {
  const items: InboxItem[] = [];
  let closed = false;
  let endWait: (() => void) | null = null;
  const wake = (): void => {
    endWait?.();
    endWait = null;
  };
  return {
    isClosed: () => closed,
    size: () => items.length,
    append: (item) => {
      items.push(item);
      wake();
    },
    close: () => {
      closed = true;
      wake();
    },
    wake,
    take: async (limit) => {
      if (items.length === 0 && !closed) {
        await new Promise<void>((resolve) => {
          endWait = resolve;
        });
      }
      return items.splice(0, limit);
    },
  };
}
