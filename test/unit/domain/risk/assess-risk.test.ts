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
  ZERO_USD,
} from '../../../../domain/values/index.js';
import { intentOf } from '../order/order-fixture.js';

const TRADABLE = { tradable: true, shortable: true, fractionable: true, parkedReason: null };
const totals = {
  cash: wholeUsd(100_000),
  longCostBasis: ZERO_USD,
  shortCostBasis: ZERO_USD,
  reserved: ZERO_USD,
};

/** BUY 100 SPY limit 145.20 on an account of 100,000 USD that holds nothing. */
function inputsOf(change: Partial<RiskInputs> = {}, intent: Partial<OrderIntent> = {}): RiskInputs {
  return {
    intent: intentOf(intent),
    nowAtMs: intentOf().decidedAtMs,
    voidThroughMs: epochMs(0),
    haltMode: 'none',
    instrument: TRADABLE,
    position: 0,
    openOrders: [],
    limits: {
      orderNotionalMax: wholeUsd(25_000),
      positionNotionalMax: wholeUsd(50_000),
      leverageHundredths: 100,
    },
    totals,
    quotedPrice: price(145_000_000_000),
    ...change,
  };
}

function codeOf(inputs: RiskInputs): DenyCode | 'admitted' {
  const assessment = assessRisk(inputs);
  return assessment.decision === 'denied' ? assessment.code : 'admitted';
}

const market = { type: 'market', limitPrice: null } as const;
const short = { side: 'sell', ...market } as const;
/** 100 × 145.20. */
const NOTIONAL = 14_520_000_000;
/** 100 units sold at 145.00, three percent up. */
const SHORT_NOTIONAL = 14_935_000_000;

interface Boundary {
  readonly code: DenyCode;
  readonly name: string;
  readonly allowed: RiskInputs;
  readonly denied: RiskInputs;
}

function limited(limit: keyof RiskInputs['limits'], value: number): Partial<RiskInputs> {
  const limits = inputsOf().limits;
  return { limits: { ...limits, [limit]: value } };
}

const validUntilMs = intentOf().validUntilMs;

