import { describe, expect, it } from 'vitest';
import type { Handling, OrderChange, PlaceResult } from '../../exchange/matching/index.js';
import { assert, type Price } from '../../domain/values/index.js';
import {
  barOf,
  CLOSE,
  minute,
  NEXT_CLOSE,
  openEngine,
  orderOf,
  placed,
  priceOf,
  quoteOf,
  told,
  unitsOf,
} from './matching-scene.js';

const QUOTE = '99.99/100.01';
const NOTHING: OrderChange = {
  clientOrderId: null,
  quantity: null,
  limitPrice: null,
  stopPrice: null,
  timeInForce: null,
};

function toLimit(text: string): OrderChange {
  return { ...NOTHING, limitPrice: priceOf(text) };
}

function taken(result: PlaceResult): Extract<PlaceResult, { ok: true }> {
  assert(result.ok, `expected to be taken, found ${JSON.stringify(result)}`);
  return result;
}

/** A long bracket of ten shares, filled, with its two legs. */
function bracket(handling: Handling = 'normal') {
  const engine = openEngine({ quote: QUOTE });
  const stopLoss: { stopPrice: Price; limitPrice: null } = {
    stopPrice: priceOf('99'),
    limitPrice: null,
  };
  const request = {
    ...orderOf('buy 10 market day'),
    orderClass: 'bracket' as const,
    takeProfit: priceOf('101'),
    stopLoss,
  };
  const { order } = taken(engine.place(request, minute(0), { handling }));
  const [profit, stop] = engine.book.get(order.id).legIds;
  assert(profit !== undefined && stop !== undefined, 'expected two legs');
  return { engine, entry: order.id, profit, stop };
}

describe('matching: what is pending', () => {
  it('a pending cancel → the order may fill, in part and whole', () => {
    const engine = openEngine({ quote: QUOTE });
    const { id } = placed(engine, 'buy 10 limit 99 gtc');
    engine.cancel(id, minute(1), 'stuck');
    engine.forcePart(id, unitsOf('4'));
    expect(told(engine.onQuote(quoteOf('98.98/99', 2)))).toEqual(['partial_fill 4@99']);
    expect(engine.book.get(id).status).toBe('pending_cancel');
    expect(told(engine.onQuote(quoteOf('98.98/99', 3)))).toEqual(['fill 6@99']);
    expect(engine.release(id, minute(4))).toEqual([]);
    expect(engine.book.get(id).status).toBe('filled');
  });

  it('a cancel rejected after a partial fill → partially filled again', () => {
    const engine = openEngine({ quote: QUOTE });
    const { id } = placed(engine, 'buy 10 limit 99 gtc');
    engine.forcePart(id, unitsOf('4'));
    engine.onQuote(quoteOf('98.98/99', 2));
    taken(engine.cancel(id, minute(3), 'reject'));
    expect(engine.book.get(id).status).toBe('partially_filled');
  });

  it('a pending replacement → released with the original quantity, whatever has filled', () => {
    const engine = openEngine({ quote: QUOTE });
    const { id } = placed(engine, 'buy 10 limit 99 gtc');
    const { order } = taken(
      engine.replace(id, toLimit('98'), { atMs: minute(1), handling: 'stuck' }),
    );
    engine.forcePart(id, unitsOf('4'));
    engine.onQuote(quoteOf('98.98/99', 2));
    expect(told(engine.release(order.id, minute(3)))).toEqual(['replaced', 'new']);
    expect(engine.book.get(order.id)).toMatchObject({ quantity: 10e9, filledQuantity: 0 });
  });

  it('a sale whose replacement is too large by now → rejected at release, old lives', () => {
    const engine = openEngine({ quote: QUOTE });
    placed(engine, 'buy 10 market day');
    const { id } = placed(engine, 'sell 10 limit 101 gtc');
    const { order } = taken(
      engine.replace(id, toLimit('102'), { atMs: minute(1), handling: 'stuck' }),
    );
    engine.forcePart(id, unitsOf('4'));
    engine.onQuote(quoteOf('101/101.02', 2));
    expect(told(engine.release(order.id, minute(3)))).toEqual([
      'order_replace_rejected',
      'rejected',
    ]);
    expect(engine.book.get(id).status).toBe('partially_filled');
  });

  it('the close while a day order’s replacement is pending → expired, and rejected', () => {
    const engine = openEngine({ quote: QUOTE });
    const { id } = placed(engine, 'buy 10 limit 99 day');
    engine.replace(id, toLimit('98'), { atMs: minute(1), handling: 'stuck' });
    expect(told(engine.closeSession(CLOSE, NEXT_CLOSE))).toEqual(['expired', 'rejected']);
    expect(engine.book.open()).toEqual([]);
  });

  it.each([
    ['accepted', 'order_not_replaceable', 'canceled'],
    ['pending_new', 'order_not_replaceable', 'canceled'],
    ['pending_cancel', 'order_not_replaceable', 'canceled'],
    ['pending_replace', 'order_not_replaceable', 'order_not_cancelable'],
    ['filled', 'order_not_open', 'order_not_open'],
    ['canceled', 'order_not_open', 'order_not_open'],
    ['rejected', 'order_not_open', 'order_not_open'],
  ])('%s → a replacement: %s; a cancel: %s', (status, replacement, cancel) => {
    const engine = openEngine({ quote: QUOTE });
    const words = status === 'filled' ? 'buy 10 market day' : 'buy 10 limit 99 gtc';
    if (status === 'accepted') engine.closeSession(CLOSE, NEXT_CLOSE);
    const handlings = { pending_new: 'stuck', rejected: 'reject' } as const;
    const handling = status in handlings ? handlings[status as keyof typeof handlings] : 'normal';
    const { order } = taken(engine.place(orderOf(words), minute(1), { handling }));
    if (status === 'pending_cancel') engine.cancel(order.id, minute(1), 'stuck');
    if (status === 'canceled') engine.cancel(order.id, minute(1));
    if (status === 'pending_replace') {
      engine.replace(order.id, toLimit('98'), { atMs: minute(1), handling: 'stuck' });
    }
    expect(engine.book.get(order.id).status).toBe(status);
    const replaced = engine.replace(order.id, toLimit('97'), { atMs: minute(2) });
    expect(replaced.ok ? 'replaced' : replaced.refusal.code).toBe(replacement);
    const canceled = engine.cancel(order.id, minute(2));
    expect(canceled.ok ? 'canceled' : canceled.refusal.code).toBe(cancel);
  });
});

