import { describe, expect, it } from 'vitest';
import type { MatchingEngine, OrderRequest, VenueOrder } from '../../exchange/matching/index.js';
import { assert, usd } from '../../domain/values/index.js';
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
const UNCHANGED = {
  clientOrderId: null,
  quantity: null,
  limitPrice: null,
  stopPrice: null,
  timeInForce: null,
};

/** A complex order in words, with exits 'profit/stop' or 'profit/stop/limit'; '-' is none. */
function groupOf(text: string, orderClass: 'bracket' | 'oco' | 'oto', exits: string): OrderRequest {
  const [profit = '-', stop = '-', limit] = exits.split('/');
  return {
    ...orderOf(text),
    orderClass,
    takeProfit: profit === '-' ? null : priceOf(profit),
    stopLoss:
      stop === '-'
        ? null
        : { stopPrice: priceOf(stop), limitPrice: limit === undefined ? null : priceOf(limit) },
  };
}

/** Places a complex order that must be taken; answers its order and what happened. */
function group(engine: MatchingEngine, request: OrderRequest, at = 0) {
  const result = engine.place(request, minute(at));
  assert(result.ok, `expected the group to be taken, found ${JSON.stringify(result)}`);
  return { id: result.order.id, events: result.events };
}

/** All orders in words: 'buy market filled 10/10'. */
function orders(engine: MatchingEngine): readonly string[] {
  const units = (order: VenueOrder) => `${order.filledQuantity / 1e9}/${order.quantity / 1e9}`;
  return engine.book.all().map((o) => `${o.side} ${o.type} ${o.status} ${units(o)}`);
}

function code(engine: MatchingEngine, request: OrderRequest): unknown {
  const result = engine.place(request, minute(1));
  return result.ok ? 'taken' : result.refusal;
}

