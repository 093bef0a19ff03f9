import { describe, expect, it } from 'vitest';
import { pollOrder } from '../../../activities/order/resolve-order.js';
import type { TradeUpdate } from '../../../adapters/broker/port.js';
import { formatPrice, wholeUnits } from '../../../domain/values/index.js';
import { fillAll, infer, kindsOf, openDay } from './day-of-test.js';
import { ORDER_ID, liveOf } from './order-of-test.js';
import { applyAll, hearActivity } from './stream-of-test.js';

describe('a trade that is gone, and nobody said so in time', () => {
  it('a look has found a trade gone, then it is told; its twin from a list stays', async () => {
    const test = await openDay();
    const [, , gone] = fillAll(test, [
      [10, 145],
      [20, 145.1],
      [10, 145],
    ]);
    for (const activity of test.broker.activities) await hearActivity(test, activity);
    const bust = test.broker.bust(gone as TradeUpdate);
    await pollOrder(test.world, ORDER_ID);
    const found = await kindsOf(test);
    expect(found).toEqual(['execution', 'execution', 'execution', 'reversal']);
    await applyAll(test, [bust]);
    expect(await kindsOf(test)).toEqual(found);
  });

  it('a later trade is listed in its place, of its size, for another price → gone', async () => {
    const test = await openDay();
    const [gone, above] = fillAll(test, [
      [24, 145],
      [6, 145.1],
    ]);
    await applyAll(test, [gone as TradeUpdate, above as TradeUpdate]);
    test.broker.bust(gone as TradeUpdate);
    test.broker.bust(above as TradeUpdate);
    fillAll(test, [
      [24, 144.9],
      [6, 145.2],
    ]);
    const listed = test.broker.activities.find(({ price }) => formatPrice(price) === '144.9');
    if (listed !== undefined) await hearActivity(test, listed);
    const live = await liveOf(test);
    const first = live.find(({ cumulativeBefore }) => cumulativeBefore === 0);
    expect(first).toMatchObject({ executionId: null, activityId: 'activity-3' });
  });

  it('guessed over what nobody had told, then everything is told → that stands', async () => {
    const test = await openDay();
    const [gone, second] = fillAll(test, [
      [4, 144.69],
      [9, 144.45],
    ]);
    await applyAll(test, [gone as TradeUpdate]);
    test.broker.bust(gone as TradeUpdate);
    test.broker.correct(second as TradeUpdate, 144.51);
    await infer(test);
    expect((await liveOf(test)).map(({ kind }) => kind)).toContain('inferred');
    await applyAll(test, test.broker.updates);
    await pollOrder(test.world, ORDER_ID);
    expect(await liveOf(test)).toMatchObject([
      { kind: 'execution', cumulativeAfter: wholeUnits(9), price: 144_510_000_000 },
    ]);
  });

  it('a frame explains some of a guess → the rest is looked for again', async () => {
    const test = await openDay();
    const [first] = fillAll(test, [
      [4, 144.69],
      [9, 144.45],
    ]);
    await infer(test);
    expect((await applyAll(test, [first as TradeUpdate])).toRepair).toEqual([first]);
    await pollOrder(test.world, ORDER_ID);
    expect((await liveOf(test)).map(({ kind }) => kind)).toEqual(['execution', 'execution']);
  });

  it('a guess had the terms of a trade that is gone → the trade itself is taken back', async () => {
    const test = await openDay();
    const [gone] = fillAll(test, [[20, 145]]);
    await infer(test);
    fillAll(test, [
      [10, 145],
      [10, 145],
    ]);
    test.broker.bust(gone as TradeUpdate);
    await pollOrder(test.world, ORDER_ID);
    await applyAll(test, test.broker.updates);
    await pollOrder(test.world, ORDER_ID);
    const live = await liveOf(test);
    const ends = live.map(({ cumulativeAfter }) => cumulativeAfter);
    expect(ends).toEqual([10, 20].map(wholeUnits));
  });
});
