import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyOrderEvent,
  missingIntervals,
  type Order,
  type OrderEvent,
  type OrderState,
  relateIntervals,
  TRANSITION_EVENTS,
} from '../../../../domain/order/index.js';
import { wholeUnits } from '../../../../domain/values/index.js';
import {
  after,
  at,
  BROKER_ORDER_ID,
  eventOf,
  filledEvent,
  newOrder,
  ORDERED_UNITS,
  orderIn,
} from './order-fixture.js';

const sendBegan: OrderEvent = { kind: 'send_began', sendDeadlineAtMs: at(1) };
const answerUnknown: OrderEvent = { kind: 'answer_unknown', lastPossibleSendAtMs: at(2) };
const refusal: OrderEvent = { kind: 'refused', code: '40310000', message: 'no buying power' };

function reported(kind: Extract<OrderEvent, { brokerOrderId: string }>['kind']): OrderEvent {
  if (kind === 'filled') return filledEvent(0, 1);
  if (kind === 'fill_reversed') return eventOf(kind, orderIn('filled'));
  if (kind === 'resized') return { kind, brokerOrderId: BROKER_ORDER_ID, quantity: wholeUnits(60) };
  return { kind, brokerOrderId: BROKER_ORDER_ID };
}

describe('applyOrderEvent: the races of an order', () => {
  it.each<[string, readonly OrderEvent[], OrderState, number]>([
    ['sent and accepted', [sendBegan, reported('reported_accepted')], 'accepted', 0],
    ['filled before the answer', [sendBegan, filledEvent(0, 100)], 'filled', 100],
    ['half before the answer', [sendBegan, filledEvent(0, 50)], 'partially_filled', 50],
    [
      'filled in two pieces, the later one first',
      [sendBegan, filledEvent(60, 100), filledEvent(0, 60)],
      'filled',
      100,
    ],
    [
      'found filling while it was unknown',
      [sendBegan, answerUnknown, filledEvent(0, 40)],
      'partially_filled',
      40,
    ],
    [
      'a late fill after the cancel',
      [sendBegan, reported('reported_canceled'), filledEvent(0, 40)],
      'canceled',
      40,
    ],
    [
      'late fills that fill all of it after the cancel',
      [sendBegan, reported('reported_canceled'), filledEvent(0, 40), filledEvent(40, 100)],
      'filled',
      100,
    ],
    [
      'a fill while the cancel is pending',
      [sendBegan, reported('reported_pending_cancel'), filledEvent(0, 40)],
      'pending_cancel',
      40,
    ],
    [
      'the cancel is rejected after a fill',
      [
        sendBegan,
        reported('reported_pending_cancel'),
        filledEvent(0, 40),
        reported('cancel_rejected'),
      ],
      'partially_filled',
      40,
    ],
    [
      'the cancel is rejected before any fill',
      [sendBegan, reported('reported_pending_cancel'), reported('cancel_rejected')],
      'accepted',
      0,
    ],
    ['never left us', [sendBegan, { kind: 'not_sent' }], 'created', 0],
    ['refused at once', [sendBegan, refusal], 'refused', 0],
    ['rejected after it was taken', [sendBegan, reported('reported_rejected')], 'refused', 0],
  ])('%s', (_name, events, state, filledUnits) => {
    const order = after(newOrder(), ...events);
    expect(order.progress.state).toBe(state);
    expect(order.filledQuantity).toBe(wholeUnits(filledUnits));
    expect(order.version).toBe(1 + events.length);
  });

  it.each<[string, OrderEvent]>([
    ['refused', refusal],
    ['not sent', { kind: 'not_sent' }],
  ])('a repeat is %s while the first attempt is unknown → stays unknown', (_name, answer) => {
    const order = after(newOrder(), sendBegan, answerUnknown, sendBegan, answer);
    expect(order.progress).toEqual({ state: 'unknown', lastPossibleSendAtMs: at(2) });
    expect(order.attempts).toBe(2);
  });

  it('the first attempt was proven unsent → a refused repeat is a refusal', () => {
    const order = after(newOrder(), sendBegan, { kind: 'not_sent' }, sendBegan, refusal);
    expect(order.progress.state).toBe('refused');
  });

  it('rejected by the broker → an earlier report does not bring it back, a fill does', () => {
    const rejected = after(newOrder(), sendBegan, reported('reported_rejected'));
    const late = applyOrderEvent(rejected, reported('reported_accepted'), at(20));
    expect(late.outcome).toBe('repeated');
    expect(after(rejected, filledEvent(0, 40)).progress.state).toBe('partially_filled');
  });

  it('refused in the answer, and yet at work at the broker → the broker wins', () => {
    const order = after(newOrder(), sendBegan, refusal, reported('reported_accepted'));
    expect(order.progress).toEqual({ state: 'accepted', brokerOrderId: BROKER_ORDER_ID });
  });

  it.each([
    [101, 100],
    [150, 40],
  ])('a fill up to %i of 100 → impossible', (upTo, from) => {
    const order = from === 100 ? orderIn('filled') : orderIn('partially_filled');
    const applied = applyOrderEvent(order, filledEvent(from, upTo), at(20));
    expect(applied).toEqual({
      outcome: 'impossible',
      why: 'more was filled than was ordered',
    });
  });

  it('an interval that lies beyond the order, with room left → impossible', () => {
    const applied = applyOrderEvent(orderIn('accepted'), filledEvent(95, 105), at(20));
    expect(applied.outcome).toBe('impossible');
  });
});