describe('matching bracket', () => {
  it('entry fills whole → the profit works, the stop stays held; profit fills → stop gone', () => {
    const engine = openEngine({ quote: QUOTE });
    const entry = groupOf('buy 10 market day', 'bracket', '101/99');
    const { events } = group(engine, entry);
    expect(told(events)).toEqual(['pending_new', 'held', 'held', 'new', 'fill 10@100.01', 'new']);
    expect(orders(engine)).toEqual([
      'buy market filled 10/10',
      'sell limit new 0/10',
      'sell stop held 0/10',
    ]);
    expect(told(engine.onQuote(quoteOf('101/101.02', 1)))).toEqual(['fill 10@101', 'canceled']);
    expect(orders(engine)[2]).toBe('sell stop canceled 0/10');
    expect(engine.ledger.position('SPY')).toBeNull();
  });

  it('stop reached → the profit is canceled first, then the stop sells', () => {
    const engine = openEngine({ quote: QUOTE });
    group(engine, groupOf('buy 10 market day', 'bracket', '101/99'));
    engine.onQuote(quoteOf('98.97/98.99', 1));
    const events = engine.onBar(barOf('99.5 99.6 98.9 98.95', 1));
    expect(told(events)).toEqual(['canceled', 'new', 'fill 10@99']);
    expect(orders(engine).slice(1)).toEqual(['sell limit canceled 0/10', 'sell stop filled 10/10']);
  });

  it('one bar reaches both exits → the stop is taken, the profit is not', () => {
    const engine = openEngine({ quote: QUOTE });
    group(engine, groupOf('buy 10 market day', 'bracket', '101/99'));
    const events = engine.onBar(barOf('100 102 98 100', 1));
    expect(told(events)).toEqual(['canceled', 'new', 'fill 10@99']);
  });

  it('entry fills in part → no exit works yet; canceled → the whole group ends', () => {
    const engine = openEngine({ quote: QUOTE, partialFillShare: 1 });
    const { id } = group(engine, groupOf('buy 10 limit 100.01 gtc', 'bracket', '101/99'));
    expect(engine.book.get(id).status).toBe('partially_filled');
    expect(orders(engine).slice(1)).toEqual(['sell limit held 0/10', 'sell stop held 0/10']);
    const result = engine.cancel(id, minute(1));
    expect(result.ok ? told(result.events) : []).toEqual(['canceled', 'canceled', 'canceled']);
    expect(engine.book.open()).toEqual([]);
  });

  it('the profit fills in part → the stop shrinks to what is left', () => {
    const engine = openEngine({ quote: QUOTE });
    group(engine, groupOf('buy 10 market day', 'bracket', '101/99'));
    const profit = engine.book.all()[1];
    assert(profit !== undefined, 'expected a take-profit leg');
    engine.forcePart(profit.id, unitsOf('4'));
    engine.onQuote(quoteOf('101/101.02', 1));
    expect(orders(engine).slice(1)).toEqual([
      'sell limit partially_filled 4/10',
      'sell stop held 0/6',
    ]);
    engine.onBar(barOf('99.5 99.6 98.9 98.95', 2));
    expect(engine.ledger.position('SPY')).toBeNull();
  });

  it('the stop is moved → its replacement is held and armed as it was', () => {
    const engine = openEngine({ quote: QUOTE });
    group(engine, groupOf('buy 10 market day', 'bracket', '101/99'));
    const stop = engine.book.all()[2];
    assert(stop !== undefined, 'expected a stop leg');
    const change = { ...UNCHANGED, stopPrice: priceOf('99.5') };
    const result = engine.replace(stop.id, change, { atMs: minute(1) });
    expect(result.ok ? told(result.events) : result).toEqual(['replaced', 'held']);
    const events = engine.onBar(barOf('100 100 99.4 99.6', 2));
    expect(told(events)).toEqual(['canceled', 'new', 'fill 10@99.5']);
    const quantity = unitsOf('5');
    expect(engine.replace(stop.id, { ...change, quantity }, { atMs: minute(3) }).ok).toBe(false);
  });

  it('the profit is moved while it works → another of the same group, which ends the stop', () => {
    const engine = openEngine({ quote: QUOTE });
    group(engine, groupOf('buy 10 market day', 'bracket', '101/99'));
    const profit = engine.book.all()[1];
    assert(profit !== undefined, 'expected a take-profit leg');
    const result = engine.replace(
      profit.id,
      { ...UNCHANGED, limitPrice: priceOf('100.5') },
      { atMs: minute(1) },
    );
    expect(result.ok ? told(result.events) : result).toEqual(['replaced', 'pending_new', 'new']);
    expect(told(engine.onQuote(quoteOf('100.5/100.52', 2)))).toEqual(['fill 10@100.5', 'canceled']);
    expect(engine.ledger.position('SPY')).toBeNull();
  });

  it('the entry is moved before it fills → its exits hang on the new one, and work', () => {
    const engine = openEngine({ quote: QUOTE });
    const { id } = group(engine, groupOf('buy 10 limit 99.5 day', 'bracket', '101/99'));
    const result = engine.replace(
      id,
      { ...UNCHANGED, limitPrice: priceOf('99.8') },
      { atMs: minute(1) },
    );
    assert(result.ok, 'expected the replacement to be taken');
    expect(told(result.events)).toEqual(['replaced', 'pending_new', 'new']);
    expect(engine.book.get(result.order.id).legIds).toHaveLength(2);
    expect(told(engine.onQuote(quoteOf('99.78/99.8', 2)))).toEqual(['fill 10@99.8', 'new']);
    expect(orders(engine).slice(1, 3)).toEqual(['sell limit new 0/10', 'sell stop held 0/10']);
    expect(told(engine.onBar(barOf('99.5 99.5 98.9 98.95', 3)))).toEqual([
      'canceled',
      'new',
      'fill 10@99',
    ]);
  });

  it('the close → a day group expires whole; a held leg speaks for no units', () => {
    const engine = openEngine({ quote: QUOTE });
    group(engine, groupOf('buy 10 market day', 'bracket', '101/99'));
    expect(engine.book.unfilledOn('SPY', 'sell')).toBe(unitsOf('10'));
    expect(told(engine.closeSession(CLOSE, NEXT_CLOSE))).toEqual(['expired', 'expired']);
    expect(engine.book.open()).toEqual([]);
  });
});

