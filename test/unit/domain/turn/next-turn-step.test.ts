import { describe, expect, it } from 'vitest';
import { createOrder, type Order } from '../../../../domain/order/index.js';
import {
  EXIT_AGAIN_MS,
  nextTurnStep,
  type Turn,
  type TurnFacts,
  type TurnStep,
} from '../../../../domain/turn/index.js';
import { epochMs, wholeUnits } from '../../../../domain/values/index.js';
import { at, intentOf } from '../order/order-fixture.js';
import {
  byId,
  canceled,
  denied,
  EXIT_ID,
  expired,
  factsOf,
  filled,
  orderIn,
  pending,
  plannedTurn,
  refused,
  stopOrder,
  turnIn,
  WALL_MS,
  working,
} from './turn-fixture.js';

const stop = stopOrder();
const entry = createOrder(plannedTurn().plan.entry, at(60));
const exit = createOrder(
  { ...plannedTurn().plan.entry, clientOrderId: EXIT_ID, quantity: wholeUnits(7) },
  at(60),
);
const otherStop = stopOrder({ clientOrderId: intentOf().clientOrderId });
const unanswered = {
  state: 'submitting',
  sendDeadlineAtMs: at(62),
  earlierSendAtMs: null,
} as const;
const FLAT = wholeUnits(0);
const SHORT = -wholeUnits(3);
const isLate = { nowAtMs: at(60 + 181) } as const;
const GAP_OVER = { nowAtWallMs: epochMs(WALL_MS + 30_001) } as const;
const putBack = { gap: { msMax: 30_000, policy: 'put-back' } } as const;

const ENTERS = 'entry_began, turn-entry sell 103';
const HOLDS = 'hold: stream down';
const EXPIRED_BACK = 'cover_began intent_expired, turn-keep1 sell 7';
const HALTED_BACK = 'cover_began halted, turn-keep1 sell 7';

/** What comes next, in a few words. */
function told(step: TurnStep): string {
  switch (step.kind) {
    case 'move': {
      const code = 'reason' in step.event ? ` ${step.event.reason.code}` : '';
      const legs = step.asks.map(({ leg, side, quantity }) => `${leg} ${side} ${quantity / 1e9}`);
      return [`${step.event.kind}${code}`, ...legs].join(', ');
    }
    case 'cancel':
      return `cancel ${step.clientOrderIds.length}`;
    case 'wait':
      return `wait ${step.for}`;
    case 'hold':
      return `hold: ${step.reason}`;
    case 'over':
      return 'over';
  }
}

type Case = readonly [name: string, facts: Partial<TurnFacts>, expected: string];

function steps(turn: Turn, cases: readonly Case[]): void {
  it.each(cases)('%s', (_name, change, expected) => {
    expect(told(nextTurnStep(turn, factsOf(change)))).toBe(expected);
  });
}

describe('planned', () => {
  steps(turnIn('planned'), [
    ['nothing in the way → the exit', {}, 'exit_began, turn-exit sell 7'],
    ['a stop in the way → it goes first', { inTheWay: [stop] }, 'cancel_began'],
    ['nothing held → the entry', { position: FLAT }, 'entry_began, turn-entry sell 103'],
    ['turned by something else → no entry', { position: SHORT }, 'entry_dropped already_turned'],
    ['halted → nothing is touched', { haltMode: 'halted' }, 'position_kept halted'],
    ['halted, nothing held → risk judges', { haltMode: 'halted', position: FLAT }, ENTERS],
    [
      'too old → nothing is touched',
      { ...isLate, inTheWay: [stop] },
      'position_kept intent_expired',
    ],
    ['reduce-only → the exit goes on', { haltMode: 'reduce_only' }, 'exit_began, turn-exit sell 7'],
    ['the gate is closed → holds', { gateHold: 'stream down', inTheWay: [stop] }, HOLDS],
  ]);

  it('what is in the way protects → the gap begins; an entry in the way → there is none', () => {
    const begun = (order: Order): unknown => {
      const step = nextTurnStep(turnIn('planned'), factsOf({ inTheWay: [order] }));
      return step.kind === 'move' && 'bareSinceWallMs' in step.event
        ? step.event.bareSinceWallMs
        : step.kind;
    };
    expect(begun(stop)).toBe(WALL_MS + 10);
    expect(begun(stopOrder({ purpose: 'entry', side: 'buy' }))).toBeNull();
  });
});

