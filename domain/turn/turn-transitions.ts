import type { TurnEventKind } from './turn-event.js';
import type { TurnState } from './turn.js';

/**
 * What an event does in a state. Turn events are our own decisions from the books, so `impossible`
 * is a broken invariant of ours; `repeated` is a decision that the books hold already.
 */
export type TurnTransition =
  | { readonly outcome: 'moved'; readonly to: TurnState }
  | { readonly outcome: 'repeated'; readonly why: string }
  | { readonly outcome: 'impossible'; readonly why: string };

type Row = Readonly<Record<TurnEventKind, TurnTransition>>;

function to(state: TurnState): TurnTransition {
  return { outcome: 'moved', to: state };
}

function repeated(why: string): TurnTransition {
  return { outcome: 'repeated', why };
}

function impossible(why: string): TurnTransition {
  return { outcome: 'impossible', why };
}

const untouched = impossible('nothing was taken away, so nothing can be missing');
const notAsked = impossible('the entry was not asked for');
const tooLate = impossible('the way is cleared once, before the exit');
const givenUp = impossible('a turn that was given up opens nothing');
const isFlat = impossible('the old side is closed');
const over = impossible('the turn is over; a new decision is a new turn');

const planned: Row = {
  cancel_began: to('canceling'),
  gap_told: untouched,
  exit_began: to('closing'),
  entry_began: to('opening'),
  cover_began: untouched,
  entry_filled: notAsked,
  entry_dropped: to('closed_only'),
  position_kept: to('kept'),
  left_bare: untouched,
};

const canceling: Row = {
  ...planned,
  gap_told: to('canceling'),
  cover_began: to('covering'),
  left_bare: to('uncovered'),
};

const closing: Row = {
  ...canceling,
  cancel_began: tooLate,
  gap_told: to('closing'),
};

const covering: Row = {
  ...closing,
  gap_told: to('covering'),
  exit_began: givenUp,
  entry_began: givenUp,
  cover_began: repeated('already put back'),
};

const opening: Row = {
  cancel_began: isFlat,
  gap_told: isFlat,
  exit_began: isFlat,
  entry_began: repeated('already asked for'),
  cover_began: isFlat,
  entry_filled: to('turned'),
  entry_dropped: to('closed_only'),
  position_kept: isFlat,
  left_bare: isFlat,
};

const ended: Row = {
  cancel_began: over,
  gap_told: over,
  exit_began: over,
  entry_began: over,
  cover_began: over,
  entry_filled: over,
  entry_dropped: over,
  position_kept: over,
  left_bare: over,
};

/** Every pair of state and event, decided. */
export const TURN_TRANSITIONS: Readonly<Record<TurnState, Row>> = {
  planned,
  canceling,
  closing,
  covering,
  opening,
  turned: { ...ended, entry_filled: repeated('already turned') },
  closed_only: { ...ended, entry_dropped: repeated('already dropped') },
  kept: { ...ended, position_kept: repeated('already kept') },
  uncovered: { ...ended, left_bare: repeated('already told') },
};
