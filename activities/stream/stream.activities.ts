import { Context } from '@temporalio/activity';
import { translatingFailures } from '../failure.js';
import { whileBeating } from '../while-beating.js';
import type { World } from '../world.js';
import { runTradeUpdates } from './run-trade-updates.js';
import { createTakeOver } from './take-over.js';

export interface StreamActivities {
  /** Runs until the stream closes, and always ends by throwing: the retry is the reconnect. */
  runTradeUpdates(): Promise<never>;
}

const HEARTBEAT_MS = 2_000;

/** One stream an account: a new attempt aborts the old ones of this process. */
export function createStreamActivities(world: World): StreamActivities {
  const takeOver = createTakeOver();
  const run = ({ info, cancellationSignal, heartbeat }: Context): Promise<never> =>
    takeOver((replaced) => {
      const signal = AbortSignal.any([replaced, cancellationSignal, world.closing]);
      world.log.info({ attempt: info.attempt }, 'trade updates stream starts');
      return runTradeUpdates(world, { signal, heartbeat });
    });
  return {
    runTradeUpdates: () =>
      translatingFailures(() => whileBeating(HEARTBEAT_MS, () => run(Context.current()))),
  };
}
