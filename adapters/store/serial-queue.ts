import { AsyncLocalStorage } from 'node:async_hooks';
import { assert } from '../../domain/values/index.js';

/** Runs tasks one after another, in the order in which they came. */
export interface SerialQueue {
  /**
   * Runs the task after those before it. A task that waits for another of the same queue would wait
   * for ever: that is an assertion.
   */
  run<Result>(task: () => Promise<Result>): Promise<Result>;
  /** Resolves when every task that was given so far has ended. */
  idle(): Promise<void>;
}

/**
 * The queues whose tasks this code is called from. One storage for all queues: each costs every
 * promise of the process something, for ever.
 */
const entered = new AsyncLocalStorage<ReadonlySet<object>>();

/**
 * `pause` runs between two tasks. A synchronous driver answers every await at once, so that without
 * a pause a row of transactions would let no timer and no socket have its turn.
 */
export function openSerialQueue(pause: () => Promise<void> = noPause): SerialQueue {
  const own = {};
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: (task) => {
      assert(
        entered.getStore()?.has(own) !== true,
        'expected no transaction inside a transaction: pass the outer one on',
      );
      const result = last.then(() => entered.run(new Set(entered.getStore()).add(own), task));
      // The next task starts after this one, however it ended; who asked for this one hears of it.
      last = result.then(pause, pause);
      return result;
    },
    idle: async () => {
      await last;
    },
  };
}

function noPause(): Promise<void> {
  return Promise.resolve();
}

/** Lets everything that waits for its turn on the event loop have it. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
