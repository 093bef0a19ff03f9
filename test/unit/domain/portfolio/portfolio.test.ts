import { describe, expect, it } from 'vitest';
import {
  type PossibleFill,
  valueAccount,
  worstCaseExposure,
} from '../../../../domain/portfolio/index.js';
import { flatPosition, type Position } from '../../../../domain/position/index.js';
import {
  epochMs,
  type Price,
  parsePrice,
  quantity,
  wholeUnits,
  wholeUsd,
} from '../../../../domain/values/index.js';

const MARKS = new Map([
  ['SPY', priceOf('100')],
  ['IBM', priceOf('50')],
]);

describe('valueAccount', () => {
  it('a long and a short → equity is cash plus both market values', () => {
    const positions = [held('SPY', 'long', 10), held('IBM', 'short', 4), held('QQQ', 'flat', 0)];
    expect(valueAccount(wholeUsd(5000), positions, MARKS)).toEqual({
      ok: true,
      valuation: {
        equity: wholeUsd(5800),
        longValue: wholeUsd(1000),
        shortValue: wholeUsd(-200),
        // Each unit cost, or brought in, 60.
        unrealizedPnl: wholeUsd(400 + 40),
      },
    });
  });

  it('a held symbol without a mark → no value at all, by name', () => {
    const positions = [held('SPY', 'long', 10), held('QQQ', 'short', 1)];
    expect(valueAccount(wholeUsd(5000), positions, MARKS)).toEqual({
      ok: false,
      unpriced: ['QQQ'],
    });
  });
});

describe('worstCaseExposure', () => {
  it.each<[string, readonly Position[], readonly PossibleFill[], object]>([
    [
      'a long position alone',
      [held('SPY', 'long', 10)],
      [],
      symbol({ long: 10, longUsd: 1000, short: 0, shortUsd: 0 }),
    ],
    [
      'an entry and its exit at once: each side by itself',
      [held('SPY', 'long', 10)],
      [order('buy', 5, '90'), order('sell', 10, '120')],
      symbol({ long: 15, longUsd: 1500, short: 0, shortUsd: 0 }),
    ],
    [
      'two sells of the same shares: the second would go short',
      [held('SPY', 'long', 10)],
      [order('sell', 10, '100'), order('sell', 10, '120')],
      symbol({ long: 10, longUsd: 1000, short: 10, shortUsd: 1200 }),
    ],
    [
      'both legs of a replacement count',
      [],
      [order('buy', 5, '101'), order('buy', 6, '102')],
      symbol({ long: 11, longUsd: 1122, short: 0, shortUsd: 0 }),
    ],
    [
      'a short and a buy that may not fill',
      [held('SPY', 'short', 10)],
      [order('buy', 4, '100')],
      symbol({ long: 0, longUsd: 0, short: 10, shortUsd: 1000 }),
    ],
  ])('%s → the extremes of the symbol', (_name, positions, fills, expected) => {
    const result = worstCaseExposure(positions, fills, MARKS);
    expect(result).toMatchObject({ ok: true, exposure: { symbols: [expected] } });
  });

  it('several symbols → gross takes each worse side, net both ends', () => {
    const result = worstCaseExposure(
      [held('SPY', 'long', 10), held('IBM', 'short', 10)],
      [order('sell', 25, '100'), { ...order('buy', 2, '50'), symbol: 'IBM' }],
      MARKS,
    );
    expect(result).toMatchObject({
      ok: true,
      exposure: {
        gross: wholeUsd(1500 + 500),
        netMax: wholeUsd(1000 - 400),
        netMin: wholeUsd(-1500 - 500),
      },
    });
  });

  it('half a micro-dollar → rounded against us', () => {
    const tiny = { ...order('buy', 0, '0.5'), remaining: quantity(1_000) };
    const result = worstCaseExposure([], [{ ...tiny, symbol: 'QQQ' }], MARKS);
    expect(result).toMatchObject({ ok: true, exposure: { symbols: [{ longValueMax: 1 }] } });
  });

  it('held without a mark → unpriced; an order of an unheld symbol needs none', () => {
    const result = worstCaseExposure([held('QQQ', 'long', 1)], [order('buy', 1, '1')], MARKS);
    expect(result).toEqual({ ok: false, fault: 'unpriced', symbols: ['QQQ'] });
  });

  it.each([
    ['quantity', order('buy', 9_000_000, '1'), order('buy', 9_000_000, '1')],
    ['value', order('buy', 9_000_000, '1001'), order('buy', 1, '1')],
  ])('more %s than our values hold → a fault, not a wrap', (_name, first, second) => {
    const result = worstCaseExposure([], [first, second], MARKS);
    expect(result).toEqual({ ok: false, fault: 'out_of_range', symbols: ['SPY'] });
  });
});

function held(name: string, side: Position['side'], units: number): Position {
  return {
    ...flatPosition(name, epochMs(0)),
    side,
    quantity: wholeUnits(units),
    costBasis: wholeUsd(60 * units),
    enteredAtMs: side === 'flat' ? null : epochMs(0),
  };
}

function order(side: 'buy' | 'sell', units: number, at: string): PossibleFill {
  return { symbol: 'SPY', side, remaining: wholeUnits(units), price: priceOf(at) };
}

function symbol(of: { long: number; longUsd: number; short: number; shortUsd: number }): object {
  return {
    symbol: 'SPY',
    longQuantityMax: wholeUnits(of.long),
    longValueMax: wholeUsd(of.longUsd),
    shortQuantityMax: wholeUnits(of.short),
    shortValueMax: wholeUsd(of.shortUsd),
  };
}

function priceOf(text: string): Price {
  const parsed = parsePrice(text);
  if (parsed === null) throw new Error(`expected a price, found ${text}`);
  return parsed;
}