describe('canceling', () => {
  const ended = byId(orderIn(stop, canceled));
  steps(turnIn('canceling'), [
    ['still working → asked', { orders: byId(orderIn(stop, working)) }, 'cancel 1'],
    ['asked, not confirmed → waits', { orders: byId(orderIn(stop, pending)) }, 'wait answer'],
    ['perhaps sent → asked', { orders: byId(orderIn(stop, unanswered)) }, 'cancel 1'],
    ['another one shows up → goes too', { inTheWay: [otherStop], orders: ended }, 'cancel_began'],
    ['confirmed → the exit', { orders: ended }, 'exit_began, turn-exit sell 7'],
    [
      'it filled a part → the exit of the rest',
      { orders: byId(orderIn(stop, canceled, 3)), position: wholeUnits(4) },
      'exit_began, turn-exit sell 4',
    ],
    [
      'it filled instead → no exit, the entry',
      { orders: byId(orderIn(stop, filled, 7)), position: FLAT },
      'entry_began, turn-entry sell 103',
    ],
    [
      'turned by something else',
      { orders: ended, position: SHORT },
      'entry_dropped already_turned',
    ],
    [
      'halted meanwhile → back',
      { orders: ended, haltMode: 'halted' },
      'cover_began halted, turn-keep1 sell 7',
    ],
    ['too old meanwhile → back', { orders: ended, ...isLate }, EXPIRED_BACK],
    ['the gate has closed → holds', { orders: ended, gateHold: 'stream down' }, HOLDS],
    ['bare for too long → told', { orders: byId(orderIn(stop, pending)), ...GAP_OVER }, 'gap_told'],
  ]);

  it('nothing that was removed protects → given up without putting anything back', () => {
    const turn = turnIn('canceling', { bareSinceWallMs: null });
    const facts = factsOf({ orders: ended, haltMode: 'halted' });
    expect(told(nextTurnStep(turn, facts))).toBe('position_kept halted');
  });
});

