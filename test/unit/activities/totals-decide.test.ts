import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { repairOrder } from '../../../activities/order/repair-order.js';
import { pollOrder } from '../../../activities/order/resolve-order.js';
import { repairAll } from '../../../activities/reconciliation/repair-all.js';
import type { BrokerOrder } from '../../../adapters/broker/port.js';
import { price, wholeUnits } from '../../../domain/values/index.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { inputOf, ORDER_ID, rowOf, standingOf, toldOf, liveOf } from './order-of-test.js';
import { applyAll, hearActivity } from './stream-of-test.js';

async function openMuted(): Promise<TestWorld> {
  const test = await openTestWorld();
  test.broker.isMuted = true;
  await placeOrder(test.world, inputOf());
  return test;
}

/** Two trades that the books hold, and what the broker shows of them. */
async function holdTwo(): Promise<{ readonly test: TestWorld; readonly shown: BrokerOrder }> {
  const test = await openMuted();
  await applyAll(test, [test.broker.fill(ORDER_ID, 20, 145), test.broker.fill(ORDER_ID, 20, 146)]);
  return { test, shown: test.broker.snapshot(ORDER_ID) };
}

async function placesOf(test: TestWorld): Promise<readonly string[]> {
  const live = await liveOf(test);
  const inPlace = live.toSorted((left, right) => left.cumulativeBefore - right.cumulativeBefore);
  return inPlace.map((fill) => `${fill.kind} ${fill.price} from ${fill.cumulativeBefore}`);
}

const ONE_TRADE = {
  filledQuantity: wholeUnits(20),
  filledAveragePrice: price(145_000_000_000),
};

describe('the newest totals decide', () => {
  it('both looks lag, in the instant of the last fill → nothing changes', async () => {
    const { test, shown } = await holdTwo();
    const lagging = { ...shown, ...ONE_TRADE };
    test.broker.orderById = () => Promise.resolve(lagging);
    await repairOrder(test.world, lagging);
    expect(await standingOf(test)).toBe('partially_filled 40');
  });

  it('they still show less after a minute → the trade was taken back in that instant', async () => {
    const { test, shown } = await holdTwo();
    const after = { ...shown, ...ONE_TRADE };
    test.broker.orderById = () => Promise.resolve(after);
    test.advanceWall(60_000);
    await repairOrder(test.world, after);
    expect(await standingOf(test)).toBe('partially_filled 20');
    expect((await rowOf(test)).order.brokerFilledQuantity).toBe(wholeUnits(20));
  });

  it('given up by what only lists had told, shown again while they lag → it stands', async () => {
    const test = await openMuted();
    test.broker.fill(ORDER_ID, 20, 145);
    test.broker.fill(ORDER_ID, 20, 146);
    for (const activity of test.broker.activities) await hearActivity(test, activity);
    const shown = test.broker.snapshot(ORDER_ID);
    const less = { ...shown, ...ONE_TRADE, updatedAt: '2013-10-07T13:30:01Z' };
    test.broker.orderById = () => Promise.resolve(less);
    await repairOrder(test.world, less);
    expect(await standingOf(test)).toBe('partially_filled 20');
    test.broker.areActivitiesLagging = true;
    const again = { ...shown, updatedAt: '2013-10-07T13:30:02Z' };
    test.broker.orderById = () => Promise.resolve(again);
    await repairOrder(test.world, again);
    const live = await liveOf(test);
    expect(live.map(({ kind }) => kind)).toEqual(['execution', 'execution']);
  });

  it('one look shows less, the second does not → nothing changes', async () => {
    const { test, shown } = await holdTwo();
    const odd = { ...shown, ...ONE_TRADE, updatedAt: '2013-10-07T13:30:01Z' };
    await repairOrder(test.world, odd);
    expect(await standingOf(test)).toBe('partially_filled 40');
  });

  it('told late, above totals that know of it → not booked', async () => {
    const test = await openMuted();
    const { broker } = test;
    await applyAll(test, [broker.fill(ORDER_ID, 30, 145)]);
    const gone = broker.fill(ORDER_ID, 20, 145.1);
    broker.bust(gone);
    await pollOrder(test.world, ORDER_ID);
    const { toRepair } = await applyAll(test, [gone]);
    expect(await standingOf(test)).toBe('partially_filled 30');
    expect(toRepair).toEqual([gone]);
  });

  it('given up for a later one, and another was gone → it stands again', async () => {
    const test = await openMuted();
    const { broker } = test;
    const gone = broker.fill(ORDER_ID, 20, 144);
    const standing = broker.fill(ORDER_ID, 20, 144.01);
    broker.bust(gone);
    const last = broker.fill(ORDER_ID, 10, 144);
    broker.areActivitiesLagging = true;
    await applyAll(test, [standing, last]);
    await pollOrder(test.world, ORDER_ID);
    const live = await liveOf(test);
    expect(
      live.map(({ executionId, cumulativeBefore }) => [executionId, cumulativeBefore]),
    ).toEqual(
      expect.arrayContaining([
        [standing.executionId, wholeUnits(0)],
        [last.executionId, wholeUnits(20)],
      ]),
    );
    expect((await test.world.reader.account())?.cash).toBe(broker.cashMicros);
  });

  it('the list is ahead of the look, and a price was corrected → it is corrected', async () => {
    const test = await openMuted();
    const { broker } = test;
    const first = broker.fill(ORDER_ID, 20, 144);
    for (const activity of broker.activities) await hearActivity(test, activity);
    broker.correct(first, 144.01);
    const corrected = broker.snapshot(ORDER_ID);
    broker.fill(ORDER_ID, 20, 144.01);
    const { orderById } = broker;
    broker.orderById = () => Promise.resolve(corrected);
    await repairOrder(test.world, corrected);
    expect(await placesOf(test)).toEqual(['inferred 144010000000 from 0']);
    broker.orderById = orderById;
    await pollOrder(test.world, ORDER_ID);
    expect(await placesOf(test)).toEqual([
      'inferred 144010000000 from 0',
      `execution 144010000000 from ${wholeUnits(20)}`,
    ]);
  });

  it('a guess, and one of its trades was taken back → the list explains the rest', async () => {
    const test = await openMuted();
    const { broker } = test;
    broker.areActivitiesLagging = true;
    broker.fill(ORDER_ID, 20, 144);
    broker.fill(ORDER_ID, 2, 144.1);
    broker.bust(broker.fill(ORDER_ID, 2, 144.2));
    await pollOrder(test.world, ORDER_ID);
    broker.areActivitiesLagging = false;
    await repairAll(test.world);
    const live = await liveOf(test);
    expect(live.map(({ kind, price }) => `${kind} ${price}`)).toEqual([
      'execution 144000000000',
      'execution 144100000000',
    ]);
    expect(await toldOf(test)).toEqual([]);
  });

  it('what is missing is inferred → nobody is called; what is gone calls a person', async () => {
    const test = await openMuted();
    const { broker } = test;
    broker.areActivitiesLagging = true;
    const only = broker.fill(ORDER_ID, 20, 144);
    await pollOrder(test.world, ORDER_ID);
    expect(await test.world.reader.alerts.recent(9)).toEqual([]);
    broker.bust(only);
    await pollOrder(test.world, ORDER_ID);
    const told = await test.world.reader.alerts.recent(9);
    expect(told.map(({ severity, type }) => `${severity} ${type}`)).toEqual([
      'critical position_reconciliation',
    ]);
  });
});
