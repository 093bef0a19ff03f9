import { assert, type EpochMs } from '../values/index.js';
import { removalOf, type Removal, type Turn, type TurnProgress } from './turn.js';
import type { TurnEvent } from './turn-event.js';
import { TURN_TRANSITIONS } from './turn-transitions.js';

export type AppliedTurnEvent =
  /** The turn as it is now. */
  | { readonly outcome: 'moved'; readonly turn: Turn }
  /** The books hold it already: nothing to write. */
  | { readonly outcome: 'repeated'; readonly why: string }
  /** Cannot be: a broken invariant of ours. */
  | { readonly outcome: 'impossible'; readonly why: string };

/** Decides what an event does to a turn, by the transition table. Market time in `nowAtMs`. */
export function applyTurnEvent(turn: Turn, event: TurnEvent, nowAtMs: EpochMs): AppliedTurnEvent {
  const transition = TURN_TRANSITIONS[turn.progress.state][event.kind];
  if (transition.outcome !== 'moved') return transition;
  if (isSameAttempt(turn, event)) {
    return { outcome: 'repeated', why: 'this attempt is asked for already' };
  }
  const progress = progressAfter(turn, event);
  assert(
    progress.state === transition.to,
    `expected ${event.kind} to lead to ${transition.to}, found ${progress.state}`,
  );
  const isSameState = event.kind === 'gap_told';
  const milestone = { state: progress.state, atMs: nowAtMs };
  return {
    outcome: 'moved',
    turn: {
      ...turn,
      version: turn.version + 1,
      progress,
      history: isSameState ? turn.history : [...turn.history, milestone],
      updatedAtMs: nowAtMs,
    },
  };
}

function isSameAttempt({ progress }: Turn, event: TurnEvent): boolean {
  if (event.kind !== 'exit_began' || progress.state !== 'closing') return false;
  return event.attempt <= progress.attempt;
}

const NOTHING_REMOVED: Removal = { removed: [], bareSinceWallMs: null, alertedAtWallMs: null };

function progressAfter(turn: Turn, event: TurnEvent): TurnProgress {
  const { removed, bareSinceWallMs, alertedAtWallMs } = removalOf(turn) ?? NOTHING_REMOVED;
  const removal: Removal = { removed, bareSinceWallMs, alertedAtWallMs };
  switch (event.kind) {
    case 'cancel_began':
      return {
        state: 'canceling',
        ...removal,
        removed: [...new Set([...removed, ...event.removed])],
        bareSinceWallMs: bareSinceWallMs ?? event.bareSinceWallMs,
      };
    case 'gap_told': {
      const { progress } = turn;
      assert('removed' in progress, `expected a removal in state ${progress.state}`);
      return { ...progress, alertedAtWallMs: event.atWallMs };
    }
    case 'exit_began': {
      const { attempt, exit, atWallMs } = event;
      return { state: 'closing', ...removal, attempt, exit, exitBeganAtWallMs: atWallMs };
    }
    case 'entry_began':
      return { state: 'opening' };
    case 'cover_began':
      return { state: 'covering', ...removal, covers: event.covers, reason: event.reason };
    case 'entry_filled':
      return { state: 'turned' };
    case 'entry_dropped':
      return { state: 'closed_only', reason: event.reason };
    case 'position_kept':
      return { state: 'kept', reason: event.reason };
    case 'left_bare':
      assert(bareSinceWallMs !== null, 'expected protection to be missing before it is said');
      return { state: 'uncovered', reason: event.reason, bareSinceWallMs };
  }
}
