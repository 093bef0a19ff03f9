import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DecimalFault,
  type DecimalResult,
  formatDecimal,
  formatDecimalFixed,
  formatPrice,
  formatQuantity,
  formatUsd,
  formatUsdCents,
  parseAveragePriceRounded,
  parseBrokerAggregateRounded,
  parseDecimalExactly,
  parseDecimalRounded,
  parsePrice,
  parseQuantity,
  parseUsd,
  price,
  quantity,
  usd,
} from '../../../../domain/values/index.js';

const MAX = Number.MAX_SAFE_INTEGER;
const anySafe = fc.integer({ min: -MAX, max: MAX });
const scale = fc.integer({ min: 0, max: 12 });

function shown(result: DecimalResult): number | DecimalFault {
  return result.ok ? result.value : result.fault;
}

describe('parseDecimalExactly', () => {
  it.each<[string, number, number | DecimalFault]>([
    ['145.2', 9, 145_200_000_000],
    ['-0.5', 6, -500_000],
    ['0', 9, 0],
    ['-0', 9, 0],
    ['-0.000', 2, 0],
    ['007.10', 2, 710],
    ['1.2300000000000', 2, 123],
    ['1.234', 2, 'too_many_decimals'],
    ['0.0000000001', 9, 'too_many_decimals'],
    ['9007199254740991', 0, MAX],
    ['9007199254740992', 0, 'out_of_range'],
    ['-9007199254740991', 0, -MAX],
    ['-9007199254740992', 0, 'out_of_range'],
    ['9007199.254740991', 9, MAX],
    ['9007199.254740992', 9, 'out_of_range'],
    ['', 9, 'not_a_decimal'],
    ['.5', 9, 'not_a_decimal'],
    ['5.', 9, 'not_a_decimal'],
    ['+5', 9, 'not_a_decimal'],
    ['1e3', 9, 'not_a_decimal'],
    ['1e-7', 9, 'not_a_decimal'],
    ['0x10', 9, 'not_a_decimal'],
    ['NaN', 9, 'not_a_decimal'],
    ['Infinity', 9, 'not_a_decimal'],
    [' 1', 9, 'not_a_decimal'],
    ['1\n', 9, 'not_a_decimal'],
    ['1,000', 9, 'not_a_decimal'],
    ['--1', 9, 'not_a_decimal'],
    ['١٢', 9, 'not_a_decimal'],
    ['9'.repeat(31), 9, 'not_a_decimal'],
    ['9'.repeat(30), 9, 'out_of_range'],
  ])('%j at scale %i → %s', (text, decimals, expected) => {
    expect(shown(parseDecimalExactly(text, decimals))).toBe(expected);
  });

  it('any text → a safe integer or a fault, never a throw', () => {
    fc.assert(
      fc.property(fc.string(), scale, (text, decimals) => {
        const result = parseDecimalExactly(text, decimals);
        if (result.ok) expect(Number.isSafeInteger(result.value)).toBe(true);
      }),
    );
  });
});

describe('parseDecimalRounded', () => {
  it.each<[string, number, number | DecimalFault]>([
    ['1.0000005', 6, 1_000_001],
    ['1.00000049999', 6, 1_000_000],
    ['-1.0000005', 6, -1_000_001],
    ['-0.0000001', 6, 0],
    ['0.99999999999', 6, 1_000_000],
    ['100000.12345678901', 6, 100_000_123_457],
    ['9007199254.7409914', 6, MAX],
    ['9007199254.7409915', 6, 'out_of_range'],
    ['1e5', 6, 'not_a_decimal'],
  ])('%j at scale %i → %s', (text, decimals, expected) => {
    expect(shown(parseDecimalRounded(text, decimals))).toBe(expected);
  });

  it('a text that the scale holds → the exact value', () => {
    fc.assert(
      fc.property(anySafe, scale, (value, decimals) => {
        const text = formatDecimal(value, decimals);
        expect(parseDecimalRounded(text, decimals)).toEqual(parseDecimalExactly(text, decimals));
      }),
    );
  });
});

describe('formatDecimal', () => {
  it('any safe integer → a text that parses back to it', () => {
    fc.assert(
      fc.property(anySafe, scale, (value, decimals) => {
        const text = formatDecimal(value, decimals);
        expect(shown(parseDecimalExactly(text, decimals))).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it('any safe integer → the shortest text: no trailing zero after the point', () => {
    fc.assert(
      fc.property(anySafe, scale, (value, decimals) => {
        expect(formatDecimal(value, decimals)).toMatch(/^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/);
      }),
    );
  });
});

describe('formatDecimalFixed', () => {
  it.each<[number, number, number, string]>([
    [1_234_567, 6, 2, '1.23'],
    [1_235_000, 6, 2, '1.24'],
    [-1_235_000, 6, 2, '-1.24'],
    [-4_999, 6, 2, '0.00'],
    [-5_000, 6, 2, '-0.01'],
    [999_999, 6, 0, '1'],
    [5, 6, 6, '0.000005'],
    [MAX, 6, 2, '9007199254.74'],
  ])('%i at scale %i with %i decimals → %s', (value, decimals, kept, text) => {
    expect(formatDecimalFixed(value, decimals, kept)).toBe(text);
  });

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('%d → assertion', (value) => {
    expect(() => formatDecimalFixed(value, 6, 2)).toThrow('expected a safe integer');
  });

  it('more decimals than the scale has → assertion', () => {
    expect(() => formatDecimalFixed(1, 2, 3)).toThrow('expected at most 2 decimals');
  });
});

describe('values and their texts', () => {
  it('prices, quantities and money: any value → its text → the same value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX }), (nanos) => {
        expect(parsePrice(formatPrice(price(nanos)))).toBe(nanos);
        expect(shown(parseQuantity(formatQuantity(quantity(nanos))))).toBe(nanos);
        expect(parseUsd(formatUsd(usd(nanos)))).toBe(nanos);
        expect(parseUsd(formatUsd(usd(-nanos)))).toBe(-nanos);
      }),
    );
  });

  it.each(['0', '-1', '0.0000000001', '1e-7', '', 'NaN', '9007199.3', '0.0'])(
    'parsePrice: %j → refused',
    (text) => {
      expect(parsePrice(text)).toBeNull();
    },
  );

  it.each<[string, number | DecimalFault]>([
    ['0', 0],
    ['-0', 0],
    ['0.000000001', 1],
    ['-1', 'not_a_decimal'],
    ['0.0000000001', 'too_many_decimals'],
    ['9007200', 'out_of_range'],
  ])('parseQuantity: %j → %s', (text, expected) => {
    expect(shown(parseQuantity(text))).toBe(expected);
  });

  it('parseUsd: a seventh decimal → refused, since money of the books is exact', () => {
    expect(parseUsd('1.0000001')).toBeNull();
  });

  it('aggregates of the broker: eleven decimals → rounded half away from zero', () => {
    expect(parseBrokerAggregateRounded('-1.00000050000')).toBe(-1_000_001);
    expect(parseAveragePriceRounded('144.26333333333')).toBe(144_263_333_333);
    expect(parseAveragePriceRounded('0.00000000001')).toBeNull();
    expect(parseAveragePriceRounded('-5')).toBeNull();
    expect(parseBrokerAggregateRounded('none')).toBeNull();
  });

  it('formatUsdCents: half a cent → away from zero', () => {
    expect([formatUsdCents(usd(1_005_000)), formatUsdCents(usd(-1_005_000))]).toEqual([
      '1.01',
      '-1.01',
    ]);
  });
});
