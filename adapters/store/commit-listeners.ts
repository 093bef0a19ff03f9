import type { BooksTransaction, CommitListener } from './port.js';

/** Who wants to know that an account's books have changed. */
export interface CommitListeners {
  add(listener: CommitListener): () => void;
  /** Calls each listener on a later turn, so that none can fail or delay what was committed. */
  notify(account: string, hasPosted: boolean): void;
}

export function openCommitListeners(): CommitListeners {
  const listeners = new Set<CommitListener>();
  return {
    add: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    notify: (account, hasPosted) => {
      for (const listener of listeners) queueMicrotask(() => listener(account, hasPosted));
    },
  };
}

/** The transaction, which calls `posted` when it puts something into the outbox. */
export function notingPosts(transaction: BooksTransaction, posted: () => void): BooksTransaction {
  const { outbox } = transaction;
  return {
    ...transaction,
    outbox: {
      ...outbox,
      post: (message) => {
        posted();
        return outbox.post(message);
      },
    },
  };
}
