import { type Mutant, mutantsOf } from '../mutant.js';

const ASSESS = 'test/unit/domain/risk/assess-risk.test.ts';
const BOUNDARIES = 'test/unit/domain/risk/boundaries.test.ts';

/** Defects of the limits. */
export const RISK_MUTANTS: readonly Mutant[] = [
  ...mutantsOf({ file: 'domain/risk/assess-risk.ts', killers: [ASSESS, BOUNDARIES] }, [
    {
      id: 'order-limit-one-short',
      defect: 'an order at its limit is denied: >= for >',
      breaks: ['I9'],
      find: 'orderNotional > limits.orderNotionalMax',
      replace: 'orderNotional >= limits.orderNotionalMax',
    },
    {
      id: 'position-limit-one-short',
      defect: 'a position at its limit is denied: >= for >',
      breaks: ['I9'],
      find: 'positionNotional > limits.positionNotionalMax',
      replace: 'positionNotional >= limits.positionNotionalMax',
    },
    {
      id: 'buying-power-one-short',
      defect: 'an order that takes all that is left is denied: >= for >',
      breaks: ['I9'],
      find: 'amount !== null && amount > available',
      replace: 'amount !== null && amount >= available',
    },
    {
      id: 'short-collar-dropped',
      defect: 'a short reserves no more than a long of the same price',
      breaks: ['I9'],
      find: "side === 'buy' ? PRICE_COLLAR_BASIS_POINTS : PRICE_COLLAR_BASIS_POINTS * 3;",
      replace: "side === 'buy' ? PRICE_COLLAR_BASIS_POINTS : PRICE_COLLAR_BASIS_POINTS;",
    },
    {
      id: 'reserved-not-subtracted',
      defect: 'open orders take no buying power',
      breaks: ['I9'],
      find: '- totals.shortCostBasis - totals.reserved);',
      replace: '- totals.shortCostBasis);',
    },
    {
      id: 'halt-denies-entries-only',
      defect: 'a halted account sends what reduces',
      breaks: ['I7'],
      find: "if (inputs.haltMode === 'halted') return",
      replace: "if (inputs.haltMode === 'halted' && opening > 0) return",
    },
    {
      id: 'expired-intent-sent',
      defect: 'a wish that is too old is sent',
      breaks: ['I9'],
      find: 'if (nowAtMs <= intent.validUntilMs) return null;',
      replace: 'if (nowAtMs >= 0) return null;',
    },
    {
      id: 'intent-expires-early',
      defect: 'the last millisecond of an intent is denied',
      breaks: ['I14'],
      find: 'nowAtMs <= intent.validUntilMs',
      replace: 'nowAtMs < intent.validUntilMs',
    },
    {
      id: 'parked-symbol-admitted',
      defect: 'an entry of a parked symbol is admitted',
      breaks: ['I3', 'I9'],
      find: 'return parked === null ? null :',
      replace: 'return parked !== "" ? null :',
    },
  ]),
  ...mutantsOf(
    {
      file: 'domain/risk/exposure.ts',
      killers: ['test/unit/domain/risk/exposure.test.ts', ASSESS],
    },
    [
      {
        id: 'two-exits-of-the-same-units',
        defect: 'exits that are open already do not count',
        breaks: ['I9'],
        find: 'const reducible = Math.max(0, held - ahead);',
        replace: 'const reducible = Math.max(0, held + ahead * 0);',
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'domain/portfolio/worst-case-exposure.ts',
      killers: ['test/unit/domain/portfolio/portfolio.test.ts'],
    },
    [
      {
        id: 'exposure-rounded-for-us',
        defect: 'the worst case is rounded down',
        breaks: ['I9'],
        find: '(magnitude(nanos) * unitPrice + PRODUCT_UNITS_PER_MICRO - 1n)',
        replace: '(magnitude(nanos) * unitPrice)',
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'domain/risk/price-tick.ts',
      killers: ['test/unit/domain/risk/exposure.test.ts', ASSESS],
    },
    [
      {
        id: 'any-tick-taken',
        defect: 'a price between two cents reaches the broker',
        breaks: ['I16', 'F66'],
        find: 'return value % tickOf(value) === 0;',
        replace: 'return tickOf(value) > 0;',
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'domain/trade/losing-streak.ts',
      killers: ['test/unit/domain/trade/fold-trade.test.ts'],
    },
    [
      {
        id: 'break-even-resets',
        defect: 'a trade that comes to nothing begins the streak anew',
        breaks: ['I9'],
        find: 'if (pnl === 0) return streak;',
        replace: 'if (pnl === 0) return 0;',
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'domain/order/client-order-id.ts',
      killers: ['test/unit/domain/order/ids-and-statuses.test.ts'],
    },
    [
      {
        id: 'leg-not-in-the-id',
        defect: 'two orders of one decision share an id',
        breaks: ['I1'],
        find: '    decision.leg,\n',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'activities/session/decide-on-bar.ts',
      killers: ['test/unit/activities/session.test.ts'],
    },
    [
      {
        id: 'bar-decided-twice',
        defect: 'a bar that is seen again asks for its order again',
        breaks: ['I1', 'I12'],
        find: "if (recorded === 'repeated') continue;",
        replace: 'if (recorded === null) continue;',
      },
      {
        id: 'other-order-of-the-id-ignored',
        defect: 'a decision whose id is taken by another order asks for a driver all the same',
        breaks: ['I1'],
        find: 'if (!isOther) await askForOrder',
        replace: 'if (isOther !== null) await askForOrder',
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'domain/risk/order-by-amount.ts',
      killers: ['test/unit/domain/risk/boundaries.test.ts'],
    },
    [
      {
        id: 'amount-of-any-type',
        defect: 'an amount is taken for an order that is no market order',
        breaks: ['I9'],
        find: "[type === 'market', ",
        replace: "[type !== 'stop', ",
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'activities/order/place-order.ts',
      killers: ['test/unit/activities/order-wish.test.ts'],
    },
    [
      {
        id: 'amount-sized-again',
        defect: 'an order by amount is sized anew when it is sent again',
        breaks: ['I1'],
        find: 'const wish = known === null ? asked.intent : known.order.intent;',
        replace: 'const wish = asked.intent;',
      },
      {
        id: 'other-wish-not-denied',
        defect: 'another wish under a known id is answered as if it were the same',
        breaks: ['I1'],
        find: 'if (differingFields(held, asked).length === 0) return;',
        replace: 'if (differingFields(held, asked).length >= 0) return;',
      },
    ],
  ),
];
