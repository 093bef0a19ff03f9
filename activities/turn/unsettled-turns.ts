import { OPEN_TURN_STATES, type Turn, type TurnState } from '../../domain/turn/index.js';
import type { World } from '../world.js';
import { lookAtTurn } from './advance-turn.js';

/**
 * Open turns, in any of the states when given, that have a step to take now or wait for an answer
 * that does not come from the market.
 */
export async function unsettledTurns(
  world: World,
  states: readonly TurnState[] = OPEN_TURN_STATES,
): Promise<readonly Turn[]> {
  const unsettled: Turn[] = [];
  for (const { turn } of await world.reader.turns.inStates(states)) {
    const { step } = await lookAtTurn(world, turn.plan.turnId);
    const isAtRest = step.kind === 'over' || (step.kind === 'wait' && step.for === 'market');
    if (!isAtRest) unsettled.push(turn);
  }
  return unsettled;
}
