import type { MarketStep } from '../../adapters/broker/port.js';
import type { SessionInput } from '../../workflows/contract/lifecycle.js';
import { failure } from '../failure.js';
import { createTakeOver } from '../stream/take-over.js';
import type { World } from '../world.js';
import { feedStrategies } from './feed-strategies.js';

export interface FeedAttempt {
  /** Aborted when Temporal cancels the attempt. */
  readonly canceled: AbortSignal;
  readonly heartbeat: (step: MarketStep) => void;
}

type FeedDay = (input: SessionInput, attempt: FeedAttempt) => Promise<'closed' | 'interrupted'>;

/**
 * Feeds a market day's strategies, one attempt at a time: a new attempt aborts whoever feeds, also
 * the one of a session that was terminated and has not heard of it yet.
 */
export function createDayFeeder(world: World): FeedDay {
  const takeOver = createTakeOver();
  return async (input, { canceled, heartbeat }) => {
    await expectUp(world);
    return takeOver(async (replaced) => {
      const signal = AbortSignal.any([canceled, replaced]);
      const end = await feedStrategies(world, input, { signal, heartbeat });
      // Only who was asked to has ended the feeding of a session: another attempt is tried again.
      if (end === 'interrupted' && !canceled.aborted) replaced.throwIfAborted();
      return end;
    });
  };
}

const LOOK_AGAIN_MS = 1_000;

/**
 * The session that a killed process left behind is tried again by the next one while that still
 * repairs its books: decisions wait until the start is done.
 */
async function expectUp(world: World): Promise<void> {
  const system = await world.reader.systemState.get();
  const isOurs = system !== null && system.bootEpoch === world.bootEpoch;
  if (isOurs && (system.state === 'running' || system.state === 'halted')) return;
  const found = isOurs ? `it ${system.state}` : 'the state of another start';
  throw failure('NotTradingNow', `expected the system to be up before it decides, found ${found}`, {
    retryAfterMs: LOOK_AGAIN_MS,
  });
}
