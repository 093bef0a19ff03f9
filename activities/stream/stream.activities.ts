import { Context } from '@temporalio/activity';
import { translatingFailures } from '../failure.js';
import { whileBeating } from '../while-beating.js';
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
  const takeOver = async ({ info, cancellationSignal, heartbeat }: Context): Promise<never> => {
    const former = current;
    former?.attempt.abort(new Error('a newer attempt took over'));
    await former?.ended.catch(() => undefined);
    const attempt = new AbortController();
    const signal = AbortSignal.any([attempt.signal, cancellationSignal, world.closing]);
    const running = runTradeUpdates(world, { signal, heartbeat });
    current = { attempt, ended: running };
    world.log.info({ attempt: info.attempt }, 'trade updates stream starts');
    return running;
  };
  return {
    runTradeUpdates: () =>
      translatingFailures(() => whileBeating(HEARTBEAT_MS, () => takeOver(Context.current()))),
  };
}
