import { describe, expect, it } from 'vitest';
import type { OrderIntent } from '../../../../domain/order/index.js';
import { groupFault } from '../../../../domain/risk/index.js';
import { price, quantity, wholeUnits } from '../../../../domain/values/index.js';
import { intentOf } from '../order/order-fixture.js';

const usd = (cents: number) => price(cents * 10_000_000);
const stop = (cents: number, limit: number | null = null) => ({
  stopPrice: usd(cents),
  limitPrice: limit === null ? null : usd(limit),
});

/** BUY 100 SPY limit 145.20, to be sold at 150 or at 140. */
const bracket: Partial<OrderIntent> = {
  orderClass: 'bracket',
  takeProfit: usd(15_000),
  stopLoss: stop(14_000),
};
const oto: Partial<OrderIntent> = { ...bracket, orderClass: 'oto', takeProfit: null };
const oco: Partial<OrderIntent> = {
  ...bracket,
  orderClass: 'oco',
  side: 'sell',
  purpose: 'exit',
  limitPrice: usd(15_000),
};
const market: Partial<OrderIntent> = { type: 'market', limitPrice: null };
const short: Partial<OrderIntent> = {
  ...bracket,
  side: 'sell',
  takeProfit: usd(14_000),
  stopLoss: stop(15_000),
};

function codeOf(change: Partial<OrderIntent>, quoted: number | null = null): string {
  return groupFault(intentOf(change), quoted === null ? null : usd(quoted))?.code ?? 'fits';
}

describe('groupFault: the class and its exits', () => {
  it.each<[string, Partial<OrderIntent>, string]>([
    ['a simple order', {}, 'fits'],
    ['a simple order with an exit', { takeProfit: usd(15_000) }, 'invalid_order_class'],
    ['a bracket', bracket, 'fits'],
    ['a bracket good till canceled', { ...bracket, timeInForce: 'gtc' }, 'fits'],
    ['a bracket with one exit', { ...bracket, takeProfit: null }, 'invalid_order_class'],
    ['a bracket that enters by a stop', { ...bracket, type: 'stop' }, 'invalid_order_class'],
    ['a bracket that is an exit', { ...bracket, purpose: 'exit' }, 'invalid_order_class'],
    ['a bracket ioc', { ...bracket, timeInForce: 'ioc' }, 'invalid_order_class'],
    ['a bracket in extended hours', { ...bracket, extendedHours: true }, 'invalid_order_class'],
    ['half a unit', { ...bracket, quantity: quantity(500_000_000) }, 'invalid_order_class'],
    ['an oto with a stop', oto, 'fits'],
    ['an oto with a profit', { ...bracket, orderClass: 'oto', stopLoss: null }, 'fits'],
    ['an oto with both', { ...bracket, orderClass: 'oto' }, 'invalid_order_class'],
    ['an oto with none', { ...oto, stopLoss: null }, 'invalid_order_class'],
    ['an oco', oco, 'fits'],
    ['an oco that is an entry', { ...oco, purpose: 'entry' }, 'invalid_order_class'],
    ['an oco at another limit', { ...oco, limitPrice: usd(14_900) }, 'invalid_order_class'],
    ['an oco at the market', { ...oco, ...market }, 'invalid_order_class'],
    ['an oco without a stop', { ...oco, stopLoss: null }, 'invalid_order_class'],
    ['whole units', { ...bracket, quantity: wholeUnits(3) }, 'fits'],
  ])('%s → %#', (_name, change, expected) => {
    expect(codeOf(change)).toBe(expected);
  });
});

describe('groupFault: where the exits lie', () => {
  it.each<[string, Partial<OrderIntent>, number | null, string]>([
    ['a profit one cent above', { ...bracket, takeProfit: usd(14_521) }, null, 'fits'],
    ['a profit at the entry', { ...bracket, takeProfit: usd(14_520) }, null, 'denied'],
    ['a stop one cent below', { ...bracket, stopLoss: stop(14_519) }, null, 'fits'],
    ['a stop at the entry', { ...bracket, stopLoss: stop(14_520) }, null, 'denied'],
    ['a stop of half a cent', { ...bracket, stopLoss: halfCent() }, null, 'denied'],
    ['at the market, around the quote', { ...bracket, ...market }, 14_500, 'fits'],
    ['at the market, a stop above it', { ...bracket, ...market }, 13_990, 'denied'],
    ['at the market, a profit below it', { ...bracket, ...market }, 15_010, 'denied'],
    ['at the market, nothing quoted', { ...bracket, ...market }, null, 'fits'],
    ['crossed exits', { ...bracket, ...market, takeProfit: usd(13_000) }, null, 'denied'],
    ['a short, mirrored', short, null, 'fits'],
    ['a short with the exits of a long', { ...short, ...bracket, side: 'sell' }, null, 'denied'],
    ['an oco, one cent apart', { ...oco, stopLoss: stop(14_999) }, null, 'fits'],
    ['an oco, crossed', { ...oco, stopLoss: stop(15_000) }, null, 'denied'],
    ['an oco of a short', { ...oco, side: 'buy', stopLoss: stop(15_100) }, null, 'fits'],
    ['a stop with a limit', { ...oto, stopLoss: stop(14_000, 13_990) }, null, 'fits'],
  ])('%s → %#', (_name, change, quoted, expected) => {
    const code = codeOf(change, quoted);
    expect(code === 'invalid_exit_price' ? 'denied' : code).toBe(expected);
  });
});

function halfCent(): OrderIntent['stopLoss'] {
  return { stopPrice: price(140_005_000_000), limitPrice: null };
}
