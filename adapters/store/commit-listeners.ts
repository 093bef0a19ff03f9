/** Who wants to know that an account's books have changed. */
export interface CommitListeners {
  add(listener: (account: string) => void): () => void;
  /** Calls each listener on a later turn, so that none can fail or delay what was committed. */
  notify(account: string): void;
}

export function openCommitListeners(): CommitListeners {
  const listeners = new Set<(account: string) => void>();
  return {
    add: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    notify: (account) => {
      for (const listener of listeners) queueMicrotask(() => listener(account));
    },
  };
}
