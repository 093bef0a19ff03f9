import { type Mutant, mutantsOf } from '../mutant.js';

const MONEY = 'test/unit/domain/values/money.test.ts';

/** Defects of arithmetic and of the audit chain. */
export const MONEY_MUTANTS: readonly Mutant[] = [
  ...mutantsOf({ file: 'domain/values/money.ts', killers: [MONEY] }, [
    {
      id: 'money-through-floating-point',
      defect: 'the cash of a fill is computed in floating point',
      breaks: ['I5', 'I16'],
      find: 'usd(toSafe((product + PRODUCT_UNITS_PER_MICRO / 2n) / PRODUCT_UNITS_PER_MICRO));',
      replace: 'usd(Math.round((unitPrice * units) / 1e12) + Number(product - product));',
    },
    {
      id: 'cash-rounded-down',
      defect: 'the cash of a fill loses half a micro-dollar on average',
      breaks: ['I4', 'I5'],
      find: '(product + PRODUCT_UNITS_PER_MICRO / 2n) / PRODUCT_UNITS_PER_MICRO',
      replace: 'product / PRODUCT_UNITS_PER_MICRO',
    },
    {
      id: 'reservation-rounded-down',
      defect: 'a worst case is rounded for us',
      breaks: ['I9'],
      find: '(product + PRODUCT_UNITS_PER_MICRO - 1n) / PRODUCT_UNITS_PER_MICRO',
      replace: 'product / PRODUCT_UNITS_PER_MICRO',
    },
    {
      id: 'cost-share-rounded-down',
      defect: 'the cost that leaves with a part is rounded one way',
      breaks: ['I5'],
      find: 'const rounded = toSafe((magnitude + divisor / 2n) / divisor);',
      replace: 'const rounded = toSafe(magnitude / divisor);',
    },
    {
      id: 'units-rounded-up',
      defect: 'an amount buys one unit more than it pays for',
      breaks: ['I9'],
      find: 'const units = (BigInt(amount) * 1000n) / BigInt(unitPrice);',
      replace: 'const units = (BigInt(amount) * 1000n) / BigInt(unitPrice) + 1n;',
    },
    {
      id: 'money-wraps',
      defect: 'a product beyond the safe range loses digits',
      breaks: ['I16', 'F65'],
      find: 'value <= BigInt(Number.MAX_SAFE_INTEGER) &&',
      replace: 'value <= BigInt(Number.MAX_VALUE) &&',
    },
  ]),
  ...mutantsOf(
    {
      file: 'domain/values/decimal.ts',
      killers: ['test/unit/domain/values/decimal.test.ts'],
    },
    [
      {
        id: 'tenth-decimal-dropped',
        defect: 'a quantity of ten decimals is cut instead of refused',
        breaks: ['I16', 'F65'],
        find: "if (fraction.length > scale) return { ok: false, fault: 'too_many_decimals' };",
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'domain/position/apply-fill.ts',
      killers: ['test/unit/domain/position/apply-fill.test.ts', 'test/property/position.test.ts'],
    },
    [
      {
        id: 'flip-keeps-the-rest',
        defect: 'a fill through zero closes and opens nothing',
        breaks: ['I4', 'I5'],
        find: 'const isFlip = openedQuantity > 0;',
        replace: 'const isFlip = openedQuantity < 0;',
      },
      {
        id: 'short-profit-as-loss',
        defect: 'buying a short back dearer is a gain',
        breaks: ['I5'],
        find: ': subtractUsd(cost, proceeds);',
        replace: ': subtractUsd(proceeds, cost);',
      },
    ],
  ),
  ...mutantsOf(
    { file: 'domain/order/fill.ts', killers: ['test/unit/domain/order/apply-order-event.test.ts'] },
    [
      {
        id: 'touching-intervals-overlap',
        defect: 'a fill that begins where the last one ended contradicts it',
        breaks: ['I2', 'I3'],
        find: 'if (evidence.cumulativeBefore >= held.cumulativeAfter)',
        replace: 'if (evidence.cumulativeBefore > held.cumulativeAfter)',
      },
    ],
  ),
  ...mutantsOf({ file: 'adapters/store/audit.ts', killers: ['test/store/audit.test.ts'] }, [
    {
      id: 'truncated-audit-intact',
      defect: 'records that are cut off the end are not missed',
      breaks: ['I10', 'F45'],
      find: 'if (head.sequence >= promised.sequence) {',
      replace: 'if (head.sequence >= 0) {',
    },
    {
      id: 'audit-without-its-chain',
      defect: 'a record does not stand on the one before',
      breaks: ['I10', 'F45'],
      find: '`${previousHash}\\n${text}`',
      replace: '`${previousHash.slice(64)}\\n${text}`',
    },
  ]),
];
