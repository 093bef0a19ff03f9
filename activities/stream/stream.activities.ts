import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { translatingFailures } from '../failure.js';
import type { World } from '../world.js';
import { runTradeUpdates } from './run-trade-updates.js';

export interface StreamActivities {
  /** Runs until the stream closes, and always ends by throwing: the retry is the reconnect. */
  runTradeUpdates(): Promise<never>;
}

const HEARTBEAT_MS = 2_000;

/** One stream an account: a new attempt aborts the old one of this process. */
export function createStreamActivities(world: World): StreamActivities {
  let current: { readonly attempt: AbortController; readonly ended: Promise<unknown> } | null =
    null;
  return {
    runTradeUpdates: () =>
      translatingFailures(async () => {
        const former = current;
        former?.attempt.abort(new Error('a newer attempt took over'));
        await former?.ended.catch(() => undefined);
        const attempt = new AbortController();
        const signal = AbortSignal.any([attempt.signal, cancellationSignal()]);
        const running = beating(() => runTradeUpdates(world, { signal, heartbeat }));
        current = { attempt, ended: running };
        world.log.info({ attempt: activityInfo().attempt }, 'trade updates stream starts');
        return running;
      }),
  };
}

/**
 * Heartbeats while the event loop lives: a stuck process loses the activity, and with it the
 * stream.
 */
async function beating<Result>(run: () => Promise<Result>): Promise<Result> {
  const timer = setInterval(() => heartbeat(), HEARTBEAT_MS);
  try {
    return await run();
  } finally {
    clearInterval(timer);
  }
}