describe('matching: what is pending in a group', () => {
  it('an entry rejected after the fact → its legs are canceled', () => {
    const { engine } = bracket('reject');
    const statuses = engine.book.all().map(({ status }) => status);
    expect(statuses).toEqual(['rejected', 'canceled', 'canceled']);
  });

  it('a leg’s replacement rejected → the group lives on as it was', () => {
    const { engine, profit, stop } = bracket();
    taken(engine.replace(profit, toLimit('102'), { atMs: minute(1), handling: 'reject' }));
    expect(engine.book.get(profit).status).toBe('new');
    expect(engine.book.get(stop).status).toBe('held');
  });

  it('a held stop whose cancel is rejected → held again', () => {
    const { engine, stop } = bracket();
    taken(engine.cancel(stop, minute(1), 'reject'));
    expect(engine.book.get(stop).status).toBe('held');
  });

  it('a held stop is reached while its cancel is pending → its sibling is canceled first', () => {
    const { engine, stop } = bracket();
    taken(engine.cancel(stop, minute(1), 'stuck'));
    engine.onQuote(quoteOf('98.97/98.99', 2));
    const events = engine.onBar(barOf('99.5 99.6 98.9 98.95', 2));
    expect(told(events)).toEqual(['canceled', 'new', 'fill 10@99']);
    expect(engine.ledger.position('SPY')).toBeNull();
  });

  it('a held stop’s replacement is released → held, with what is left to protect', () => {
    const { engine, profit, stop } = bracket();
    const change = { ...NOTHING, stopPrice: priceOf('98') };
    const { order } = taken(engine.replace(stop, change, { atMs: minute(1), handling: 'stuck' }));
    engine.forcePart(profit, unitsOf('4'));
    engine.onQuote(quoteOf('101/101.02', 2));
    expect(told(engine.release(order.id, minute(3)))).toEqual(['replaced', 'held']);
    expect(engine.book.get(order.id)).toMatchObject({ status: 'held', quantity: 6e9 });
  });

  it('a stop that only an auction could fill → it does not', () => {
    const engine = openEngine();
    engine.onBar(barOf('100 100 100 100', 0));
    placed(engine, 'buy 1 stop 102 cls', minute(1));
    engine.onBar(barOf('101 101 101 101', 1));
    expect(told(engine.closeSession(CLOSE, NEXT_CLOSE))).toEqual(['expired']);
  });
});
