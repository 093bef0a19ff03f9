import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { repairOrder } from '../../../activities/order/repair-order.js';
import { pollOrder } from '../../../activities/order/resolve-order.js';
import { repairAll } from '../../../activities/reconciliation/repair-all.js';
import type { TradeUpdate } from '../../../adapters/broker/port.js';
import { formatPrice, wholeUnits } from '../../../domain/values/index.js';
import type { TestWorld } from '../../support/test-world.js';
import { expectWholeStory, fillAll, infer, kindsOf, openDay } from './day-of-test.js';
import { idOf } from '../domain/order/order-fixture.js';
import {
  booksOf,
  inputOf,
  ORDER_ID,
  outboxOf,
  reservedOf,
  rowOf,
  standingOf,
  toldOf,
  liveOf,
} from './order-of-test.js';
import { applyAll, hear, hearActivity, runStreamOnce, until } from './stream-of-test.js';

const EXIT_ID = idOf('ord-test-SPY-2-exit');

async function sell(test: TestWorld, units: number): Promise<void> {
  const change = { clientOrderId: EXIT_ID, side: 'sell', purpose: 'exit', leg: 'exit' } as const;
  await placeOrder(test.world, inputOf({ ...change, quantity: wholeUnits(units) }));
}

const someFills = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 14_400, max: 14_520 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((all) => all.map(([units, cents]) => [units, cents / 100] as const));

