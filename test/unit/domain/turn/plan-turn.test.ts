import { describe, expect, it } from 'vitest';
import type { TurnSignal } from '../../../../domain/signal/index.js';
import {
  coverIntent,
  coversOf,
  exitIntent,
  exitOf,
  isTurnLeg,
  planTurn,
  TURN_VALID_MS,
} from '../../../../domain/turn/index.js';
import { price, wholeUnits, wholeUsd } from '../../../../domain/values/index.js';
import { at, idOf } from '../order/order-fixture.js';
import {
  canceled,
  filled,
  orderIn,
  planContext,
  plannedTurn,
  stopOrder,
  turnSignal,
  working,
} from './turn-fixture.js';

describe('planTurn', () => {
  it('an equal decision → the equal plan, with the ids of all that it will send', () => {
    const turn = planTurn({ ...turnSignal }, { ...planContext });
    expect(turn).toEqual(plannedTurn());
    const { plan } = plannedTurn();
    const exits = [1, 2].map((attempt) => exitOf(plan, attempt, wholeUnits(7)).clientOrderId);
    const ids = [plan.turnId, plan.entry.clientOrderId, ...exits];
    const prefix = plan.turnId.slice(0, -'turn'.length);
    expect(ids.map((id) => id.slice(prefix.length))).toEqual([
      'turn',
      'turn-entry',
      'turn-exit',
      'turn-exit2',
    ]);
  });

  it('the longest names → every id fits', () => {
    const signal: TurnSignal = { ...turnSignal, symbol: 'ABC.PRA', leg: 'turn' };
    const plan = planTurn(signal, planContext)?.plan;
    expect(plan?.entry.clientOrderId.length).toBeLessThanOrEqual(48);
    expect(plan && exitOf(plan, 3, wholeUnits(1)).clientOrderId.length).toBeLessThanOrEqual(48);
  });

  it('its entry → complete, kept as decided, valid for three minutes of market time', () => {
    const { entry, fromSide } = plannedTurn().plan;
    expect(fromSide).toBe('long');
    expect(entry).toMatchObject({ side: 'sell', purpose: 'entry', quantity: wholeUnits(103) });
    expect(entry.validUntilMs).toBe(at(60) + TURN_VALID_MS);
  });

  it.each<[string, Partial<TurnSignal>, 'long' | 'short' | 'flat', boolean]>([
    ['held on the old side', {}, 'long', true],
    ['nothing held', {}, 'flat', true],
    ['held on the wanted side already', {}, 'short', false],
    ['a size that comes to nothing', { size: { notionalUsd: wholeUsd(1) } }, 'long', false],
    ['the other way', { side: 'buy' }, 'short', true],
  ])('%s', (_name, change, side, isPlanned) => {
    const position = { side, quantity: wholeUnits(side === 'flat' ? 0 : 7) };
    const turn = planTurn({ ...turnSignal, ...change }, { ...planContext, position });
    expect(turn !== null).toBe(isPlanned);
  });

  it('a leg that is too long for what follows it → our own mistake', () => {
    expect(isTurnLeg('abcd')).toBe(true);
    expect(isTurnLeg('abcde')).toBe(false);
    expect(() => planTurn({ ...turnSignal, leg: 'abcde' }, planContext)).toThrow('leg of a turn');
  });
});

describe('orders of a turn', () => {
  const { plan } = plannedTurn();

  it('an exit → a market order for what is held, valid from now on', () => {
    const exit = exitOf(plan, 2, wholeUnits(5));
    expect(exitIntent(plan, { number: 2, exit }, at(200))).toMatchObject({
      leg: 'turn-exit2',
      side: 'sell',
      quantity: wholeUnits(5),
      type: 'market',
      purpose: 'exit',
      validUntilMs: at(320),
      decidedAtMs: at(60),
    });
  });

  it('put back → stops first, never more than is held, what is left of each', () => {
    const stop = orderIn(stopOrder(), canceled, 2);
    const target = orderIn(
      stopOrder({
        clientOrderId: idOf('target'),
        type: 'limit',
        stopPrice: null,
        limitPrice: price(150_000_000_000),
      }),
      canceled,
    );
    const covers = coversOf(plan, [target, stop], wholeUnits(6));
    expect(covers.map((one) => [one.clientOrderId.slice(-5), one.quantity])).toEqual([
      ['keep1', wholeUnits(5)],
      ['keep2', wholeUnits(1)],
    ]);
    const [first] = covers;
    expect(first && coverIntent(plan, { ...first, number: 1 }, at(90))).toMatchObject({
      leg: 'turn-keep1',
      type: 'stop',
      stopPrice: price(140_000_000_000),
      quantity: wholeUnits(5),
      validUntilMs: at(210),
    });
  });

  it.each([
    ['filled', orderIn(stopOrder(), filled, 7)],
    ['still open', orderIn(stopOrder(), working)],
    ['an entry', orderIn(stopOrder({ purpose: 'entry', side: 'buy' }), canceled)],
  ])('%s → nothing is put back for it', (_name, order) => {
    expect(coversOf(plan, [order], wholeUnits(7))).toEqual([]);
  });
});
