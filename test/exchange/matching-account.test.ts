import { describe, expect, it } from 'vitest';
import { assert } from '../../domain/values/index.js';
import { minute, openEngine, orderOf, placed, quoteOf, told } from './matching-scene.js';

describe('matching: what the account may send', () => {
  it.each([
    ['the same client order id again', [], 'buy 1 market day', 'duplicate_client_order_id'],
    ['more than the buying power', [], 'buy 4001 limit 100 day', 'insufficient_buying_power'],
    [
      'more than is left beside a resting order',
      ['buy 3000 limit 99 day'],
      'buy 2000 limit 99 day',
      'insufficient_buying_power',
    ],
    [
      'a sale of more than is held',
      ['buy 10 market day'],
      'sell 11 market day',
      'insufficient_quantity',
    ],
    [
      'a sale of what another order holds',
      ['buy 10 market day', 'sell 6 limit 101 day'],
      'sell 5 market day',
      'insufficient_quantity',
    ],
    [
      'a purchase beyond the short',
      ['sell 10 market day'],
      'buy 11 market day',
      'insufficient_quantity',
    ],
    ['a short sale of a fraction', [], 'sell 0.5 market day', 'fraction_not_allowed'],
    ['a fraction that is not for the day', [], 'buy 0.5 limit 99 gtc', 'fraction_not_allowed'],
    ['nothing', [], 'buy 0 market day', 'quantity_not_positive'],
  ] as const)('%s → refused', (_name, before, order, code) => {
    const engine = openEngine({ quote: '99.99/100.01' });
    engine.place(orderOf('buy 1 limit 1 day', 'taken'), minute(0));
    engine.cancel(engine.book.all()[0]?.id ?? '', minute(0));
    for (const earlier of before) placed(engine, earlier);
    const id = code === 'duplicate_client_order_id' ? 'taken' : null;
    const state = engine.snapshot();
    const result = engine.place(orderOf(order, id), minute(0));
    expect(result).toMatchObject({ ok: false, refusal: { code } });
    expect(engine.snapshot()).toEqual(state);
  });

  it('a symbol that nobody has priced → a market order is refused, a limit order taken', () => {
    const engine = openEngine();
    expect(engine.place(orderOf('buy 1 market day'), minute(0))).toMatchObject({
      refusal: { code: 'no_price' },
    });
    expect(engine.place(orderOf('buy 1 limit 10 day'), minute(0)).ok).toBe(true);
  });

  it('a sale beside a resting purchase → only sales hold what is held', () => {
    const engine = openEngine({ quote: '99.99/100.01' });
    placed(engine, 'buy 10 market day');
    placed(engine, 'buy 5 limit 99 day');
    expect(told(placed(engine, 'sell 10 market day').events)).toContain('fill 10@99.99');
  });

  it('buying power: an opening order reserves, its end frees, a position uses', () => {
    const engine = openEngine({ quote: '99.99/100.01' });
    const { id } = placed(engine, 'buy 100 limit 99 day');
    expect(engine.buyingPower()).toBe(400_000_000_000 - 9_900_000_000);
    engine.cancel(id, minute(0));
    expect(engine.buyingPower()).toBe(400_000_000_000);
    placed(engine, 'buy 100 market day');
    // Valued at the execution until the symbol trades: 4 × equity less what is held.
    expect(engine.buyingPower()).toBe(400_000_000_000 - 10_001_000_000);
  });

  it('a short sale reserves at least 3 % above the ask', () => {
    const engine = openEngine({ quote: '99.99/100' });
    placed(engine, 'sell 100 limit 101 day');
    expect(engine.buyingPower()).toBe(400_000_000_000 - 10_300_000_000);
  });

  it('cash and cost: bought twice, sold in part → weighted average stays', () => {
    const engine = openEngine({ quote: '99/100' });
    placed(engine, 'buy 10 market day');
    engine.onQuote(quoteOf('100/101', 1));
    placed(engine, 'buy 30 market day', minute(1));
    placed(engine, 'sell 20 market day', minute(1));
    const position = engine.ledger.position('SPY');
    assert(position !== null, 'expected a position');
    expect(position).toMatchObject({ signedNanos: 20e9, costBasis: 2_015_000_000 });
    expect(engine.ledger.values().cash).toBe(100_000_000_000 - 4_030_000_000 + 2_000_000_000);
  });

  it('cancel of a closed order → refused with its state', () => {
    const engine = openEngine({ quote: '99/100' });
    const { id } = placed(engine, 'buy 10 market day');
    expect(engine.cancel(id, minute(1))).toEqual({
      ok: false,
      refusal: { code: 'order_not_open', status: 'filled' },
    });
  });
});

