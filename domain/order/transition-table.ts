import { ORDER_STATES, type OrderState } from './order-state.js';
import { TRANSITION_EVENTS, type TransitionEvent } from './order-event.js';

/**
 * What an event does in a state. `moved` names every state it can lead to; `repeated` is evidence
 * that we already hold; `impossible` from outside is quarantined, and from our own code an
 * assertion.
 */
export type Transition =
  | { readonly outcome: 'moved'; readonly to: readonly OrderState[]; readonly why: string | null }
  | { readonly outcome: 'repeated'; readonly why: string }
  | { readonly outcome: 'impossible'; readonly why: string };

type Row = Readonly<Record<TransitionEvent, Transition>>;

function to(state: OrderState, why: string | null = null): Transition {
  return { outcome: 'moved', to: [state], why };
}

function toEither(states: readonly OrderState[], why: string): Transition {
  return { outcome: 'moved', to: states, why };
}

function repeated(why: string): Transition {
  return { outcome: 'repeated', why };
}

function impossible(why: string): Transition {
  return { outcome: 'impossible', why };
}

const neverSent = impossible('nothing was sent, so nothing can be said about a send');
const alreadySent = impossible('a send begins only before the broker knows the order');
const sentBefore = impossible('an order that reached the broker is never denied by us');
const older = repeated('an older report that arrives late');
const knownAnyway = repeated('other evidence overtook the lost answer');
const notOurs = impossible('only an unknown order is abandoned');
const answered = impossible('the broker knows the order, so its answer was not a refusal');
const nothingPending = repeated('the request it answers is no longer pending');
const overfill = impossible('more was filled than was ordered');
const fromOlderBooks = 'the books are older than the broker, as after a restored backup';
const nothingFilled = impossible('the order holds no fill that could be taken back');
const neverEnded = repeated('the broker has not ended it');
const neverHeld = impossible('only an order that the broker had ended is reopened');
const takenBack = 'a fill was taken back; whether it works again is for the broker to say';
const filledAgain = 'what was taken back is filled again';
const lateFill = 'a late fill: the broker filled it before it closed it';

/**
 * Reports about an order that the broker holds: shared by all states in which it may not hold it
 * yet.
 */
const reportsMove = {
  reported_accepted: to('accepted'),
  reported_held: to('held'),
  reported_pending_cancel: to('pending_cancel'),
  reported_pending_replace: to('pending_replace'),
  cancel_rejected: to('accepted'),
  replace_rejected: to('accepted'),
  filled_partly: to('partially_filled'),
  filled_completely: to('filled'),
  reported_canceled: to('canceled'),
  reported_expired: to('expired'),
  reported_replaced: to('replaced'),
  reported_rejected: to('refused'),
} as const;

/** The same, where the broker's evidence contradicts what the books hold, and wins. */
function reportsReopen(why: string): typeof reportsMove {
  const entries = Object.entries(reportsMove).map(([event, transition]) => [
    event,
    { ...transition, why },
  ]);
  return Object.fromEntries(entries) as typeof reportsMove;
}

const notReplaceable = impossible('only a working order with nothing pending gives its place away');
const nothingReplaced = repeated('no replacement of it is pending');
/** Where the broker holds nothing, or nothing any more. */
const neverReplaced = { replace_began: notReplaceable, replace_undone: nothingReplaced } as const;
const resizedLater = repeated('the report that says so is told again once the order works');
const nothingToResize = repeated('the order ended: nothing of it is at work');

function resizes(state: OrderState): Transition {
  return toEither(
    [state, 'filled'],
    'the other exit of its group filled, or that was undone; filled where nothing is left of it',
  );
}

const created: Row = {
  ...reportsReopen(fromOlderBooks),
  ...neverReplaced,
  resized: resizedLater,
  send_began: to('submitting'),
  not_sent: neverSent,
  answer_unknown: neverSent,
  denied: to('denied'),
  refused: neverSent,
  fill_reversed: nothingFilled,
  reopened: neverHeld,
  abandoned: notOurs,
};

const submitting: Row = {
  ...reportsMove,
  ...neverReplaced,
  resized: resizedLater,
  send_began: impossible('one attempt at a time: the former one is resolved first'),
  not_sent: toEither(
    ['created', 'unknown'],
    'unknown stays where an earlier attempt is unresolved',
  ),
  answer_unknown: to('unknown'),
  denied: sentBefore,
  refused: toEither(
    ['refused', 'unknown'],
    'a refused repeat proves nothing about an earlier attempt that is unresolved',
  ),
  fill_reversed: nothingFilled,
  reopened: neverHeld,
  abandoned: notOurs,
};

const unknown: Row = {
  ...reportsMove,
  ...neverReplaced,
  resized: resizedLater,
  send_began: to('submitting', 'sent again with the same id, while the intent is still wanted'),
  not_sent: impossible('an attempt that never left us is recorded before it is unknown'),
  answer_unknown: repeated('already unknown'),
  denied: sentBefore,
  refused: impossible('a refusal answers a send, and none is under way'),
  fill_reversed: nothingFilled,
  reopened: neverHeld,
  abandoned: to('abandoned'),
};

const accepted: Row = {
  ...reportsMove,
  replace_began: to('pending_replace'),
  replace_undone: nothingReplaced,
  resized: resizes('accepted'),
  reported_accepted: repeated('already accepted'),
  cancel_rejected: nothingPending,
  replace_rejected: nothingPending,
  send_began: alreadySent,
  not_sent: answered,
  answer_unknown: knownAnyway,
  denied: sentBefore,
  refused: answered,
  fill_reversed: nothingFilled,
  reopened: neverEnded,
  abandoned: notOurs,
};