describe('closing', () => {
  const closing = turnIn('closing');
  const of = (order: Order, change: Partial<TurnFacts> = {}): Partial<TurnFacts> => ({
    orders: byId(order, orderIn(stop, canceled)),
    ...change,
  });
  const later = { nowAtWallMs: epochMs(WALL_MS + EXIT_AGAIN_MS) };
  steps(closing, [
    ['not in the books yet', {}, 'wait answer'],
    ['not answered', of(orderIn(exit, unanswered)), 'wait answer'],
    ['works → the market', of(orderIn(exit, working)), 'wait market'],
    ['filled → the entry', of(orderIn(exit, filled, 7), { position: FLAT }), ENTERS],
    [
      'a part of it, then canceled → another for the rest',
      of(orderIn(exit, canceled, 3), { position: wholeUnits(4) }),
      'exit_began, turn-exit2 sell 4',
    ],
    [
      'filled, and somebody bought → another',
      of(orderIn(exit, filled, 7)),
      'exit_began, turn-exit2 sell 7',
    ],
    ['refused a moment ago → waits', of(orderIn(exit, refused)), 'wait answer'],
    [
      'refused, a second ago → another',
      of(orderIn(exit, refused), later),
      'exit_began, turn-exit2 sell 7',
    ],
    ['denied → back', of(orderIn(exit, denied)), 'cover_began reduce_only, turn-keep1 sell 7'],
    [
      'the market closed → back',
      of(orderIn(exit, expired)),
      'cover_began order_expired, turn-keep1 sell 7',
    ],
    ['canceled by a halt → back', of(orderIn(exit, canceled), { haltMode: 'halted' }), HALTED_BACK],
    [
      'turned by something else',
      of(orderIn(exit, filled, 7), { position: SHORT }),
      'entry_dropped already_turned',
    ],
    [
      'canceled, the gate closed → holds',
      of(orderIn(exit, canceled), { gateHold: 'stream down' }),
      HOLDS,
    ],
    [
      'bare for too long → told, by either policy',
      of(orderIn(exit, working), GAP_OVER),
      'gap_told',
    ],
  ]);

  describe('after a person was told of the gap', () => {
    const told3 = turnIn('closing', { alertedAtWallMs: epochMs(WALL_MS) });
    const over = { ...GAP_OVER, ...putBack };
    steps(told3, [
      [
        'alert: an exit that works is left alone',
        of(orderIn(exit, working), GAP_OVER),
        'wait market',
      ],
      ['put-back: it is taken back', of(orderIn(exit, working), over), 'cancel 1'],
      ['put-back: asked already', of(orderIn(exit, pending), over), 'wait answer'],
      [
        'put-back: ended → back',
        of(orderIn(exit, canceled), over),
        'cover_began gap_too_long, turn-keep1 sell 7',
      ],
      [
        'put-back: filled after all',
        of(orderIn(exit, filled, 7), { ...over, position: FLAT }),
        ENTERS,
      ],
    ]);
  });

  describe('after the last attempt', () => {
    steps(turnIn('closing', { attempt: 3 }), [
      [
        'canceled → back',
        of(orderIn(exit, canceled)),
        'cover_began order_canceled, turn-keep1 sell 7',
      ],
      [
        'refused → back',
        of(orderIn(exit, refused), later),
        'cover_began 40310000, turn-keep1 sell 7',
      ],
    ]);
  });
});

describe('covering', () => {
  const cover = stopOrder({ clientOrderId: intentOf().clientOrderId });
  const covers = [{ clientOrderId: cover.intent.clientOrderId, quantity: wholeUnits(7) }];
  steps(turnIn('covering', { covers }), [
    ['not in the books yet', {}, 'wait answer'],
    ['perhaps sent', { orders: byId(orderIn(cover, unanswered)) }, 'wait answer'],
    ['the broker has it → kept', { orders: byId(orderIn(cover, working)) }, 'position_kept halted'],
    ['denied → told', { orders: byId(orderIn(cover, denied)) }, 'left_bare halted'],
    [
      'less than is held → told',
      { orders: byId(orderIn(cover, working)), position: wholeUnits(8) },
      'left_bare halted',
    ],
    [
      'it filled → closed only',
      { orders: byId(orderIn(cover, filled, 7)), position: FLAT },
      'entry_dropped halted',
    ],
    ['bare for too long → told', GAP_OVER, 'gap_told'],
  ]);

  it('nothing could be put back → told at once', () => {
    expect(told(nextTurnStep(turnIn('covering'), factsOf()))).toBe('left_bare halted');
  });
});

describe('opening', () => {
  steps(turnIn('opening'), [
    ['not in the books yet', { position: FLAT }, 'wait answer'],
    ['works → the market', { orders: byId(orderIn(entry, working)) }, 'wait market'],
    ['filled', { orders: byId(orderIn(entry, filled, 103)) }, 'entry_filled'],
    ['a part of it, then canceled', { orders: byId(orderIn(entry, canceled, 3)) }, 'entry_filled'],
    ['risk says no', { orders: byId(orderIn(entry, denied)) }, 'entry_dropped reduce_only'],
    ['expired', { orders: byId(orderIn(entry, expired)) }, 'entry_dropped order_expired'],
  ]);
});

describe('ends', () => {
  it.each(['turned', 'closed_only', 'kept', 'uncovered'] as const)('%s → over', (state) => {
    expect(nextTurnStep(turnIn(state), factsOf())).toEqual({ kind: 'over' });
  });
});
