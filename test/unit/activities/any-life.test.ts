import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pollOrder } from '../../../activities/order/resolve-order.js';
import type { TradeUpdate } from '../../../adapters/broker/port.js';
import type { TestWorld } from '../../support/test-world.js';
import { expectWholeStory, openDay } from './day-of-test.js';
import { booksOf, ORDER_ID, rowOf, liveOf } from './order-of-test.js';
import { applyAll, hearActivity } from './stream-of-test.js';

const FILL = fc.record({
  kind: fc.constant('fill' as const),
  units: fc.integer({ min: 1, max: 12 }),
  cents: fc.integer({ min: 14_400, max: 14_520 }),
});
const BUST = fc.record({ kind: fc.constant('bust' as const), index: fc.nat() });
const CORRECTION = fc.record({
  kind: fc.constant('correction' as const),
  index: fc.nat(),
  cents: fc.integer({ min: 14_400, max: 14_520 }),
});

function byText(left: string, right: string): number {
  return left.localeCompare(right);
}

type Life = readonly (
  | { readonly kind: 'fill'; readonly units: number; readonly cents: number }
  | { readonly kind: 'bust'; readonly index: number }
  | { readonly kind: 'correction'; readonly index: number; readonly cents: number }
)[];

/** Lets the broker live it; what stands at the end. */
function live(test: TestWorld, life: Life): readonly TradeUpdate[] {
  const standing: TradeUpdate[] = [];
  for (const one of life) liveOn(test, one, standing);
  return standing;
}

/** One more thing happens at the broker; `standing` are its trades, before and after. */
function liveOn({ broker }: TestWorld, one: Life[number], standing: TradeUpdate[]): void {
  if (one.kind === 'fill') {
    standing.push(broker.fill(ORDER_ID, one.units, one.cents / 100));
    return;
  }
  if (standing.length === 0) return;
  const place = one.index % standing.length;
  const [taken] = standing.splice(place, 1) as [TradeUpdate];
  if (one.kind === 'bust') broker.bust(taken);
  else standing.splice(place, 0, broker.correct(taken, one.cents / 100));
}

/** The broker lives; some frames are heard, in any order; looks; all frames again; looks. */
async function hearAll(life: Life, picks: readonly number[]): Promise<HeardLife> {
  const test = await openDay();
  const standing = live(test, life);
  const { updates } = test.broker;
  for (const pick of picks) {
    const update = updates[pick % updates.length];
    if (update !== undefined) await applyAll(test, [update]);
  }
  await pollOrder(test.world, ORDER_ID);
  await expectTotals(test);
  for (const update of updates) await applyAll(test, [update]);
  for (let looks = 0; looks < 3; looks += 1) await pollOrder(test.world, ORDER_ID);
  await expectTotals(test);
  if ((await test.world.reader.fills.count()) > 0) await expectWholeStory(test);
  const before = await booksOf(test);
  await pollOrder(test.world, ORDER_ID);
  expect(await booksOf(test)).toEqual(before);
  return { test, standing };
}

interface HeardLife {
  readonly test: TestWorld;
  readonly standing: readonly TradeUpdate[];
}

/** The very trades that stand at the broker, none of them a guess. */
async function expectTrades({ test, standing }: HeardLife): Promise<void> {
  const held = await liveOf(test);
  const terms = held.map(
    (fill) => `${fill.kind}: ${fill.cumulativeAfter - fill.cumulativeBefore} at ${fill.price}`,
  );
  const expected = standing.map(({ quantity, price }) => `execution: ${quantity} at ${price}`);
  expect(terms.toSorted(byText)).toEqual(expected.toSorted(byText));
}

async function expectTotals(test: TestWorld): Promise<void> {
  const { order } = await rowOf(test);
  expect(order.parkedReason).toBeNull();
  expect(order.filledQuantity).toBe(test.broker.snapshot(ORDER_ID).filledQuantity);
  const cash = (await test.world.reader.account())?.cash ?? 0;
  expect(Math.abs(cash - test.broker.cashMicros)).toBeLessThanOrEqual(10);
}

