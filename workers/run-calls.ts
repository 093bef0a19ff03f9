import { setMaxListeners } from 'node:events';
import type { Connection } from '@temporalio/client';

/** A workflow that nobody drives would keep a person waiting for ever. */
const DEADLINE_MS = 60_000;

/** The calls over one connection that somebody waits for. */
export interface RunCalls {
  /** Asks, for a minute at most; fails at once when it is closed meanwhile. */
  during<Result>(ask: () => Promise<Result>): Promise<Result>;
  /** Ends what is under way, and the connection when nothing is any more. */
  close(): Promise<void>;
}

/**
 * Keeps the calls of a connection. A channel that is closed below a call leaves its caller waiting;
 * and one whose call waits to be repeated throws from a timer, where nobody can catch it. So calls
 * are ended first, and a channel with a repeat to come is closed after it.
 */
export function openRunCalls(connection: Connection): RunCalls {
  const end = new AbortController();
  // Each request listens to it until the connection ends.
  setMaxListeners(0, end.signal);
  const underWay = new Set<Promise<unknown>>();
  const closed = new Promise<never>((_resolve, reject) => {
    const fail = (): void => reject(new Error('the connection was closed during the call'));
    end.signal.addEventListener('abort', fail, { once: true });
  });
  closed.catch(() => undefined); // Nobody may be waiting when it is closed.
  return {
    during: (ask) => {
      const call = connection.withDeadline(Date.now() + DEADLINE_MS, () =>
        connection.withAbortSignal(end.signal, ask),
      );
      const settled = call.then(
        () => undefined,
        () => undefined, // Its caller is told of the failure, by the race.
      );
      underWay.add(settled);
      void settled.then(() => underWay.delete(settled));
      return Promise.race([call, closed]);
    },
    close: async () => {
      end.abort();
      const rest = Promise.all(underWay).then(() => connection.close());
      if (underWay.size === 0) await rest;
    },
  };
}
