import { describe, expect, it } from 'vitest';
import { DECISION_WORDS, detailLines } from '../../cli/orders/detail-lines.js';

// As `recordDecision` writes them: integers of the books.
const INPUTS = {
  intent: { clientOrderId: 'ord-a', quantity: 100_000_000_000 },
  nowAtMs: Date.parse('2013-10-07T14:36:00Z'),
  voidThroughMs: 0,
  haltMode: 'none',
  instrument: { tradable: true, shortable: false, fractionable: true, parkedReason: null },
  position: -37_500_000_000,
  openOrders: [{ side: 'buy', remaining: 10_000_000_000 }],
  replaced: null,
  limits: {
    orderNotionalMax: 25_000_000_000,
    positionNotionalMax: 50_000_000_000,
    leverageHundredths: 150,
  },
  totals: { cash: 85_251_800_000, reserved: 0, longCostBasis: 14_748_200_000, shortCostBasis: 0 },
  quotedPrice: 397_830_000_000,
};

function decision(change: object): readonly string[] {
  return detailLines(JSON.stringify({ ...INPUTS, ...change }), DECISION_WORDS);
}

describe('detailLines', () => {
  it('a decision → each input in the units that people trade in', () => {
    expect(decision({})).toEqual([
      'nowAtMs: 2013-10-07 10:36:00',
      'voidThroughMs: -',
      'haltMode: none',
      'instrument: tradable, not shortable, fractionable',
      'position: -37.5',
      'openOrders: buy 10',
      'replaced: -',
      'limits: order 25,000.00, position 50,000.00, leverage 1.50',
      'totals: cash 85,251.80, reserved 0.00, long at cost 14,748.20, short at cost 0.00',
      'quotedPrice: 397.83',
    ]);
  });

  it('a decision about what is not known, or parked → so it says', () => {
    const lines = decision({ instrument: null, openOrders: [], quotedPrice: null });
    for (const line of ['instrument: -', 'openOrders: -', 'quotedPrice: -']) {
      expect(lines).toContain(line);
    }
    const instrument = { ...INPUTS.instrument, parkedReason: 'differs' };
    expect(decision({ instrument })).toContain(
      'instrument: tradable, not shortable, fractionable, parked: differs',
    );
  });

  it('an event → its deadline as an instant; its fill has a line of its own', () => {
    const event = { kind: 'x', sendDeadlineAtMs: 1_000, interval: { quantity: 1 }, why: 'asked' };
    expect(detailLines(JSON.stringify(event))).toEqual([
      'sendDeadlineAtMs: 1970-01-01T00:00:01.000Z',
      'why: asked',
    ]);
  });

  it('what is no record → as it is; a long member → cut', () => {
    expect(detailLines('spoken')).toEqual(['spoken']);
    expect(detailLines(JSON.stringify({ raw: 'x'.repeat(300) }))).toEqual([
      `raw: ${'x'.repeat(200)}…`,
    ]);
  });
});
