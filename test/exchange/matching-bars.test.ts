import { describe, expect, it } from 'vitest';
import { epochMs } from '../../domain/values/index.js';
import {
  barOf,
  minute,
  openEngine,
  placed,
  priceOf,
  quoteOf,
  told,
  unitsOf,
} from './matching-scene.js';

describe('matching: a resting order and a bar', () => {
  it.each([
    [
      'limit: the bar trades through it → the limit',
      'buy 10 limit 99 day',
      '100 100 98.99 99.5',
      ['fill 10@99'],
    ],
    ['limit: the bar only touches it → nothing', 'buy 10 limit 99 day', '100 100 99 99.5', []],
    [
      'limit: the market opens through it → the better open',
      'buy 10 limit 99 day',
      '98 99 97 98',
      ['fill 10@98'],
    ],
    [
      'limit: sold through → the limit',
      'sell 10 limit 101 day',
      '100 101.01 100 100',
      ['fill 10@101'],
    ],
    ['limit: sold at a touch → nothing', 'sell 10 limit 101 day', '100 101 100 100', []],
    [
      'limit: a gap up for a sale → the better open',
      'sell 10 limit 101 day',
      '103 104 102 103',
      ['fill 10@103'],
    ],
    ['stop: reached exactly → the stop', 'buy 10 stop 101 day', '100 101 100 101', ['fill 10@101']],
    ['stop: not reached → nothing', 'buy 10 stop 101 day', '100 100.99 100 100', []],
    [
      'stop: a gap through it → the worse open',
      'buy 10 stop 101 day',
      '103 104 102 103',
      ['fill 10@103'],
    ],
    ['stop: sold when reached → the stop', 'sell 10 stop 99 day', '100 100 99 100', ['fill 10@99']],
    ['stop: sold in a gap → the worse open', 'sell 10 stop 99 day', '97 98 96 97', ['fill 10@97']],
    [
      'stop-limit: elected in this bar → waits',
      'buy 10 stop_limit 101/101.5 day',
      '100 102 100 101',
      [],
    ],
  ])('%s', (_name, order, bar, expected) => {
    const engine = openEngine({ quote: '99.99/100.01' });
    placed(engine, order);
    expect(told(engine.onBar(barOf(bar, 0)))).toEqual(expected);
  });

  it('stop-limit: elected by a bar → a limit order from the next event on', () => {
    const engine = openEngine({ quote: '99.99/100.01' });
    placed(engine, 'buy 10 stop_limit 101/101.5 day');
    engine.onBar(barOf('100 102 100 102', 0));
    expect(told(engine.onQuote(quoteOf('101.9/102', 1)))).toEqual([]);
    expect(told(engine.onQuote(quoteOf('101.3/101.4', 2)))).toEqual(['fill 10@101.4']);
  });

  it('stop-limit: not elected → a marketable quote fills nothing', () => {
    const engine = openEngine({ quote: '99.99/100.01' });
    placed(engine, 'buy 10 stop_limit 101/101.5 day');
    expect(told(engine.onQuote(quoteOf('100.4/100.5', 1)))).toEqual([]);
  });

  it('market order: nobody quotes → the open of the next bar', () => {
    const engine = openEngine();
    engine.onBar(barOf('100 100 100 100', 0));
    placed(engine, 'buy 10 market day', minute(1));
    expect(told(engine.onBar(barOf('100.5 101 100 101', 1)))).toEqual(['fill 10@100.5']);
  });

  it('market order: somebody quotes → never a bar', () => {
    const engine = openEngine({ quote: '99/100', partialFillShare: 1 });
    placed(engine, 'buy 10 market day');
    expect(told(engine.onBar(barOf('100.5 101 100 101', 0)))).toEqual([]);
  });

  it('an order placed in mid-bar: what the bar printed before it → does not fill it', () => {
    const engine = openEngine({ quote: '99.99/100.01' });
    placed(engine, 'buy 10 limit 99 day', epochMs(minute(0) + 30_000));
    expect(told(engine.onBar(barOf('98 100 97 100', 0)))).toEqual([]);
    expect(told(engine.onBar(barOf('98 100 97 100', 1)))).toEqual(['fill 10@98']);
  });

  it('a bar of another symbol → touches nothing', () => {
    const engine = openEngine({ quote: '99.99/100.01' });
    placed(engine, 'buy 10 limit 99 day');
    expect(engine.onBar({ ...barOf('98 98 97 97', 0), symbol: 'IBM' })).toEqual([]);
  });
});

describe('matching: a printed trade', () => {
  const print = (text: string) => ({
    symbol: 'SPY',
    atMs: minute(1),
    price: priceOf(text),
    size: unitsOf('1'),
  });

  it.each([
    ['buy 10 limit 99 day', '98.99', ['fill 10@99']],
    ['buy 10 limit 99 day', '99', []],
    ['sell 10 limit 101 day', '101.01', ['fill 10@101']],
    ['sell 10 limit 101 day', '101', []],
    ['buy 10 stop 101 day', '101', ['fill 10@100.01']],
    ['buy 10 stop 101 day', '100.99', []],
    ['sell 10 stop 99 day', '99', ['fill 10@99.99']],
    ['buy 10 stop_limit 101/101.5 day', '101', ['fill 10@100.01']],
    ['buy 10 stop_limit 101/99 day', '101', []],
  ])('%s, trade at %s → %j', (order, traded, expected) => {
    const engine = openEngine({ quote: '99.99/100.01' });
    placed(engine, order);
    expect(told(engine.onTrade(print(traded)))).toEqual(expected);
  });
});
