import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  areTotalsOf,
  explainTotals,
  type FillInterval,
  planTotals,
  quantityIn,
  totalsOf,
  type Trades,
} from '../../../../domain/order/index.js';
import {
  epochMs,
  notionalRounded,
  price,
  quantity,
  usd,
  wholeUnits,
} from '../../../../domain/values/index.js';

interface Held extends FillInterval {
  readonly fillId: string;
  readonly kind: 'execution' | 'inferred';
  readonly atMs: ReturnType<typeof epochMs>;
}

let made = 0;

function trade(from: number, units: number, cents: number, atMs = from): Held {
  const at = price(cents * 10_000_000);
  return {
    fillId: `fill-${(made += 1)}`,
    kind: 'execution',
    cumulativeBefore: wholeUnits(from),
    cumulativeAfter: wholeUnits(from + units),
    price: at,
    notional: notionalRounded(at, wholeUnits(units)),
    atMs: epochMs(atMs),
  };
}

/** What a broker would show of trades that stand: its average is rounded to nine decimals. */
function shownOf(trades: readonly Held[]): ReturnType<typeof totalsOf> {
  const cumulative = quantityIn(trades);
  if (cumulative === 0) return totalsOf(cumulative, null);
  const product = trades.reduce(
    (sum, one) => sum + BigInt(one.price) * BigInt(quantityIn([one])),
    0n,
  );
  const average = Number((product + BigInt(cumulative) / 2n) / BigInt(cumulative));
  return totalsOf(cumulative, price(average));
}

/** What is held once a plan has been carried out. */
function after(live: readonly Held[], plan: ReturnType<typeof planTotals<Held>>): FillInterval[] {
  const kept = live.filter((fill) => !plan.reversed.includes(fill));
  return [...kept, ...plan.booked].toSorted((a, b) => a.cumulativeBefore - b.cumulativeBefore);
}

describe('the totals of an order', () => {
  it.each([
    ['an average in nine decimals', 144_003_333_333, 10],
    ['an average in four decimals, or rounded to that', 144_003_300_000, 10 + 150],
    ['an average in whole dollars, or rounded to four decimals', 144_000_000_000, 10 + 150],
  ])('%s → the money may be so much off', (_what, average, tolerance) => {
    const totals = totalsOf(wholeUnits(3), price(average));
    expect(Math.abs(totals.tolerance - tolerance)).toBeLessThanOrEqual(1);
  });

  it('nothing filled → no money, exactly; no average → nobody knows', () => {
    expect(totalsOf(quantity(0), null)).toEqual({ cumulative: 0, notional: 0, tolerance: 0 });
    expect(totalsOf(wholeUnits(1), null).notional).toBeNull();
  });

  it('the quantity alone does not make the totals', () => {
    const two = [trade(0, 1, 14_400), trade(1, 1, 14_401)];
    expect(areTotalsOf(two, shownOf(two))).toBe(true);
    expect(areTotalsOf(two, shownOf([trade(0, 1, 14_400), trade(1, 1, 14_400)]))).toBe(false);
    expect(areTotalsOf(two.slice(1), shownOf(two))).toBe(false);
  });
});

describe('explainTotals', () => {
  it('of several choices the one of those that come first', () => {
    const trades = [trade(0, 1, 14_400), trade(1, 1, 14_400), trade(2, 1, 14_400)];
    expect(explainTotals(trades, shownOf(trades.slice(0, 2)))).toEqual(trades.slice(0, 2));
  });

  it('no choice has the money → null', () => {
    const trades = [trade(0, 1, 14_400), trade(1, 2, 14_401)];
    expect(explainTotals(trades, shownOf([trade(0, 1, 14_405)]))).toBeNull();
    expect(explainTotals([], shownOf([trade(0, 1, 14_405)]))).toBeNull();
  });

  it('so many that nobody can look at each choice → an end, and no answer', () => {
    const many = Array.from({ length: 60 }, (_, index) => trade(index, 2, 14_400 + index));
    expect(explainTotals(many, totalsOf(wholeUnits(61), price(144_000_000_000)))).toBeNull();
  });
});

const someTrades = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 14_400, max: 14_420 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((all) => {
    let from = 0;
    return all.map(([units, cents]) => {
      const one = trade(from, units, cents);
      from += units;
      return one;
    });
  });

/** Nothing is known but what the books hold. */
function ofBooks(live: readonly Held[]): Trades<Held> {
  return { live, told: [], known: live };
}