describe('matching oco and oto', () => {
  it('oco: the limit fills → the stop is canceled, and the other way round', () => {
    for (const [market, ended] of [
      ['101/101.02', ['sell limit filled 10/10', 'sell stop canceled 0/10']],
      ['98.9/98.92', ['sell limit canceled 0/10', 'sell stop filled 10/10']],
    ] as const) {
      const engine = openEngine({ quote: QUOTE });
      placed(engine, 'buy 10 market day');
      group(engine, groupOf('sell 10 limit 101 gtc', 'oco', '101/99'));
      engine.onQuote(quoteOf(market, 1));
      const [price] = market.split('/');
      engine.onBar(barOf(`${price} ${price} ${price} ${price}`, 1));
      expect(orders(engine).slice(1)).toEqual(ended);
      expect(engine.book.open()).toEqual([]);
    }
  });

  it('oto: the entry fills → its one exit works', () => {
    const engine = openEngine({ quote: QUOTE });
    group(engine, groupOf('buy 10 market day', 'oto', '-/99/98.5'));
    expect(orders(engine)).toEqual(['buy market filled 10/10', 'sell stop_limit new 0/10']);
  });

  it('a short bracket → buys back at the profit', () => {
    const engine = openEngine({ quote: QUOTE });
    group(engine, groupOf('sell 10 market day', 'bracket', '99/101'));
    expect(told(engine.onQuote(quoteOf('98.98/99', 1)))).toEqual(['fill 10@99', 'canceled']);
    expect(engine.ledger.position('SPY')).toBeNull();
  });

  it.each([
    ['buy 10 market day', 'bracket', '101/-', 'bracket_needs_both_exits'],
    ['buy 10 market day', 'oto', '101/99', 'oto_needs_one_exit'],
    ['sell 10 limit 101 day', 'oco', '101/-', 'oco_needs_both_exits'],
    ['sell 10 limit 101 day', 'oco', '101/99', 'exit_only'],
    ['buy 10 stop 101 day', 'bracket', '103/99', 'type'],
    ['buy 10 market ioc', 'bracket', '101/99', 'time_in_force'],
    ['buy 1.5 market day', 'bracket', '101/99', 'whole_units_only'],
    ['buy 10 market day', 'bracket', '100.01/99', 'take_profit_price'],
    ['buy 10 market day', 'bracket', '101/100.01', 'stop_loss_price'],
    ['buy 10 limit 90 day', 'bracket', '89/80', 'take_profit_price'],
    ['buy 10 limit 90 day', 'bracket', '95/90', 'stop_loss_price'],
  ] as const)('%s %s %s → refused: %s', (text, orderClass, exits, rule) => {
    const engine = openEngine({ quote: QUOTE });
    expect(code(engine, groupOf(text, orderClass, exits))).toMatchObject({
      code: 'group_rule',
      rule,
    });
  });

  it('a bracket that would close → refused; exits without a class → refused', () => {
    const engine = openEngine({ quote: QUOTE });
    placed(engine, 'buy 10 market day');
    expect(code(engine, groupOf('sell 10 market day', 'bracket', '99/101'))).toMatchObject({
      rule: 'entry_only',
    });
    const exits = { takeProfit: priceOf('101') };
    expect(code(engine, { ...orderOf('buy 10 market day'), ...exits })).toMatchObject({
      rule: 'simple_has_no_exits',
    });
  });
});

describe('matching: dollars and fractions', () => {
  it('a notional buy → as many billionths as the dollars buy', () => {
    const engine = openEngine({ quote: '86.86/86.878' });
    const request = { ...orderOf('buy 0.1 market day'), notional: usd(4_990_000) };
    const result = engine.place(request, minute(0));
    expect(result.ok ? told(result.events) : result).toEqual([
      'pending_new',
      'new',
      'fill 0.057436865@86.878',
    ]);
    expect(engine.ledger.values().cash).toBe(100_000_000_000 - 4_990_000);
  });

  it('a notional sale at a worse price → never more than was set aside', () => {
    const engine = openEngine({ quote: QUOTE });
    placed(engine, 'buy 1 market day');
    const request = { ...orderOf('sell 0.1 market day'), notional: usd(99_990_000) };
    const result = engine.place(request, minute(0));
    expect(result.ok ? result.order.quantity : result).toBe(unitsOf('1'));
    expect(engine.ledger.position('SPY')).toBeNull();
  });

  it.each([
    ['buy 0.1 market gtc', 'time_in_force'],
    ['sell 0.1 market day', 'short'],
  ] as const)('%s for dollars → refused: %s', (text, rule) => {
    const engine = openEngine({ quote: QUOTE });
    const request = { ...orderOf(text), notional: usd(5_000_000) };
    expect(code(engine, request)).toMatchObject({ code: 'fraction_not_allowed', rule });
  });

  it('less than a dollar, or another intent → refused', () => {
    const engine = openEngine({ quote: QUOTE });
    const small = { ...orderOf('buy 0.1 market day'), notional: usd(990_000) };
    expect(code(engine, small)).toEqual({ code: 'notional_too_small' });
    expect(code(engine, orderOf('buy 0.009 market day'))).toEqual({ code: 'notional_too_small' });
    expect(code(engine, orderOf('buy 0.01 limit 99.99 day'))).toEqual({
      code: 'notional_too_small',
    });
    const request = { ...orderOf('buy 1 market day'), positionIntent: 'buy_to_close' as const };
    expect(code(engine, request)).toEqual({
      code: 'position_intent_mismatch',
      inferred: 'buy_to_open',
      specified: 'buy_to_close',
    });
  });
});
