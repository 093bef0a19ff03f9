import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderIntent } from '../../../../domain/order/index.js';
import {
  assessRisk,
  availableBuyingPower,
  DENY_REASONS,
  type DenyCode,
  type RiskInputs,
} from '../../../../domain/risk/index.js';
import {
  epochMs,
  notionalRoundedUp,
  price,
  quantity,
  usd,
  wholeUnits,
  wholeUsd,
} from '../../../../domain/values/index.js';
import {
  TRADABLE,
  totals,
  inputsOf,
  codeOf,
  market,
  short,
  limited,
  validUntilMs,
} from './risk-fixture.js';

describe('assessRisk: several rules broken at once', () => {
  /** One breach a rule; the later ones are hidden by the earlier ones. */
  const breaches: readonly [DenyCode, Partial<RiskInputs>, Partial<OrderIntent>][] = [
    ['unknown_symbol', { instrument: null }, {}],
    ['not_fractionable', {}, { quantity: quantity(100_000_000_001) }],
    ['invalid_price', {}, { limitPrice: price(145_005_000_000) }],
    ['invalid_time_in_force', {}, { timeInForce: 'ioc', extendedHours: true }],
    ['intent_expired', { nowAtMs: epochMs(validUntilMs + 1) }, {}],
    ['reduce_only', { haltMode: 'reduce_only' }, {}],
    ['nothing_to_close', {}, { purpose: 'exit' }],
    ['order_notional_above_limit', limited('orderNotionalMax', 1), {}],
  ];

  it('any of them together → the first in the order of the table', () => {
    const order = Object.keys(DENY_REASONS);
    expect(breaches.map(([code]) => order.indexOf(code))).toEqual(
      breaches.map(([code]) => order.indexOf(code)).toSorted((a, b) => a - b),
    );
    fc.assert(
      fc.property(fc.subarray([...breaches], { minLength: 1 }), (chosen) => {
        const instrument = { ...TRADABLE, fractionable: false };
        const change = Object.assign({ instrument }, ...chosen.map(([, inputs]) => inputs));
        const intent = Object.assign({}, ...chosen.map(([, , wish]) => wish));
        expect(codeOf(inputsOf(change, intent))).toBe(chosen[0]?.[0]);
      }),
    );
  });
});

describe('assessRisk: what an admitted order reserves', () => {
  it.each<[string, RiskInputs, number, number]>([
    ['a buy at its limit', inputsOf(), 100, 145_200_000_000],
    ['a market buy at the quote and one percent', inputsOf({}, market), 100, 146_450_000_000],
    ['a short at the quote and three percent', inputsOf({}, short), 100, 149_350_000_000],
    [
      'a short limit above the quote, at the limit and three percent',
      inputsOf({}, { side: 'sell' }),
      100,
      149_556_000_000,
    ],
    [
      'a stop buy below the quote, at the quote and one percent',
      inputsOf({}, { type: 'stop', limitPrice: null, stopPrice: price(100_000_000_000) }),
      100,
      146_450_000_000,
    ],
  ])('%s', (_name, inputs, units, unitPrice) => {
    expect(assessRisk(inputs)).toEqual({
      decision: 'admitted',
      reservation: {
        openingQuantity: wholeUnits(units),
        unitPrice,
        amount: notionalRoundedUp(price(unitPrice), wholeUnits(units)),
      },
    });
  });

  it('an order that only reduces → nothing, whatever its size and whatever the limits', () => {
    const inputs = inputsOf(
      { ...limited('orderNotionalMax', 0), position: wholeUnits(100), quotedPrice: null },
      short,
    );
    expect(assessRisk(inputs)).toEqual({ decision: 'admitted', reservation: null });
  });
});

describe('assessRisk: at the edge of what can be counted', () => {
  const MAX = Number.MAX_SAFE_INTEGER;
  const huge = {
    stopPrice: price(MAX - (MAX % 10_000_000)),
    type: 'stop',
    limitPrice: null,
  } as const;
  it.each<[string, RiskInputs, DenyCode]>([
    ['a price with no room for the collar', inputsOf({}, huge), 'order_notional_above_limit'],
    [
      'a quote with no room for the collar',
      inputsOf({ quotedPrice: price(MAX) }, market),
      'order_notional_above_limit',
    ],
    [
      'an order worth more than money can count',
      inputsOf(limited('orderNotionalMax', MAX), {
        quantity: wholeUnits(9_000_000),
        limitPrice: price(1_000_000_000_000_000),
      }),
      'order_notional_above_limit',
    ],
    [
      'a position of more units than can be counted',
      inputsOf(
        { position: wholeUnits(9_000_000) },
        { quantity: wholeUnits(9_000_000), limitPrice: price(100_000) },
      ),
      'position_notional_above_limit',
    ],
  ])('%s → denied, never an assertion', (_name, inputs, code) => {
    expect(codeOf(inputs)).toBe(code);
  });
});

describe('availableBuyingPower', () => {
  it.each<[string, Partial<typeof totals>, number, number]>([
    ['cash alone', {}, 100, 100_000_000_000],
    [
      'a long takes its cost',
      { cash: wholeUsd(40_000), longCostBasis: wholeUsd(60_000) },
      100,
      40_000_000_000,
    ],
    [
      'a short takes its cost, too',
      { cash: wholeUsd(110_000), shortCostBasis: wholeUsd(10_000) },
      100,
      90_000_000_000,
    ],
    ['reservations are taken', { reserved: wholeUsd(99_999) }, 100, 1_000_000],
    ['leverage of two', { reserved: wholeUsd(99_999) }, 200, 100_001_000_000],
    ['less than what is taken', { reserved: wholeUsd(100_001) }, 100, -1_000_000],
    ['a fraction of a micro-dollar is not lent', { cash: usd(1) }, 150, 1],
  ])('%s', (_name, change, leverage, expected) => {
    expect(availableBuyingPower({ ...totals, ...change }, leverage)).toBe(expected);
  });

  it('cash only: buying at cost takes exactly what was paid', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000_000_000 }), (paid) => {
        const bought = { ...totals, cash: usd(totals.cash - paid), longCostBasis: usd(paid) };
        expect(availableBuyingPower(bought, 100)).toBe(totals.cash - paid);
      }),
    );
  });
});
