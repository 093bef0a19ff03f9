import { describe, expect, it } from 'vitest';
import {
  applyTurnEvent,
  bareSinceOf,
  isTurnOver,
  TURN_EVENTS,
  TURN_STATES,
  TURN_TRANSITIONS,
  type TurnState,
} from '../../../../domain/turn/index.js';
import { epochMs } from '../../../../domain/values/index.js';
import { at, idOf } from '../order/order-fixture.js';
import { EVENTS, moved, plannedTurn, STOP_ID, turnIn, WALL_MS } from './turn-fixture.js';

/** Every pair, as one would draw it: where an event leads, `=` for repeated, `-` for impossible. */
const TABLE: Readonly<Record<TurnState, readonly string[]>> = {
  planned: ['canceling', '-', 'closing', 'opening', '-', '-', 'closed_only', 'kept', '-'],
  canceling: [
    ...['canceling', 'canceling', 'closing', 'opening', 'covering'],
    ...['-', 'closed_only', 'kept', 'uncovered'],
  ],
  closing: [
    ...['-', 'closing', 'closing', 'opening', 'covering'],
    ...['-', 'closed_only', 'kept', 'uncovered'],
  ],
  covering: ['-', 'covering', '-', '-', '=', '-', 'closed_only', 'kept', 'uncovered'],
  opening: ['-', '-', '-', '=', '-', 'turned', 'closed_only', '-', '-'],
  turned: ['-', '-', '-', '-', '-', '=', '-', '-', '-'],
  closed_only: ['-', '-', '-', '-', '-', '-', '=', '-', '-'],
  kept: ['-', '-', '-', '-', '-', '-', '-', '=', '-'],
  uncovered: ['-', '-', '-', '-', '-', '-', '-', '-', '='],
};

const pairs = TURN_STATES.flatMap((state) =>
  TURN_EVENTS.map((kind, index) => [state, kind, TABLE[state][index] ?? 'missing'] as const),
);

describe('applyTurnEvent', () => {
  it.each(pairs)('%s, %s → %s', (state, kind, expected) => {
    const turn = turnIn(state);
    const applied = applyTurnEvent(turn, EVENTS[kind], at(61));
    const found =
      applied.outcome === 'moved'
        ? applied.turn.progress.state
        : applied.outcome === 'repeated'
          ? '='
          : '-';
    expect(found).toBe(expected);
    if (applied.outcome !== 'moved') return expect(applied.why).not.toBe('');
    expect(applied.turn).toMatchObject({ version: turn.version + 1, updatedAtMs: at(61) });
    expect(applied.turn.plan).toBe(turn.plan);
  });

  it('the table decides every pair', () => {
    const decided = TURN_STATES.flatMap((state) => Object.keys(TURN_TRANSITIONS[state]));
    expect(decided).toHaveLength(TURN_STATES.length * TURN_EVENTS.length);
  });

  it('only states from which nothing leads on are over', () => {
    const over = TURN_STATES.filter((state) => isTurnOver(turnIn(state)));
    const ends = TURN_STATES.filter((state) =>
      Object.values(TURN_TRANSITIONS[state]).every(({ outcome }) => outcome !== 'moved'),
    );
    expect(over).toEqual(ends);
  });

  it('a second order in the way → both are removed, the gap began with the first', () => {
    const twice = moved(moved(plannedTurn(), EVENTS.cancel_began), {
      kind: 'cancel_began',
      removed: [STOP_ID, idOf('b')],
      bareSinceWallMs: epochMs(WALL_MS + 99),
    });
    expect(twice.progress).toMatchObject({ removed: [STOP_ID, 'b'], bareSinceWallMs: WALL_MS });
  });

  it('the same attempt again → repeated; a told gap → no state is entered', () => {
    const closing = turnIn('closing');
    expect(applyTurnEvent(closing, { ...EVENTS.exit_began, attempt: 1 }, at(61))).toEqual({
      outcome: 'repeated',
      why: expect.any(String),
    });
    const told = moved(closing, EVENTS.gap_told);
    expect(told.history).toEqual(closing.history);
    expect(told.progress).toMatchObject({ attempt: 1, alertedAtWallMs: WALL_MS + 1 });
  });

  it('closed, kept → the gap is over; uncovered → it stays', () => {
    const closing = turnIn('closing');
    expect(bareSinceOf(closing)).toBe(WALL_MS);
    expect(bareSinceOf(moved(closing, EVENTS.entry_began))).toBeNull();
    expect(bareSinceOf(moved(closing, EVENTS.position_kept))).toBeNull();
    expect(bareSinceOf(moved(closing, EVENTS.left_bare))).toBe(WALL_MS);
  });
});