function lifeOf(
  ...steps: fc.Arbitrary<Life[number]>[]
): [fc.Arbitrary<Life>, fc.Arbitrary<number[]>] {
  const life = fc.array(fc.oneof(...steps), { minLength: 1, maxLength: 7 });
  return [life, fc.array(fc.nat(), { maxLength: 20 })];
}

/** Few prices and sizes, so that many trades are alike. */
const CENTS = fc.constantFrom(14_400, 14_401, 14_450);
const FEW = fc.record({
  kind: fc.constant('fill' as const),
  units: fc.constantFrom(1, 2, 5),
  cents: CENTS,
});
const MOMENT = fc.oneof(
  { arbitrary: FEW, weight: 3 },
  BUST,
  fc.record({ kind: fc.constant('correction' as const), index: fc.nat(), cents: CENTS }),
  { arbitrary: fc.record({ kind: fc.constant('hear' as const), index: fc.nat() }), weight: 2 },
  fc.record({ kind: fc.constant('look' as const), isLagging: fc.boolean() }),
  fc.record({ kind: fc.constant('listed' as const), index: fc.nat() }),
);
type Moment = typeof MOMENT extends fc.Arbitrary<infer One> ? One : never;

type Lived = Extract<Moment, { readonly kind: Life[number]['kind'] }>;

function isOfLife(moment: Moment): moment is Lived {
  return moment.kind === 'fill' || moment.kind === 'bust' || moment.kind === 'correction';
}

/** The broker lives on while Ordinis hears frames and lists, and looks. */
async function playMoments(
  test: TestWorld,
  moments: readonly Moment[],
): Promise<readonly TradeUpdate[]> {
  const { broker, world } = test;
  const standing: TradeUpdate[] = [];
  for (const moment of moments) {
    if (isOfLife(moment)) liveOn(test, moment, standing);
    else if (moment.kind === 'look') {
      broker.areActivitiesLagging = moment.isLagging;
      await pollOrder(world, ORDER_ID);
      broker.areActivitiesLagging = false;
    } else if (moment.kind === 'hear') {
      const update = broker.updates[moment.index % broker.updates.length];
      if (update !== undefined) await applyAll(test, [update]);
    } else {
      const activity = broker.activities[moment.index % broker.activities.length];
      if (activity !== undefined) await hearActivity(test, activity);
    }
  }
  return standing;
}

describe('any life of an order, frames in any order, twice or never', () => {
  it('fills and busts → the trades that stand at the broker', async () => {
    await fc.assert(
      fc.asyncProperty(...lifeOf(FILL, BUST), async (life, picks) => {
        await expectTrades(await hearAll(life, picks));
      }),
      { numRuns: 60 },
    );
  });

  it('corrections too → the trades that stand at the broker', async () => {
    await fc.assert(
      fc.asyncProperty(...lifeOf(FILL, BUST, CORRECTION), async (life, picks) => {
        await expectTrades(await hearAll(life, picks));
      }),
      { numRuns: 60 },
    );
  });

  it('many alike, looked at in between → its totals; all heard → its trades', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(MOMENT, { minLength: 3, maxLength: 22 }), async (moments) => {
        const test = await openDay();
        const standing = await playMoments(test, moments);
        for (let looks = 0; looks < 3; looks += 1) await pollOrder(test.world, ORDER_ID);
        await expectTotals(test);
        const before = await booksOf(test);
        await pollOrder(test.world, ORDER_ID);
        expect(await booksOf(test)).toEqual(before);
        for (const update of test.broker.updates) await applyAll(test, [update]);
        for (let looks = 0; looks < 3; looks += 1) await pollOrder(test.world, ORDER_ID);
        await expectTotals(test);
        await expectTrades({ test, standing });
      }),
      { numRuns: 60 },
    );
  });
});
