import { describe, expect, it } from 'vitest';
import {
  assessRisk,
  DENY_REASONS,
  type DenyCode,
  type RiskInputs,
  sizedByAmount,
} from '../../../../domain/risk/index.js';
import type { OrderIntent } from '../../../../domain/order/index.js';
import { epochMs, price, quantity, usd, wholeUnits } from '../../../../domain/values/index.js';
import { intentOf } from '../order/order-fixture.js';
import {
  TRADABLE,
  totals,
  inputsOf,
  codeOf,
  market,
  short,
  NOTIONAL,
  SHORT_NOTIONAL,
  limited,
  validUntilMs,
} from './risk-fixture.js';

interface Boundary {
  readonly code: DenyCode;
  readonly name: string;
  readonly allowed: RiskInputs;
  readonly denied: RiskInputs;
}

const stopAt = (nanos: number) => ({ stopPrice: price(nanos), limitPrice: null });
const BRACKET = {
  orderClass: 'bracket',
  takeProfit: price(150_000_000_000),
  stopLoss: stopAt(140_000_000_000),
} as const;

/** A market order by amount, sized at the quote of the fixture. */
function byAmount(micros: number): OrderIntent {
  const wish = { ...market, amount: usd(micros), quantity: quantity(0) };
  return sizedByAmount(intentOf(wish), price(145_000_000_000));
}

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
  ...[
    { name: 'a dollar or a micro-dollar less', fine: 1_000_000, wrong: { amount: usd(999_999) } },
    { name: 'whole cents or a tenth of one', fine: 1_010_000, wrong: { amount: usd(1_011_000) } },
    {
      name: 'at the market or at a limit',
      fine: 100_000_000,
      wrong: { type: 'limit', limitPrice: price(145_000_000_000) },
    },
    { name: 'for the day or longer', fine: 100_000_000, wrong: { timeInForce: 'gtc' } },
    { name: 'in regular hours or beyond', fine: 100_000_000, wrong: { extendedHours: true } },
    { name: 'alone or with exits', fine: 100_000_000, wrong: BRACKET },
  ].map(({ name, fine, wrong }) => ({
    code: 'invalid_amount' as const,
    name: `by amount: ${name}`,
    allowed: inputsOf({}, byAmount(fine)),
    denied: inputsOf({}, { ...byAmount(fine), ...(wrong as Partial<OrderIntent>) }),
  })),
  {
    code: 'not_fractionable',
    name: 'by amount, of a symbol with or without fractions',
    allowed: inputsOf({}, byAmount(145_000_000)),
    denied: inputsOf({ instrument: { ...TRADABLE, fractionable: false } }, byAmount(145_000_000)),
  },
  {
    code: 'not_shortable',
    name: 'by amount: of what is held, or short',
    allowed: inputsOf({ position: wholeUnits(1) }, { ...byAmount(100_000_000), side: 'sell' }),
    denied: inputsOf({}, { ...byAmount(100_000_000), side: 'sell' }),
  },
  {
    code: 'no_fresh_price',
    name: 'by amount: sized by a quote or not, also where it only reduces',
    allowed: inputsOf({ position: wholeUnits(9) }, { ...byAmount(100_000_000), side: 'sell' }),
    denied: inputsOf(
      { position: wholeUnits(9), quotedPrice: null },
      { ...byAmount(100_000_000), side: 'sell', quantity: quantity(0) },
    ),
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
    code: 'invalid_order_class',
    name: 'a bracket with both exits or with one',
    allowed: inputsOf({}, BRACKET),
    denied: inputsOf({}, { ...BRACKET, stopLoss: null }),
  },
  {
    code: 'invalid_order_class',
    name: 'a bracket that opens, or one that only buys a short back',
    allowed: inputsOf({}, BRACKET),
    denied: inputsOf({ position: -wholeUnits(100) }, BRACKET),
  },
  {
    code: 'invalid_exit_price',
    name: 'a stop one cent below the entry or at it',
    allowed: inputsOf({}, { ...BRACKET, stopLoss: stopAt(145_190_000_000) }),
    denied: inputsOf({}, { ...BRACKET, stopLoss: stopAt(145_200_000_000) }),
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
    code: 'outside_auction_window',
    name: 'for the opening auction the evening before or during the session',
    allowed: inputsOf({ nowAtMs: epochMs(Date.UTC(2013, 9, 6, 23, 30)) }, { timeInForce: 'opg' }),
    denied: inputsOf({}, { timeInForce: 'opg' }),
  },
  {
    code: 'not_shortable',
    name: 'a whole unit or a half one',
    allowed: inputsOf({}, { ...short, quantity: quantity(1_000_000_000) }),
    denied: inputsOf({}, { ...short, quantity: quantity(500_000_000) }),
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