describe('inferred fills', () => {
  it('the executions come later, in any order, by any way, twice → the same books', async () => {
    await fc.assert(
      fc.asyncProperty(
        someFills,
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
        async (fills, early, dice) => {
          const straight = await openDay();
          await applyAll(straight, fillAll(straight, fills));
          const test = await openDay();
          const updates = fillAll(test, fills);
          const activities = [...test.broker.activities];
          const tellings = [
            ...updates.map((update) => () => applyAll(test, [update])),
            ...activities.map((activity) => () => hearActivity(test, activity)),
            () => infer(test),
          ];
          for (const pick of early) await tellings[pick % tellings.length]?.();
          await infer(test);
          const units = fills.reduce((sum, [each]) => sum + each, 0);
          for (const world of [straight, test]) {
            await sell(world, units);
            await applyAll(world, [world.broker.fill(EXIT_ID, units, 144)]);
          }
          const late = tellings
            .map((tell, index) => ({ tell, key: dice[index] ?? 0 }))
            .toSorted((left, right) => left.key - right.key);
          for (const { tell } of late) await tell();
          expect(await booksOf(test)).toEqual(await booksOf(straight));
          expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
          await expectWholeStory(test);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('one execution of two comes → it stands, the rest stays inferred', async () => {
    const test = await openDay();
    const [, second] = fillAll(test, [
      [40, 145],
      [60, 145.1],
    ]);
    await infer(test);
    expect(await kindsOf(test)).toEqual(['inferred']);
    await applyAll(test, second === undefined ? [] : [second]);
    expect(await kindsOf(test)).toEqual(['inferred', 'reversal', 'execution', 'inferred']);
    const live = await liveOf(test);
    expect(live.map(({ cumulativeBefore, price }) => [cumulativeBefore, price])).toEqual([
      [wholeUnits(40), 145_100_000_000],
      [wholeUnits(0), 145_000_000_000],
    ]);
    expect(await standingOf(test)).toBe('filled 100');
    expect(await toldOf(test)).not.toContain('critical position_reconciliation');
  });

  it('the activities come later → the next repair of everything finds them', async () => {
    const test = await openDay();
    fillAll(test, [[100, 145]]);
    await infer(test);
    await repairAll(test.world);
    const live = await liveOf(test);
    expect(live.map(({ kind, activityId }) => [kind, activityId])).toEqual([
      ['execution', 'activity-1'],
    ]);
  });
});

describe('busts and corrections', () => {
  it('the last fill is busted → taken back by a row, cumulative lowered, told once', async () => {
    const test = await openDay();
    const reservedBefore = await reservedOf(test);
    const [first] = fillAll(test, [[40, 145]]);
    await applyAll(test, first === undefined ? [] : [first]);
    expect(await standingOf(test)).toBe('partially_filled 40');
    const bust = test.broker.bust(first as TradeUpdate);
    await applyAll(test, [bust]);
    await applyAll(test, [bust, first as TradeUpdate]);
    for (const activity of test.broker.activities) await hearActivity(test, activity);
    expect(await standingOf(test)).toBe('accepted 0');
    expect(await kindsOf(test)).toEqual(['execution', 'reversal']);
    expect((await rowOf(test)).order.brokerFilledQuantity).toBe(0);
    expect(await reservedOf(test)).toBe(reservedBefore);
    const told = await toldOf(test);
    expect(told.filter((one) => one === 'critical position_reconciliation')).toHaveLength(1);
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
    await expectWholeStory(test);
  });

  it('a list that still has the busted fill → the broker has filled no more', async () => {
    const test = await openDay();
    await placeOrder(test.world, inputOf());
    const fill = test.broker.fill(ORDER_ID, 100, 145);
    await applyAll(test, [fill]);
    const [listed] = await test.broker.fillActivitiesSince();
    const bust = test.broker.bust(fill);
    // Taken back in the instant of the fill: no stamp says which of the two was first.
    const { updatedAt } = fill.order;
    await applyAll(test, [{ ...bust, order: { ...bust.order, updatedAt } }]);
    if (listed !== undefined) await hearActivity(test, listed);
    expect(listed?.quantity).toBe(wholeUnits(100));
    const { filledQuantity, brokerFilledQuantity } = (await rowOf(test)).order;
    expect([filledQuantity, brokerFilledQuantity]).toEqual([0, 0]);
  });

  it('filled whole and busted before anybody heard → over, nothing is held back', async () => {
    const test = await openDay();
    const [all] = fillAll(test, [[100, 145]]);
    test.broker.bust(all as TradeUpdate);
    await pollOrder(test.world, ORDER_ID);
    expect(await standingOf(test)).toBe('canceled 0');
    expect(await reservedOf(test)).toBe('0');
  });

  it('filled again after a bust → a second fill of the same interval', async () => {
    const test = await openDay();
    const [first] = fillAll(test, [[40, 145]]);
    await applyAll(test, [first as TradeUpdate, test.broker.bust(first as TradeUpdate)]);
    const again = test.broker.fill(ORDER_ID, 40, 145.1);
    await applyAll(test, [again, again]);
    expect(await standingOf(test)).toBe('partially_filled 40');
    const ids = (await test.world.reader.fills.byOrder(ORDER_ID)).map(({ fillId }) => fillId);
    expect(new Set(ids).size).toBe(3);
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
  });

  it('a fill in the middle is busted → what was above it moves down with its ids', async () => {
    const test = await openDay();
    const updates = fillAll(test, [
      [40, 145],
      [20, 145.1],
    ]);
    await applyAll(test, updates);
    await applyAll(test, [test.broker.bust(updates[0] as TradeUpdate)]);
    const live = await liveOf(test);
    expect(live).toMatchObject([
      {
        cumulativeBefore: 0,
        cumulativeAfter: wholeUnits(20),
        executionId: updates[1]?.executionId,
      },
    ]);
    await applyAll(test, updates);
    for (const activity of test.broker.activities) await hearActivity(test, activity);
    await applyAll(test, [test.broker.fill(ORDER_ID, 10, 145)]);
    expect(await standingOf(test)).toBe('partially_filled 30');
    expect((await rowOf(test)).order.parkedReason).toBeNull();
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
  });

  it('the broker works a filled order again after a bust → reopened, reserved', async () => {
    const test = await openDay();
    const reservedBefore = await reservedOf(test);
    const updates = fillAll(test, [
      [40, 145],
      [60, 145],
    ]);
    await applyAll(test, updates);
    await applyAll(test, [test.broker.bust(updates[1] as TradeUpdate)]);
    expect(await standingOf(test)).toBe('filled 40');
    expect(await reservedOf(test)).toBe('0');
    await applyAll(test, [test.broker.become(ORDER_ID, 'partially_filled', 'restated')]);
    expect(await standingOf(test)).toBe('partially_filled 40');
    expect(Number(await reservedOf(test))).toBeCloseTo(Number(reservedBefore) * 0.6, 5);
    expect(await outboxOf(test)).toContain(`start_order ${ORDER_ID}`);
    expect((await test.world.reader.alerts.recent(1))[0]?.title).toContain('works order');
    await applyAll(test, [test.broker.fill(ORDER_ID, 60, 145)]);
    expect(await standingOf(test)).toBe('filled 100');
    expect(await reservedOf(test)).toBe('0');
  });

  it('a trade is corrected → reversed and booked at its price, trades and day follow', async () => {
    const test = await openDay();
    const [bought] = fillAll(test, [[100, 145]]);
    await applyAll(test, [bought as TradeUpdate]);
    await sell(test, 100);
    await applyAll(test, [test.broker.fill(EXIT_ID, 100, 145.5)]);
    const dayBefore = await test.world.reader.tradingDays.latest();
    expect(dayBefore).toMatchObject({ realizedPnl: 50_000_000, tradesClosed: 1, losingStreak: 0 });
    const corrected = test.broker.correct(bought as TradeUpdate, 146);
    await applyAll(test, [corrected, corrected, bought as TradeUpdate]);
    for (const activity of test.broker.activities.slice(0, 1)) await hearActivity(test, activity);
    expect(await test.world.reader.tradingDays.latest()).toMatchObject({
      realizedPnl: -50_000_000,
      tradesClosed: 1,
      losingStreak: 1,
    });
    expect(await standingOf(test)).toBe('filled 100');
    const [trade] = await test.world.reader.trades.recent(5);
    expect(trade).toMatchObject({ entryNotional: 14_600_000_000, realizedPnl: -50_000_000 });
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
    await expectWholeStory(test);
  });

  it('the bust overtakes its fill → nothing is left, whenever the fill is told', async () => {
    const test = await openDay();
    const [first] = fillAll(test, [[40, 145]]);
    const bust = test.broker.bust(first as TradeUpdate);
    await hear(test, [bust, first as TradeUpdate]);
    for (const activity of test.broker.activities) await hearActivity(test, activity);
    expect(await standingOf(test)).toBe('accepted 0');
    expect(await kindsOf(test)).toEqual([]);
  });

  it('the correction overtakes its fill → it stands, whenever the fill is told', async () => {
    const test = await openDay();
    const [first] = fillAll(test, [[40, 145]]);
    await hear(test, [test.broker.correct(first as TradeUpdate, 145.2)]);
    expect(await kindsOf(test)).toEqual(['execution']);
    await hear(test, [first as TradeUpdate]);
    for (const activity of test.broker.activities) await hearActivity(test, activity);
    await pollOrder(test.world, ORDER_ID);
    expect(await kindsOf(test)).toEqual(['execution']);
    expect(await standingOf(test)).toBe('partially_filled 40');
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
  });

  it('it overtakes its fill, beside one of its size from a list → that one stays', async () => {
    const test = await openDay();
    const [, second] = fillAll(test, [
      [40, 145],
      [40, 145.1],
    ]);
    const [first] = test.broker.activities;
    if (first !== undefined) await hearActivity(test, first);
    await hear(test, [test.broker.correct(second as TradeUpdate, 145.2)]);
    const live = await liveOf(test);
    expect(live.map((fill) => formatPrice(fill.price))).toEqual(['145', '145.2']);
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
  });

  it('the correction overtakes several fills → the repair finds them, and it stands', async () => {
    const test = await openDay();
    test.broker.isMuted = false;
    await runStreamOnce(test, async () => {
      test.broker.isMuted = true;
      const [first] = fillAll(test, [
        [40, 145],
        [20, 145.1],
      ]);
      test.broker.isMuted = false;
      test.broker.correct(first as TradeUpdate, 145.2);
      await until(async () => (await kindsOf(test)).includes('reversal'));
    });
    expect(await standingOf(test)).toBe('partially_filled 60');
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
  });

  it('a part of an inferred fill is busted → so much less, for so much less money', async () => {
    const test = await openDay();
    const updates = fillAll(test, [
      [40, 145],
      [20, 145.1],
    ]);
    await infer(test);
    await hear(test, [test.broker.bust(updates[1] as TradeUpdate)]);
    expect(await standingOf(test)).toBe('partially_filled 40');
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
  });

  it.each([
    ['with an id of its own', (bust: TradeUpdate) => bust],
    ['without one', (bust: TradeUpdate) => ({ ...bust, eventId: null })],
  ])('a bust %s is told twice, of one of two like trades → the other stays', async (_w, told) => {
    const test = await openDay();
    const updates = fillAll(test, [
      [20, 145],
      [20, 145],
    ]);
    // Lists name no executions: nothing but the frame's own id tells one bust from two.
    for (const activity of test.broker.activities) await hearActivity(test, activity);
    const bust = told(test.broker.bust(updates[1] as TradeUpdate));
    await hear(test, [bust]);
    await hear(test, [bust, bust]);
    expect(await kindsOf(test)).toEqual(['execution', 'execution', 'reversal']);
    expect(await standingOf(test)).toBe('partially_filled 20');
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
  });

  it('a bust overtook its fill, beside a trade of guessed price → that one stays', async () => {
    const test = await openDay();
    const [first] = fillAll(test, [[40, 145]]);
    await applyAll(test, first === undefined ? [] : [first]);
    test.broker.correct(first as TradeUpdate, 145.01);
    await pollOrder(test.world, ORDER_ID);
    expect(await kindsOf(test)).toEqual(['execution', 'reversal', 'inferred']);
    const [late] = fillAll(test, [[7, 145.2]]);
    await applyAll(test, [test.broker.bust(late as TradeUpdate)]);
    const live = await liveOf(test);
    expect(live).toMatchObject([{ cumulativeBefore: 0, cumulativeAfter: wholeUnits(40) }]);
    expect(await standingOf(test)).toBe('partially_filled 40');
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
  });

  it.each([
    ['the last', 1],
    ['another', 0],
  ])('%s trade is gone, nobody said so → two looks at the broker take it back', async (_w, i) => {
    const test = await openDay();
    const updates = fillAll(test, [
      [40, 145],
      [20, 145.1],
    ]);
    await applyAll(test, updates);
    test.broker.bust(updates[i] as TradeUpdate);
    await pollOrder(test.world, ORDER_ID);
    expect(await standingOf(test)).toBe(`partially_filled ${i === 1 ? 40 : 20}`);
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
    expect(await toldOf(test)).toContain('critical position_reconciliation');
    for (const update of test.broker.updates) await applyAll(test, [update]);
    await pollOrder(test.world, ORDER_ID);
    expect(await standingOf(test)).toBe(`partially_filled ${i === 1 ? 40 : 20}`);
    expect((await rowOf(test)).order.parkedReason).toBeNull();
  });

  it.each([
    ['larger', 9],
    ['smaller', 1],
  ])('a %s trade in the place of one that was taken back unheard → it stands', async (_w, u) => {
    const test = await openDay();
    const [below, gone] = fillAll(test, [
      [40, 145],
      [5, 145.1],
    ]);
    await applyAll(test, [below as TradeUpdate, gone as TradeUpdate]);
    test.broker.bust(gone as TradeUpdate);
    fillAll(test, [
      [u, 145.2],
      [11, 145.3],
    ]);
    await pollOrder(test.world, ORDER_ID);
    const live = await liveOf(test);
    const ends = live.map(({ cumulativeAfter }) => cumulativeAfter);
    expect(ends).toEqual([40, 40 + u, 51 + u].map(wholeUnits));
    expect(live.map(({ kind }) => kind)).toEqual(['execution', 'execution', 'execution']);
    expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
  });

  it('a list that lags behind the fills → nothing is taken back', async () => {
    const test = await openDay();
    const stale = test.broker.snapshot(ORDER_ID);
    await applyAll(test, fillAll(test, [[40, 145]]));
    await repairOrder(test.world, stale);
    expect(await standingOf(test)).toBe('partially_filled 40');
  });
});