const BOUNDARIES: readonly Boundary[] = [
  {
    code: 'unknown_symbol',
    name: 'the broker lists it or not',
    allowed: inputsOf(),
    denied: inputsOf({ instrument: null }),
  },
  {
    code: 'invalid_quantity',
    name: 'one nano-unit or none',
    allowed: inputsOf({}, { quantity: quantity(1) }),
    denied: inputsOf({}, { quantity: quantity(0) }),
  },
  {
    code: 'not_fractionable',
    name: 'a whole unit or a nano-unit more',
    allowed: inputsOf({ instrument: { ...TRADABLE, fractionable: false } }),
    denied: inputsOf(
      { instrument: { ...TRADABLE, fractionable: false } },
      { quantity: quantity(100_000_000_001) },
    ),
  },
  {
    code: 'invalid_price',
    name: 'a cent or half a cent, from a dollar on',
    allowed: inputsOf({}, { limitPrice: price(1_000_000_000) }),
    denied: inputsOf({}, { limitPrice: price(1_005_000_000) }),
  },
  {
    code: 'invalid_price',
    name: 'four decimals or five, below a dollar',
    allowed: inputsOf({}, { limitPrice: price(999_900_000) }),
    denied: inputsOf({}, { limitPrice: price(999_990_000) }),
  },
  {
    code: 'invalid_price',
    name: 'a limit order with or without its limit',
    allowed: inputsOf(),
    denied: inputsOf({}, { limitPrice: null }),
  },
  {
    code: 'invalid_price',
    name: 'a market order without or with a limit',
    allowed: inputsOf({}, market),
    denied: inputsOf({}, { type: 'market' }),
  },
  {
    code: 'invalid_price',
    name: 'a stop order with or without its stop',
    allowed: inputsOf({}, { type: 'stop', limitPrice: null, stopPrice: price(146_000_000_000) }),
    denied: inputsOf({}, { type: 'stop', limitPrice: null }),
  },
  {
    code: 'invalid_time_in_force',
    name: 'a fraction for the day or until canceled',
    allowed: inputsOf({}, { quantity: quantity(500_000_000) }),
    denied: inputsOf({}, { quantity: quantity(500_000_000), timeInForce: 'gtc' }),
  },
  {
    code: 'invalid_time_in_force',
    name: 'a stop for the day or for the auction',
    allowed: inputsOf({}, { type: 'stop_limit', stopPrice: price(145_000_000_000) }),
    denied: inputsOf(
      {},
      { type: 'stop_limit', stopPrice: price(145_000_000_000), timeInForce: 'opg' },
    ),
  },
  {
    code: 'invalid_time_in_force',
    name: 'extended hours for a limit or for a market order',
    allowed: inputsOf({}, { extendedHours: true }),
    denied: inputsOf({}, { ...market, extendedHours: true }),
  },
  {
    code: 'not_tradable',
    name: 'tradable or not',
    allowed: inputsOf(),
    denied: inputsOf({ instrument: { ...TRADABLE, tradable: false } }),
  },
  {
    code: 'intent_expired',
    name: 'the last millisecond or one later',
    allowed: inputsOf({ nowAtMs: validUntilMs }),
    denied: inputsOf({ nowAtMs: epochMs(validUntilMs + 1) }),
  },
  {
    code: 'intent_expired',
    name: 'decided after the process stood still or before',
    allowed: inputsOf({ voidThroughMs: epochMs(inputsOf().intent.decidedAtMs - 1) }),
    denied: inputsOf({ voidThroughMs: inputsOf().intent.decidedAtMs }),
  },
  {
    code: 'halted',
    name: 'an exit in reduce-only mode or when halted',
    allowed: inputsOf({ haltMode: 'reduce_only', position: wholeUnits(100) }, short),
    denied: inputsOf({ haltMode: 'halted', position: wholeUnits(100) }, short),
  },
  {
    code: 'reduce_only',
    name: 'all of what is held or a nano-unit more',
    allowed: inputsOf({ haltMode: 'reduce_only', position: wholeUnits(100) }, short),
    denied: inputsOf({ haltMode: 'reduce_only', position: wholeUnits(100) - 1 }, short),
  },
  {
    code: 'symbol_parked',
    name: 'an exit of a parked symbol or an entry',
    allowed: inputsOf(
      {
        instrument: { ...TRADABLE, parkedReason: 'the books and the broker differ' },
        position: wholeUnits(100),
      },
      short,
    ),
    denied: inputsOf({
      instrument: { ...TRADABLE, parkedReason: 'the books and the broker differ' },
    }),
  },
  {
    code: 'turns_position',
    name: 'closing a long or a nano-unit beyond',
    allowed: inputsOf({ position: wholeUnits(100) }, short),
    denied: inputsOf({ position: wholeUnits(100) - 1 }, short),
  },
  {
    code: 'turns_position',
    name: 'closing a short or a nano-unit beyond',
    allowed: inputsOf({ position: -wholeUnits(100) }, market),
    denied: inputsOf({ position: -(wholeUnits(100) - 1) }, market),
  },
  {
    code: 'turns_position',
    name: 'the exit of the whole, alone or behind one that is open already',
    allowed: inputsOf({ position: wholeUnits(100) }, short),
    denied: inputsOf(
      { position: wholeUnits(100), openOrders: [{ side: 'sell', remaining: quantity(1) }] },
      short,
    ),
  },
  {
    code: 'nothing_to_close',
    name: 'an exit of what is held or of nothing',
    allowed: inputsOf({ position: wholeUnits(100) }, { ...short, purpose: 'exit' }),
    denied: inputsOf({ position: 0 }, { ...short, purpose: 'exit' }),
  },
  {
    code: 'not_shortable',
    name: 'a short of a symbol that can be or cannot be sold short',
    allowed: inputsOf({}, short),
    denied: inputsOf({ instrument: { ...TRADABLE, shortable: false } }, short),
  },
  {
    code: 'no_fresh_price',
    name: 'a market order with or without a quote',
    allowed: inputsOf({}, market),
    denied: inputsOf({ quotedPrice: null }, market),
  },
  {
    code: 'order_notional_above_limit',
    name: 'exactly the limit or a micro-dollar less of it',
    allowed: inputsOf(limited('orderNotionalMax', NOTIONAL)),
    denied: inputsOf(limited('orderNotionalMax', NOTIONAL - 1)),
  },
  {
    code: 'order_notional_above_limit',
    name: 'a short at its worst price, or a micro-dollar less of a limit',
    allowed: inputsOf(limited('orderNotionalMax', SHORT_NOTIONAL), short),
    denied: inputsOf(limited('orderNotionalMax', SHORT_NOTIONAL - 1), short),
  },
  {
    code: 'position_notional_above_limit',
    name: 'exactly the limit or a micro-dollar less of it',
    allowed: inputsOf({
      ...limited('positionNotionalMax', NOTIONAL * 2),
      position: wholeUnits(100),
    }),
    denied: inputsOf({
      ...limited('positionNotionalMax', NOTIONAL * 2 - 1),
      position: wholeUnits(100),
    }),
  },
  {
    code: 'position_notional_above_limit',
    name: 'what is open already counts',
    allowed: inputsOf({
      ...limited('positionNotionalMax', NOTIONAL * 2),
      openOrders: [{ side: 'buy', remaining: wholeUnits(100) }],
    }),
    denied: inputsOf({
      ...limited('positionNotionalMax', NOTIONAL * 2),
      openOrders: [{ side: 'buy', remaining: quantity(100_000_000_001) }],
    }),
  },
  {
    code: 'insufficient_buying_power',
    name: 'exactly what is left or a micro-dollar less of it',
    allowed: inputsOf({ totals: { ...totals, cash: usd(NOTIONAL) } }),
    denied: inputsOf({ totals: { ...totals, cash: usd(NOTIONAL - 1) } }),
  },
  {
    code: 'insufficient_buying_power',
    name: 'the reservations of others count',
    allowed: inputsOf({ totals: { ...totals, cash: usd(NOTIONAL * 2), reserved: usd(NOTIONAL) } }),
    denied: inputsOf({
      totals: { ...totals, cash: usd(NOTIONAL * 2), reserved: usd(NOTIONAL + 1) },
    }),
  },
];

describe('assessRisk: each rule at its boundary', () => {
  it.each(BOUNDARIES)('$code: $name → admitted, denied', ({ code, allowed, denied }) => {
    expect(codeOf(allowed)).toBe('admitted');
    expect(codeOf(denied)).toBe(code);
  });

  it('every code of the table → has a boundary here', () => {
    const tested = new Set(BOUNDARIES.map(({ code }) => code));
    expect(Object.keys(DENY_REASONS).filter((code) => !tested.has(code as DenyCode))).toEqual([]);
  });

  it.each(BOUNDARIES)('$code: $name → a line that says what was found', ({ denied }) => {
    const assessment = assessRisk(denied);
    if (assessment.decision !== 'denied') throw new Error('expected a denial');
    expect(assessment.message).toMatch(/^\S.{10,}$/);
  });
});

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
