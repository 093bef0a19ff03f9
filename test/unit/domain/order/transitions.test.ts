import { describe, expect, it } from 'vitest';
import {
  allTransitions,
  applyOrderEvent,
  CLOSED_STATES,
  IN_FLIGHT_STATES,
  isClosed,
  isInFlight,
  isWorking,
  OPEN_STATES,
  ORDER_STATES,
  type OrderState,
  TRANSITION_EVENTS,
  WORKING_STATES,
} from '../../../../domain/order/index.js';
import { at, eventOf, orderBefore, orderIn } from './order-fixture.js';

/**
 * What every event does in every state, written down a second time: the first three letters of the
 * state it leads to (pca and pre are pending), = for repeated, ! for impossible. The columns are in
 * the order of the table's events, each row on two lines.
 */
const EXPECTED = `
*** sen not     unk beg und     den ref     acc hel pca pre crj
    rrj     fpt fal rev     reo     shr     can exp rep rej aba
cre sub !       !   !   =       den !       acc hel pca pre acc
    acc     par fil !       !       =       can exp rep ref !
sub !   cre/unk unk !   =       !   ref/unk acc hel pca pre acc
    acc     par fil !       !       =       can exp rep ref !
unk sub !       =   !   =       !   !       acc hel pca pre acc
    acc     par fil !       !       =       can exp rep ref aba
acc !   !       =   pre =       !   !       =   hel pca pre =
    =       par fil !       =       acc/fil can exp rep ref !
par !   !       =   pre =       !   !       =   =   pca pre =
    =       par fil acc/par =       par/fil can exp rep ref !
hel !   !       =   pre =       !   !       acc =   pca pre =
    =       par fil !       =       hel/fil can exp rep ref !
pca !   !       =   !   =       !   !       =   =   =   =   acc/par
    =       pca fil pca     =       pca/fil can exp rep ref !
pre !   !       =   !   acc/par !   !       =   =   pca =   =
    acc/par pre fil pre     =       pre/fil can exp rep ref !
fil !   !       =   !   =       !   !       =   =   =   =   =
    =       fil fil fil     acc/par =       =   =   =   =   !
can !   !       =   !   =       !   !       =   =   =   =   =
    =       can fil can     acc/par =       =   =   =   =   !
exp !   !       =   !   =       !   !       =   =   =   =   =
    =       exp fil exp     acc/par =       =   =   =   =   !
rep !   !       =   !   =       !   !       =   =   =   =   =
    =       rep fil rep     acc/par =       =   =   =   =   !
ref !   !       =   !   =       !   =       acc hel pca pre acc
    acc     par fil ref     !       =       can exp rep =   !
den !   !       !   !   =       =   !       acc hel pca pre acc
    acc     par fil !       !       =       can exp rep ref !
aba !   !       =   !   =       !   !       acc hel pca pre acc
    acc     par fil !       !       =       can exp rep ref =
`;

const COLUMNS = TRANSITION_EVENTS.length + 1;
const WORDS = EXPECTED.trim().split(/\s+/);
const CELLS = new Map(
  Array.from({ length: WORDS.length / COLUMNS }, (_, row) => {
    const [state = '', ...cells] = WORDS.slice(row * COLUMNS, (row + 1) * COLUMNS);
    return [state, cells] as const;
  }),
);

function short(state: OrderState): string {
  if (state === 'pending_cancel') return 'pca';
  if (state === 'pending_replace') return 'pre';
  return state.slice(0, 3);
}

describe('transition table', () => {
  it('every pair of state and event → decided, once', () => {
    const pairs = allTransitions().map(({ state, event }) => `${state} ${event}`);
    expect(new Set(pairs).size).toBe(ORDER_STATES.length * TRANSITION_EVENTS.length);
    expect(pairs).toHaveLength(15 * 23);
  });

  it.each(allTransitions())('$state, $event → as written down here', (pair) => {
    const expected = CELLS.get(short(pair.state))?.[TRANSITION_EVENTS.indexOf(pair.event)];
    const { transition } = pair;
    const found =
      transition.outcome === 'moved'
        ? transition.to.map(short).join('/')
        : { repeated: '=', impossible: '!' }[transition.outcome];
    expect(found).toBe(expected);
  });

  it('a fill → never only repeated: evidence of one is booked or somebody is told', () => {
    const fills = allTransitions().filter(({ event }) => event.startsWith('filled_'));
    expect(fills.filter(({ transition }) => transition.outcome === 'repeated')).toEqual([]);
  });

  it('abandoned → reached from unknown only', () => {
    const from = allTransitions().flatMap(({ state, transition }) =>
      transition.outcome === 'moved' && transition.to.includes('abandoned') ? [state] : [],
    );
    expect(from).toEqual(['unknown']);
  });

  it('refused and canceled → never by anything of ours but an answer', () => {
    const events = allTransitions().flatMap(({ event, transition }) => {
      const ends = transition.outcome === 'moved' ? transition.to : [];
      return ends.some((state) => state === 'refused' || state === 'canceled') ? [event] : [];
    });
    expect(new Set(events)).toEqual(
      new Set([
        'refused',
        'reported_rejected',
        'reported_canceled',
        'filled_partly',
        'fill_reversed',
      ]),
    );
  });
});

describe('groups of states', () => {
  it('created, in flight, working and closed → each state in one group', () => {
    const groups = ['created', ...IN_FLIGHT_STATES, ...WORKING_STATES, ...CLOSED_STATES];
    expect(groups).toEqual(expect.arrayContaining([...ORDER_STATES]));
    expect(groups).toHaveLength(ORDER_STATES.length);
    expect([...OPEN_STATES, ...CLOSED_STATES].toSorted()).toEqual(ORDER_STATES.toSorted());
  });

  it.each(ORDER_STATES)('%s → at most one predicate claims it', (state) => {
    const claims = [isInFlight(state), isWorking(state), isClosed(state)].filter(Boolean);
    expect(claims).toHaveLength(state === 'created' ? 0 : 1);
  });
});

describe('applyOrderEvent follows the table', () => {
  it.each(allTransitions())('$state, $event → the outcome of the table', (pair) => {
    const order = orderBefore(pair.state, pair.event);
    const applied = applyOrderEvent(order, eventOf(pair.event, order), at(20));
    expect(applied.outcome).toBe(pair.transition.outcome);
    if (applied.outcome !== 'moved' || pair.transition.outcome !== 'moved') return;
    const moved = applied.order;
    const isFilledAnyway = moved.filledQuantity > 0 && pair.transition.to.includes('accepted');
    const targets = [...pair.transition.to, ...(isFilledAnyway ? ['partially_filled'] : [])];
    expect(targets).toContain(moved.progress.state);
    expect(moved.version).toBe(order.version + 1);
    expect(moved.updatedAtMs).toBe(at(20));
    expect(moved.intent).toBe(order.intent);
    expect(moved.attempts - order.attempts).toBe(pair.event === 'send_began' ? 1 : 0);
  });

  it.each(allTransitions())('$state, $event → the order given is left as it was', (pair) => {
    const order = orderBefore(pair.state, pair.event);
    const before = JSON.stringify(order);
    applyOrderEvent(order, eventOf(pair.event, order), at(20));
    expect(JSON.stringify(order)).toBe(before);
  });

  it.each(ORDER_STATES)('%s, a fill beyond the ordered quantity → impossible', (state) => {
    const order = orderIn(state);
    const beyond = { ...order, orderedQuantity: order.filledQuantity };
    const applied = applyOrderEvent(beyond, eventOf('filled_partly', order), at(20));
    expect(applied.outcome).toBe('impossible');
  });
});