const anyEvent = fc.record({
  column: fc.constantFrom(...TRANSITION_EVENTS),
  from: fc.integer({ min: 0, max: ORDERED_UNITS + 5 }),
  units: fc.integer({ min: 1, max: 40 }),
});

function toEvent(order: Order, drawn: typeof anyEvent extends fc.Arbitrary<infer D> ? D : never) {
  const isFill = drawn.column === 'filled_partly' || drawn.column === 'filled_completely';
  return isFill ? filledEvent(drawn.from, drawn.from + drawn.units) : eventOf(drawn.column, order);
}

describe('applyOrderEvent: any sequence of events', () => {
  it('fills shrink only by reversals, never exceed the order; the version counts the moves', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (drawn) => {
        let order = newOrder();
        for (const one of drawn) {
          const applied = applyOrderEvent(order, toEvent(order, one), at(30));
          if (applied.outcome !== 'moved') continue;
          const isReversal = one.column === 'fill_reversed';
          const [less, more] = isReversal ? [applied.order, order] : [order, applied.order];
          expect(more.filledQuantity).toBeGreaterThanOrEqual(less.filledQuantity);
          expect(more.filledNotional).toBeGreaterThanOrEqual(less.filledNotional);
          expect(applied.order.filledQuantity).toBeLessThanOrEqual(applied.order.orderedQuantity);
          expect(applied.order.filledNotional).toBeGreaterThanOrEqual(0);
          expect(applied.order.version).toBe(order.version + 1);
          const isComplete = applied.order.filledQuantity === applied.order.orderedQuantity;
          const { state } = applied.order.progress;
          expect(isComplete ? state : 'any').toBe(isComplete ? 'filled' : 'any');
          order = applied.order;
        }
      }),
      { numRuns: 500 },
    );
  });
});

const interval = fc
  .tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 20 }))
  .map(([from, units]) => ({
    cumulativeBefore: wholeUnits(from),
    cumulativeAfter: wholeUnits(from + units),
  }));

/** The whole units that an interval covers. */
function unitsOf(one: { cumulativeBefore: number; cumulativeAfter: number }): readonly number[] {
  const unit = wholeUnits(1);
  const first = one.cumulativeBefore / unit;
  const length = (one.cumulativeAfter - one.cumulativeBefore) / unit;
  return Array.from({ length }, (_, index) => first + index);
}

describe('fill intervals', () => {
  it('relateIntervals: any two → as the units they cover tell', () => {
    fc.assert(
      fc.property(interval, interval, (held, evidence) => {
        const covered = new Set(unitsOf(held));
        const told = unitsOf(evidence);
        const common = told.filter((unit) => covered.has(unit)).length;
        const expected = common === 0 ? 'apart' : common === told.length ? 'inside' : 'overlapping';
        expect(relateIntervals(held, evidence)).toBe(expected);
      }),
    );
  });

  it.each([
    [0, 40, 40, 100],
    [40, 100, 0, 40],
  ])('relateIntervals: (%d, %d] and (%d, %d] only touch → apart', (...cuts) => {
    const [before, after, nextBefore, nextAfter] = cuts.map((cut) => wholeUnits(cut));
    if (nextBefore === undefined || nextAfter === undefined) throw new Error('expected four cuts');
    if (before === undefined || after === undefined) throw new Error('expected four cuts');
    const held = { cumulativeBefore: before, cumulativeAfter: after };
    const evidence = { cumulativeBefore: nextBefore, cumulativeAfter: nextAfter };
    expect(relateIntervals(held, evidence)).toBe('apart');
  });

  it('missingIntervals: with what is held → everything, once, in order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 20 }), (cuts) => {
        const edges = [...cuts].sort((a, b) => a - b);
        const pieces = edges.slice(1).map((edge, index) => ({
          cumulativeBefore: wholeUnits(edges[index] ?? 0),
          cumulativeAfter: wholeUnits(edge),
        }));
        const held = pieces.filter((_piece, index) => index % 2 === 0).reverse();
        const missing = missingIntervals(held, wholeUnits(41));
        const all = [...held, ...missing].flatMap(unitsOf).sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: 41 }, (_, unit) => unit));
        expect(missing.every((one) => one.cumulativeAfter > one.cumulativeBefore)).toBe(true);
      }),
    );
  });

  it('missingIntervals: nothing held, nothing filled → nothing is missing', () => {
    expect(missingIntervals([], wholeUnits(0))).toEqual([]);
  });
});
