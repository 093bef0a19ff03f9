import { describe, expect, it } from 'vitest';
import { repairShown } from '../../../activities/reconciliation/repair-shown.js';
import type { TradeUpdate } from '../../../adapters/broker/port.js';
import { formatPrice, parseInstant, wholeUnits } from '../../../domain/values/index.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { fillAll, openDay } from './day-of-test.js';
import { liveOf, requestOfTest } from './order-of-test.js';
import { applyAll, hear, hearActivity } from './stream-of-test.js';

// Lists have no names for executions; frames name them, and what takes them back goes by the names.

const BY_HAND = idOf('by-hand-1');

async function pricesOf(test: TestWorld): Promise<readonly string[]> {
  return (await liveOf(test)).map(({ price }) => formatPrice(price)).toSorted();
}

describe('a trade that a list told, changed under a name', () => {
  it('its frame was heard → the bust takes just it', async () => {
    const test = await openDay();
    const [first, second] = fillAll(test, [
      [10, 145],
      [20, 146],
    ]) as [TradeUpdate, TradeUpdate];
    for (const activity of test.broker.activities) await hearActivity(test, activity);
    await applyAll(test, [first, second, test.broker.bust(first)]);
    expect(await pricesOf(test)).toEqual(['146']);
  });

  it('its own frame was never heard → totals tell which one is corrected', async () => {
    const test = await openDay();
    const [first] = fillAll(test, [
      [40, 145],
      [20, 146],
    ]) as [TradeUpdate];
    for (const activity of test.broker.activities) await hearActivity(test, activity);
    // At once: what was only noted would be forgotten by a process that dies.
    await applyAll(test, [test.broker.correct(first, 145.2)]);
    expect(await pricesOf(test)).toEqual(['145.2', '146']);
  });

  it('one of two like trades, named only later, the correction told again → once', async () => {
    const test = await openDay();
    const twins = fillAll(test, [
      [2, 144.01],
      [2, 144.01],
    ]);
    for (const activity of test.broker.activities) await hearActivity(test, activity);
    const correction = test.broker.correct(twins[0] as TradeUpdate, 144);
    await hear(test, [correction]);
    await hear(test, [...twins, correction]);
    expect(await pricesOf(test)).toEqual(['144', '144.01']);
  });

  it('taken back before the order was known, and still listed → gone', async () => {
    const test = await openTestWorld();
    test.broker.isMuted = true;
    test.broker.place(requestOfTest({ clientOrderId: BY_HAND }));
    const gone = test.broker.fill(BY_HAND, 10, 146.01);
    await applyAll(test, [gone, test.broker.bust(gone)]);
    const stands = test.broker.fill(BY_HAND, 10, 145.9);
    test.broker.correct(stands, 146.02); // Unheard: the nearer price is the one that is gone.
    await repairShown(test.world, test.broker.snapshot(BY_HAND));
    const [only, ...others] = await liveOf(test, BY_HAND);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ kind: 'inferred', cumulativeAfter: wholeUnits(10) });
    expect(only?.atMs).toBe(parseInstant(stands.at ?? ''));
  });
});
