import { describe, expect, it } from 'vitest';
import {
  INTENT_VALID_MS,
  isLeg,
  NO_EXITS,
  type OrderSignal,
  type PlanContext,
  planOrder,
} from '../../../../domain/signal/index.js';
import { price, wholeUnits, wholeUsd } from '../../../../domain/values/index.js';
import { at } from '../order/order-fixture.js';

const signal: OrderSignal = {
  kind: 'order',
  leg: 'entry',
  symbol: 'SPY',
  side: 'buy',
  size: { units: wholeUnits(5) },
  type: 'market',
  limitPrice: null,
  stopPrice: null,
  timeInForce: 'day',
  purpose: 'entry',
  ...NO_EXITS,
  reason: 'crossed above',
};

const takeProfit = price(150_000_000_000);
const stopLoss = { stopPrice: price(140_000_000_000), limitPrice: null };

const context: PlanContext = {
  account: 'sim-1',
  strategy: 'moving-average-cross',
  decidedAtMs: at(60),
  decisionPrice: price(145_200_000_000),
  position: { side: 'long', quantity: wholeUnits(7) },
};

describe('planOrder', () => {
  it.each<[string, Partial<OrderSignal>, number | null]>([
    ['units', {}, 5],
    ['a position to close', { size: { closePosition: true } }, 7],
    ['an amount at the decision price', { size: { notionalUsd: wholeUsd(15_000) } }, 103],
    [
      'an amount at the limit',
      {
        size: { notionalUsd: wholeUsd(15_000) },
        type: 'limit',
        limitPrice: price(100_000_000_000),
      },
      150,
    ],
    ['an amount below one unit', { size: { notionalUsd: wholeUsd(145) } }, null],
    ['no units', { size: { units: wholeUnits(0) } }, null],
    [
      'an amount that buys more than can be counted',
      { size: { notionalUsd: wholeUsd(15_000) }, type: 'limit', limitPrice: price(100_000) },
      9_007_199,
    ],
  ])('%s', (_name, change, units) => {
    const intent = planOrder({ ...signal, ...change }, context);
    expect(intent?.quantity ?? null).toBe(units === null ? null : wholeUnits(units));
  });

  it('an amount to the cent → by amount, sized by the quote that judges it', () => {
    const intent = planOrder({ ...signal, size: { amountUsd: wholeUsd(100) } }, context);
    expect(intent).toMatchObject({ amount: wholeUsd(100), quantity: 0 });
    expect(planOrder(signal, context)).toMatchObject({ amount: null });
  });

  it.each<[string, Partial<OrderSignal>]>([
    ['simple', {}],
    ['bracket', { takeProfit, stopLoss }],
    ['oto', { takeProfit }],
    ['oto', { stopLoss }],
    ['oco', { purpose: 'exit', side: 'sell', takeProfit, stopLoss }],
  ])('exits → %s, with what was asked for', (orderClass, change) => {
    expect(planOrder({ ...signal, ...change }, context)).toMatchObject({
      orderClass,
      takeProfit: change.takeProfit ?? null,
      stopLoss: change.stopLoss ?? null,
    });
  });

  it('nothing to close → no order', () => {
    const flat = { ...context, position: { side: 'flat', quantity: wholeUnits(0) } } as const;
    expect(planOrder({ ...signal, size: { closePosition: true } }, flat)).toBeNull();
  });

  it('an equal decision → the equal intent, valid for two minutes of market time', () => {
    const intent = planOrder(signal, context);
    expect(planOrder({ ...signal }, { ...context })).toEqual(intent);
    expect(intent?.validUntilMs).toBe(at(60) + INTENT_VALID_MS);
    expect(intent?.clientOrderId).toContain('-SPY-');
  });
});

describe('isLeg', () => {
  it.each([
    ['entry', true],
    ['a1', true],
    ['abcdefgh', true],
    ['abcdefghi', false],
    ['', false],
    ['Entry', false],
    ['a-b', false],
  ])('%j → %s', (text, expected) => {
    expect(isLeg(text)).toBe(expected);
  });
});