const partiallyFilled: Row = {
  ...accepted,
  resized: resizes('partially_filled'),
  reported_accepted: older,
  reported_held: older,
  fill_reversed: toEither(
    ['accepted', 'partially_filled'],
    'a fill was taken back; what is left decides which',
  ),
};

const held: Row = {
  ...accepted,
  resized: resizes('held'),
  reported_accepted: to('accepted', 'its parent filled'),
  reported_held: repeated('already held'),
};

const backToWork = toEither(
  ['accepted', 'partially_filled'],
  'the broker keeps it working; fills decide which',
);

const pendingCancel: Row = {
  ...accepted,
  replace_began: notReplaceable,
  resized: resizes('pending_cancel'),
  reported_accepted: repeated('reads lag writes; the cancel stays pending until it is answered'),
  reported_held: older,
  reported_pending_cancel: repeated('already pending'),
  reported_pending_replace: repeated('the cancel was asked last'),
  cancel_rejected: backToWork,
  filled_partly: to('pending_cancel', 'it may fill until the broker confirms the cancel'),
  fill_reversed: to('pending_cancel', 'a fill was taken back'),
};

const pendingReplace: Row = {
  ...accepted,
  replace_began: notReplaceable,
  replace_undone: backToWork,
  resized: resizes('pending_replace'),
  reported_accepted: repeated('reads lag writes; the replace stays pending until it is answered'),
  reported_held: older,
  reported_pending_replace: repeated('already pending'),
  replace_rejected: backToWork,
  filled_partly: to('pending_replace', 'it may fill until the broker confirms the replace'),
  fill_reversed: to('pending_replace', 'a fill was taken back'),
};

/** Rows that every end state shares. What differs is spelled out in each. */
const closed: Row = {
  ...neverReplaced,
  send_began: alreadySent,
  not_sent: answered,
  answer_unknown: knownAnyway,
  denied: sentBefore,
  refused: answered,
  reported_accepted: older,
  reported_held: older,
  reported_pending_cancel: older,
  reported_pending_replace: older,
  cancel_rejected: repeated('the order ended, so there was nothing left to cancel'),
  replace_rejected: repeated('the order ended, so there was nothing left to replace'),
  filled_partly: overfill,
  filled_completely: overfill,
  fill_reversed: nothingFilled,
  reopened: toEither(
    ['accepted', 'partially_filled'],
    'the broker works an order that it had ended: its books win',
  ),
  resized: nothingToResize,
  reported_canceled: older,
  reported_expired: older,
  reported_replaced: older,
  reported_rejected: older,
  abandoned: notOurs,
};

const filled: Row = {
  ...closed,
  filled_partly: to('filled', filledAgain),
  filled_completely: to('filled', filledAgain),
  fill_reversed: to('filled', takenBack),
};

const canceled: Row = {
  ...closed,
  filled_partly: to('canceled', lateFill),
  filled_completely: to('filled', lateFill),
  fill_reversed: to('canceled', takenBack),
  reported_canceled: repeated('already canceled'),
};

const expired: Row = {
  ...closed,
  filled_partly: to('expired', lateFill),
  filled_completely: to('filled', lateFill),
  fill_reversed: to('expired', takenBack),
  reported_expired: repeated('already expired'),
};

const replaced: Row = {
  ...closed,
  filled_partly: to('replaced', lateFill),
  filled_completely: to('filled', lateFill),
  fill_reversed: to('replaced', takenBack),
  reported_replaced: repeated('already replaced'),
};

const refused: Row = {
  ...reportsReopen('the broker works an order that it had refused: its books win'),
  ...neverReplaced,
  resized: nothingToResize,
  reported_rejected: repeated('already refused'),
  send_began: impossible('a refused order is never sent again; a new wish has a new id'),
  not_sent: answered,
  answer_unknown: knownAnyway,
  denied: sentBefore,
  refused: repeated('already refused'),
  fill_reversed: to('refused', takenBack),
  reopened: neverHeld,
  abandoned: notOurs,
};

const denied: Row = {
  ...reportsReopen(fromOlderBooks),
  ...neverReplaced,
  resized: nothingToResize,
  send_began: impossible('a denied order is never sent'),
  not_sent: neverSent,
  answer_unknown: neverSent,
  denied: repeated('already denied'),
  refused: neverSent,
  fill_reversed: nothingFilled,
  reopened: neverHeld,
  abandoned: notOurs,
};

const abandoned: Row = {
  ...reportsReopen('evidence turned up after all'),
  ...neverReplaced,
  resized: nothingToResize,
  send_began: impossible('an abandoned order is never sent again; a new wish has a new id'),
  not_sent: answered,
  answer_unknown: repeated('an attempt nobody can prove anything about, again'),
  denied: sentBefore,
  refused: impossible('a refusal answers a send, and none is under way'),
  fill_reversed: nothingFilled,
  reopened: neverHeld,
  abandoned: repeated('already abandoned'),
};

/**
 * Every pair of state and event, decided. The diagram and the table in `docs/` are generated from
 * it.
 */
export const TRANSITIONS: Readonly<Record<OrderState, Row>> = {
  created,
  submitting,
  unknown,
  accepted,
  partially_filled: partiallyFilled,
  held,
  pending_cancel: pendingCancel,
  pending_replace: pendingReplace,
  filled,
  canceled,
  expired,
  replaced,
  refused,
  denied,
  abandoned,
};

/** All pairs with what happens, in table order: for documents and for exhaustive tests. */
export function allTransitions(): readonly {
  readonly state: OrderState;
  readonly event: TransitionEvent;
  readonly transition: Transition;
}[] {
  return ORDER_STATES.flatMap((state) =>
    TRANSITION_EVENTS.map((event) => ({ state, event, transition: TRANSITIONS[state][event] })),
  );
}
