import { describe, expect, it } from 'vitest';
import type { OrderClass, OrderState, Side } from '../../../../domain/order/index.js';
import { type OpenOrder, worstRemainders } from '../../../../domain/risk/index.js';
import { wholeUnits } from '../../../../domain/values/index.js';
import { idOf, intentOf, orderIn } from '../order/order-fixture.js';

interface Described {
  readonly id: string;
  readonly units: number;
  readonly side?: Side;
  readonly parent?: string;
  readonly orderClass?: OrderClass;
  readonly state?: OrderState;
}

function openOrder({ id, units, side, parent, orderClass, state }: Described): OpenOrder {
  const order = orderIn(state ?? 'accepted', 0);
  const intent = intentOf({
    clientOrderId: idOf(id),
    side: side ?? 'sell',
    orderClass: orderClass ?? 'simple',
  });
  return {
    order: { ...order, intent, orderedQuantity: wholeUnits(units) },
    parent: parent ?? null,
  };
}

function remaindersOf(...orders: readonly Described[]): readonly string[] {
  return worstRemainders(orders.map(openOrder)).map(
    ({ side, remaining }) => `${side} ${remaining / wholeUnits(1)}`,
  );
}

const entry = { id: 'b', units: 100, side: 'buy', orderClass: 'bracket' } as const;
const profit = { id: 'p', units: 100, parent: 'b', orderClass: 'bracket' } as const;
const stop = { ...profit, id: 's', state: 'held' } as const;

describe('worstRemainders', () => {
  it('orders that stand alone → each counts', () => {
    expect(remaindersOf({ id: 'x', units: 10 }, { id: 'y', units: 5 })).toEqual([
      'sell 10',
      'sell 5',
    ]);
  });

  it('an entry that may still fill → its exits count nothing', () => {
    expect(remaindersOf(entry, profit, stop)).toEqual(['buy 100']);
    expect(remaindersOf({ ...entry, state: 'unknown' }, profit)).toEqual(['buy 100']);
  });

  it('an entry at its end → its exits count once, by the larger', () => {
    expect(remaindersOf(profit, { ...stop, units: 60 })).toEqual(['sell 100']);
    expect(remaindersOf(stop)).toEqual(['sell 100']);
  });

  it('the exits of two groups → each group counts', () => {
    const other = { ...profit, id: 'q', parent: 'c', units: 30 };
    expect(remaindersOf(profit, stop, other)).toEqual(['sell 100', 'sell 30']);
  });

  it('an oco → its own order and its leg count once', () => {
    const oco = { id: 'o', units: 50, orderClass: 'oco' } as const;
    expect(remaindersOf(oco, { ...oco, id: 'leg', parent: 'o' })).toEqual(['sell 50']);
  });

  it('an order and its replacement → both count', () => {
    expect(remaindersOf({ id: 'x', units: 10 }, { id: 'x.r1', units: 12 })).toEqual(['sell 22']);
  });

  it('an exit, its replacement and the other exit → the pair, once', () => {
    expect(remaindersOf(profit, stop, { ...stop, id: 's.r1' })).toEqual(['sell 200']);
  });

  it('the exits of an entry that was replaced → wait for what took its place', () => {
    expect(remaindersOf({ ...entry, id: 'b.r1' }, profit, stop)).toEqual(['buy 100']);
  });
});