describe('matching: replace', () => {
  const NOTHING = {
    clientOrderId: null,
    quantity: null,
    limitPrice: null,
    stopPrice: null,
    timeInForce: null,
  };

  it('a new limit → the old order is replaced, the new one has its own id', () => {
    const engine = openEngine({ quote: '99.99/100.01' });
    const old = placed(engine, 'buy 10 limit 99 day');
    const result = engine.replace(
      old.id,
      { ...NOTHING, limitPrice: orderOf('buy 1 limit 100.5 day').limitPrice },
      { atMs: minute(1) },
    );
    assert(result.ok, 'expected the replacement to be taken');
    expect(told(result.events)).toEqual(['replaced', 'pending_new', 'new', 'fill 10@100.01']);
    expect(engine.book.get(old.id)).toMatchObject({
      status: 'replaced',
      replacedBy: result.order.id,
    });
    expect(result.order.replaces).toBe(old.id);
  });

  it('an order that filled in part → the replacement has the original quantity', () => {
    const engine = openEngine({ quote: '99.99/100.01', partialFillShare: 1 });
    const old = placed(engine, 'buy 10 limit 100.01 day');
    expect(engine.book.get(old.id).status).toBe('partially_filled');
    const limitPrice = orderOf('buy 1 limit 99 day').limitPrice;
    const result = engine.replace(old.id, { ...NOTHING, limitPrice }, { atMs: minute(1) });
    assert(result.ok, 'expected the replacement to be taken');
    expect(result.order).toMatchObject({ quantity: 10e9, filledQuantity: 0 });
  });

  it('nothing changed, or nothing open → refused', () => {
    const engine = openEngine({ quote: '99.99/100.01' });
    const { id } = placed(engine, 'buy 10 limit 99 day');
    expect(engine.replace(id, NOTHING, { atMs: minute(1) })).toMatchObject({
      refusal: { code: 'order_not_changed' },
    });
    engine.cancel(id, minute(1));
    expect(engine.replace(id, NOTHING, { atMs: minute(1) })).toMatchObject({
      refusal: { code: 'order_not_open', status: 'canceled' },
    });
  });
});

describe('matching: partial fills', () => {
  it('share 1 → whole units, less than all, until one is left', () => {
    const engine = openEngine({ quote: '99.99/100.01', partialFillShare: 1 });
    const { id, events } = placed(engine, 'buy 5 limit 100.01 day');
    const sizes = events.flatMap(({ execution }) => execution?.quantity ?? []);
    for (let at = 1; engine.book.get(id).status !== 'filled'; at += 1) {
      const later = engine.onQuote(quoteOf('99.99/100.01', at));
      sizes.push(...later.flatMap(({ execution }) => execution?.quantity ?? []));
    }
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.every((size) => size >= 1e9 && size % 1e9 === 0)).toBe(true);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(5e9);
  });

  it('share 0.1 → about one eligible fill in ten', () => {
    const engine = openEngine({ quote: '1/1.01', partialFillShare: 0.1 });
    const kinds = Array.from({ length: 2_000 }, () => {
      const { id, events } = placed(engine, 'buy 2 limit 1.01 day');
      if (engine.book.get(id).status !== 'filled') engine.cancel(id, minute(0));
      return events.some(({ type }) => type === 'partial_fill');
    });
    const partial = kinds.filter(Boolean).length;
    expect(partial).toBeGreaterThan(150);
    expect(partial).toBeLessThan(250);
  });

  it.each(['fok', 'day'])('a single unit or fill-or-kill (%s) → never in part', (timeInForce) => {
    const engine = openEngine({ quote: '99.99/100.01', partialFillShare: 1 });
    const units = timeInForce === 'fok' ? 10 : 1;
    const { events } = placed(engine, `buy ${units} limit 100.01 ${timeInForce}`);
    expect(told(events).at(-1)).toBe(`fill ${units}@100.01`);
  });
});