describe('planTotals', () => {
  it('any of the known trades stand → after the plan the totals are the broker’s', () => {
    fc.assert(
      fc.property(someTrades, fc.array(fc.boolean()), fc.array(fc.boolean()), (all, held, left) => {
        const live = all.filter((_, index) => held[index] ?? true);
        const standing = all.filter((_, index) => left[index] ?? true);
        const totals = shownOf(standing);
        const booked = after(live, planTotals({ live, told: [], known: all }, totals));
        expect(areTotalsOf(booked, totals)).toBe(true);
        let end = 0;
        for (const fill of booked) {
          expect(fill.cumulativeBefore).toBe(end);
          end = fill.cumulativeAfter;
        }
      }),
    );
  });

  it('the books have it right → nothing to do', () => {
    const two = [trade(0, 1, 14_400), trade(1, 1, 14_401)];
    expect(planTotals(ofBooks(two), shownOf(two))).toEqual({ reversed: [], booked: [] });
  });

  it('what frames tell comes to the totals → it stands, where nothing is in its place', () => {
    const listed = [trade(0, 1, 14_400), trade(1, 1, 14_403)];
    const told = [trade(1, 1, 14_401), trade(2, 1, 14_401)]; // Above one that is gone.
    const plan = planTotals({ live: listed, told, known: listed }, shownOf(told));
    expect(plan.reversed).toEqual(listed);
    expect(plan.booked.map(({ like }) => like)).toEqual(told);
    const less = planTotals({ live: listed, told: told.slice(1), known: listed }, shownOf(listed));
    expect(less).toEqual({ reversed: [], booked: [] });
  });

  it('the last trade is gone → not the like one at the bottom, which nobody has named', () => {
    const [unnamed, first, last] = [trade(0, 1, 10_217), trade(1, 6, 10_209), trade(7, 1, 10_217)];
    const live = [unnamed, first, last];
    const plan = planTotals({ live, told: [first, last], known: live }, shownOf([unnamed, first]));
    expect(plan).toEqual({ reversed: [last], booked: [] });
  });

  it('another trade came in the place of one that is gone → not in the place of a third', () => {
    const [first, gone, last] = [trade(0, 2, 14_400), trade(2, 1, 14_420), trade(3, 1, 14_420)];
    const came = trade(2, 1, 14_380);
    const live = [first, gone, last];
    const plan = planTotals(
      { live, told: [], known: [...live, came] },
      shownOf([first, came, last]),
    );
    expect(plan.reversed).toEqual([gone]);
    expect(plan.booked).toMatchObject([
      { cumulativeBefore: wholeUnits(2), price: came.price, like: came },
    ]);
  });

  it('one trade has another price in cents → the one that changes least', () => {
    const two = [trade(0, 2, 14_400), trade(2, 3, 14_401)];
    const [first] = two;
    const plan = planTotals(ofBooks(two), shownOf([trade(0, 2, 14_400), trade(2, 3, 14_403)]));
    expect(plan.booked).toMatchObject([
      { cumulativeBefore: wholeUnits(2), price: 144_030_000_000, origin: 'inferred' },
    ]);
    const three = [...two, trade(5, 1, 14_402)];
    const other = planTotals(ofBooks(three), shownOf([trade(0, 2, 14_401), ...three.slice(1)]));
    expect(other.booked).toMatchObject([{ cumulativeBefore: 0, price: 144_010_000_000 }]);
    expect(plan.reversed).not.toContain(first);
  });

  it('another trade came in a place, and a third has another price → the smallest change', () => {
    const [gone, third] = [trade(0, 4, 17_105), trade(4, 1, 17_123)];
    const came = trade(0, 4, 17_083);
    const totals = shownOf([came, trade(4, 1, 17_124)]);
    const live = [gone, third];
    const plan = planTotals({ live, told: [], known: [...live, came] }, totals);
    expect(plan.reversed).toEqual([gone, third]);
    expect(plan.booked).toMatchObject([
      { cumulativeBefore: 0, price: came.price, origin: 'moved', like: came },
      { cumulativeBefore: wholeUnits(4), price: 171_240_000_000, origin: 'inferred' },
    ]);
  });

  it('a guess over listed trades of which one was corrected unheard → these, one guessed', () => {
    const guess: Held = { ...trade(0, 4, 6_420), kind: 'inferred' };
    const listed = [trade(0, 1, 6_418), trade(1, 1, 6_396), trade(2, 2, 6_432), trade(4, 1, 6_375)];
    const [first, second, third] = listed;
    const totals = shownOf([guess]);
    const plan = planTotals({ live: [guess], told: [], known: listed }, totals);
    expect(plan.reversed).toEqual([guess]);
    expect(plan.booked).toMatchObject([
      { cumulativeBefore: 0, price: first?.price, origin: 'moved', like: first },
      { cumulativeBefore: wholeUnits(1), price: second?.price, origin: 'moved', like: second },
      { cumulativeBefore: wholeUnits(2), price: 64_330_000_000, origin: 'inferred', like: third },
    ]);
    const repriced: Held = { ...trade(2, 2, 6_433), kind: 'inferred' };
    const live = [...listed.slice(0, 2), repriced];
    expect(planTotals({ live, told: [], known: listed }, totals)).toEqual({
      reversed: [],
      booked: [],
    });
  });

  it('something unknown is missing → inferred in its gap, at the money that is left', () => {
    const [held] = [trade(2, 3, 14_401)];
    const plan = planTotals(ofBooks([held]), shownOf([trade(0, 2, 14_400), held]));
    expect(plan).toMatchObject({
      reversed: [],
      booked: [{ cumulativeBefore: 0, price: 144_000_000_000, origin: 'inferred', like: null }],
    });
    expect(plan.booked[0]?.notional).toBe(usd(288_000_000));
  });
});
