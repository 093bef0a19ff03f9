import { describe, expect, it } from 'vitest';
import { minute, openEngine, placed, priceOf, quoteOf, told, unitsOf } from './matching-scene.js';

describe('matching: an order that meets a quote at once', () => {
  it.each([
    ['buy 10 market day', '99.99/100.01', ['pending_new', 'new', 'fill 10@100.01']],
    ['sell 10 market day', '99.99/100.01', ['pending_new', 'new', 'fill 10@99.99']],
    ['buy 10 limit 100.01 day', '99.99/100.01', ['pending_new', 'new', 'fill 10@100.01']],
    ['buy 10 limit 100.5 day', '99.99/100.01', ['pending_new', 'new', 'fill 10@100.01']],
    ['buy 10 limit 100 day', '99.99/100.01', ['pending_new', 'new']],
    ['sell 10 limit 99.99 day', '99.99/100.01', ['pending_new', 'new', 'fill 10@99.99']],
    ['sell 10 limit 99 day', '99.99/100.01', ['pending_new', 'new', 'fill 10@99.99']],
    ['sell 10 limit 100 day', '99.99/100.01', ['pending_new', 'new']],
    ['buy 10 stop 99 day', '99.99/100.01', ['pending_new', 'new']],
    ['buy 10 limit 100 ioc', '99.99/100.01', ['pending_new', 'new', 'canceled']],
    ['buy 10 limit 101 ioc', '99.99/100.01', ['pending_new', 'new', 'fill 10@100.01']],
    ['buy 10 limit 100 fok', '99.99/100.01', ['pending_new', 'new', 'canceled']],
    ['buy 10 limit 101 fok', '99.99/100.01', ['pending_new', 'new', 'fill 10@100.01']],
    ['sell 10 market ioc', '/100.01', ['pending_new', 'new', 'canceled']],
    ['buy 0.5 market day', '99.99/100.01', ['pending_new', 'new', 'fill 0.5@100.01']],
  ])('%s at %s → %j', (order, quote, expected) => {
    const engine = openEngine({ quote });
    expect(told(placed(engine, order).events)).toEqual(expected);
  });
});

describe('matching: a resting order that meets a later quote', () => {
  it.each([
    ['buy 10 limit 99 day', '98.9/99', ['fill 10@99']],
    ['buy 10 limit 99 day', '98.5/98.6', ['fill 10@98.6']],
    ['buy 10 limit 99 day', '98.99/99.01', []],
    ['buy 10 limit 99 day', '98.99/', []],
    ['sell 10 limit 101 day', '101/101.1', ['fill 10@101']],
    ['sell 10 limit 101 day', '101.2/101.3', ['fill 10@101.2']],
    ['sell 10 limit 101 day', '100.99/101.2', []],
    ['buy 10 stop 101 day', '102/102.1', []],
  ])('%s, then %s → %j', (order, later, expected) => {
    const engine = openEngine({ quote: '99.99/100.01' });
    placed(engine, order);
    expect(told(engine.onQuote(quoteOf(later, 1)))).toEqual(expected);
  });

  it('a market order without an offer: waits → fills when somebody offers', () => {
    const engine = openEngine({ quote: '99/100' });
    engine.onQuote(quoteOf('99/', 1));
    // The reservation needs a price: the last trade stands in for the missing side.
    engine.onTrade({ symbol: 'SPY', atMs: minute(1), price: priceOf('100'), size: unitsOf('1') });
    expect(told(placed(engine, 'buy 10 market day', minute(1)).events)).toEqual([
      'pending_new',
      'new',
    ]);
    expect(told(engine.onQuote(quoteOf('99/100.5', 2)))).toEqual(['fill 10@100.5']);
  });
});
