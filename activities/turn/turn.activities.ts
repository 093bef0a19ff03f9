import type { TurnView } from '../../workflows/contract/turn.js';
import { translatingFailures } from '../failure.js';
import { whileBeating } from '../while-beating.js';
import type { World } from '../world.js';
import { advanceTurn } from './advance-turn.js';

export interface TurnActivities {
  /** Takes every step that can be taken now; a repeat goes on from the books. */
  advanceTurn(turnId: string): Promise<TurnView>;
}

/** Often enough for the turn workflow's heartbeat time-out. */
const HEARTBEAT_MS = 1_000;

/** The activities of one account's turns. */
export function createTurnActivities(world: World): TurnActivities {
  return {
    advanceTurn: (turnId) =>
      translatingFailures(() => whileBeating(HEARTBEAT_MS, () => advanceTurn(world, turnId))),
  };
}
