import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { SessionInput, SessionSummary } from '../../workflows/contract/lifecycle.js';
import { translatingFailures } from '../failure.js';
import { whileBeating } from '../while-beating.js';
import type { World } from '../world.js';
import { createDayFeeder } from './feed-day.js';
import { summarizeDay } from './summarize-day.js';
import { closeDayOrders, openTradingDay, refreshInstruments } from './trading-day.js';

export interface SessionActivities {
  backUpBooks(): Promise<string>;
  openTradingDay(input: SessionInput): Promise<string>;
  /** From where market time stands to the close; a repeat goes on where the books are. */
  feedStrategies(input: SessionInput): Promise<'closed' | 'interrupted'>;
  /** Client order ids of day orders that the broker has not ended. */
  closeDayOrders(): Promise<readonly string[]>;
  summarizeDay(input: SessionInput): Promise<SessionSummary>;
}

const HEARTBEAT_MS = 2_000;

export function createSessionActivities(world: World): SessionActivities {
  const feedDay = createDayFeeder(world);
  return {
    backUpBooks: () => translatingFailures(() => world.database.backUp()),
    openTradingDay: (input) =>
      translatingFailures(async () => {
        await refreshInstruments(world);
        return openTradingDay(world, input);
      }),
    feedStrategies: (input) =>
      translatingFailures(() =>
        // Beside the steps: at a slow market speed a step takes longer than the heartbeat time-out.
        whileBeating(HEARTBEAT_MS, () =>
          feedDay(input, {
            canceled: cancellationSignal(),
            heartbeat: (step) => heartbeat(step.atMs),
          }),
        ),
      ),
    closeDayOrders: () => translatingFailures(() => closeDayOrders(world)),
    summarizeDay: (input) => translatingFailures(() => summarizeDay(world, input)),
  };
}
