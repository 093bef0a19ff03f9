import type { OrderIntent } from '../../domain/order/index.js';
import {
  bareSinceOf,
  isTurnOver,
  removalOf,
  type Turn,
  turnReasonOf,
  type TurnStep,
} from '../../domain/turn/index.js';
import type { TurnInput, TurnView } from '../../workflows/contract/turn.js';
import type { World } from '../world.js';

/** Wall time between two looks at an answer that is owed. */
const ANSWER_LOOK_MS = 1_000;

/** What drivers and people are told of a turn, and when its driver looks again. */
export function turnViewOf(world: World, turn: Turn, step: TurnStep): TurnView {
  return {
    turnId: turn.plan.turnId,
    state: turn.progress.state,
    version: turn.version,
    isOver: isTurnOver(turn),
    summary: `${describeTurn(turn)}${waitText(step)}`,
    needsAttention:
      turn.progress.state === 'uncovered' || (removalOf(turn)?.alertedAtWallMs ?? null) !== null,
    lookAgainMs: lookAgainMs(world, turn, step),
  };
}

/** What the driver of a turn starts with. */
export function turnInputOf(turn: Turn): TurnInput {
  const { account, symbol, strategy } = turn.plan.entry;
  const summary = `TURN ${turnSentence(turn)}`;
  return { account, turnId: turn.plan.turnId, symbol, strategy, summary };
}

/** `SPY long to short: closed_only, reduce_only: only orders that reduce …`. */
export function describeTurn(turn: Turn): string {
  const reason = turnReasonOf(turn);
  const why = reason === null ? '' : `, ${reason.code}: ${reason.message}`;
  const bare = bareSinceOf(turn) === null ? '' : ', without its protection';
  return `${turnSentence(turn)}: ${turn.progress.state}${bare}${why}`;
}

/** `SPY long to short`. */
export function turnSentence({ plan }: Turn): string {
  return `${plan.entry.symbol} ${plan.fromSide} to ${sideAfter(plan.entry)}`;
}

function sideAfter({ side }: OrderIntent): 'long' | 'short' {
  return side === 'buy' ? 'long' : 'short';
}

function waitText(step: TurnStep): string {
  switch (step.kind) {
    case 'hold':
      return `; waits, since ${step.reason}`;
    case 'wait':
      return step.for === 'market' ? '; waits for the market' : '; waits for an answer';
    case 'cancel':
      return '; waits for the broker to confirm the cancel';
    default:
      return '';
  }
}

/** Never later than the instant at which a person must be told of a gap. */
function lookAgainMs(world: World, turn: Turn, step: TurnStep): number {
  const isMarket = step.kind === 'wait' && step.for === 'market';
  const usual = isMarket ? world.settings.pollIntervalMs : ANSWER_LOOK_MS;
  const removal = removalOf(turn);
  if (removal === null || removal.bareSinceWallMs === null) return usual;
  if (removal.alertedAtWallMs !== null) return usual;
  const tellAtMs = removal.bareSinceWallMs + world.settings.turnGap.msMax + 1;
  return Math.max(1, Math.min(usual, tellAtMs - world.wallClock.nowMs()));
}
