import { describe, expect, it } from 'vitest';
import { placeOrder, sendOrder } from '../../../activities/order/place-order.js';
import { resolveOrder } from '../../../activities/order/resolve-order.js';
import { repairAll } from '../../../activities/reconciliation/repair-all.js';
import { repairShown } from '../../../activities/reconciliation/repair-shown.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import {
  inputOf,
  ORDER_ID,
  requestOfTest,
  reservedOf,
  rowOf,
  standingOf,
} from './order-of-test.js';

const MINUTE_MS = 60_000;
const STRANGER = idOf('by-hand');

/** Lost on its way to the broker: unknown, with nothing of it there. */
async function lost(): Promise<TestWorld> {
  const test = await openTestWorld();
  test.broker.submits.push('drop_before');
  expect((await placeOrder(test.world, inputOf())).state).toBe('unknown');
  return test;
}

/** Wall time of the last instant at which the order may have been sent. */
async function lastSendOf(test: TestWorld): Promise<number> {
  const { progress } = (await rowOf(test)).order;
  return progress.state === 'unknown' ? progress.lastPossibleSendAtMs : Number.NaN;
}

describe('an unknown order that is sent again', () => {
  it.each(['refuse', 'not_sent', 'rate_limited'] as const)(
    '%s → nothing has left since the first attempt, and its wait goes on',
    async (script) => {
      const test = await lost();
      const firstMs = await lastSendOf(test);
      for (let minute = 0; minute < 3; minute += 1) {
        test.advanceWall(30_000);
        test.broker.submits.push(script);
        await sendOrder(test.world, inputOf());
        expect(await lastSendOf(test)).toBe(firstMs);
      }
    },
  );

  it('refused again and again → abandoned five minutes after the first attempt', async () => {
    const test = await lost();
    test.advanceWall(MINUTE_MS);
    await resolveOrder(test.world, ORDER_ID);
    test.advanceWall(3.5 * MINUTE_MS);
    test.broker.submits.push('refuse');
    await sendOrder(test.world, inputOf());
    test.advanceWall(0.5 * MINUTE_MS);
    expect((await resolveOrder(test.world, ORDER_ID)).state).toBe('abandoned');
    expect(await reservedOf(test)).toBe('0');
  });

  it('lost again → the wait begins anew, and never earlier than before', async () => {
    const test = await lost();
    const firstMs = await lastSendOf(test);
    test.advanceWall(30_000);
    test.broker.submits.push('drop_before');
    await sendOrder(test.world, inputOf());
    expect(await lastSendOf(test)).toBe(firstMs + 30_000);
    test.advanceWall(-60_000);
    test.broker.submits.push('drop_before');
    await sendOrder(test.world, inputOf());
    expect(await lastSendOf(test)).toBe(firstMs + 30_000);
  });
});

describe('an unknown order and one that somebody else placed', () => {
  it('its executions are of another id → the unknown one ends, then the other enters', async () => {
    const test = await lost();
    test.broker.place(requestOfTest({ clientOrderId: STRANGER }));
    test.broker.fill(STRANGER, 40, 145);
    test.advanceMarket(121_000);
    test.advanceWall(MINUTE_MS);
    await resolveOrder(test.world, ORDER_ID);
    expect((await repairAll(test.world)).later).toBeGreaterThan(0);
    expect(await test.world.reader.orders.byClientOrderId(STRANGER)).toBeNull();
    test.advanceWall(4 * MINUTE_MS);
    expect((await resolveOrder(test.world, ORDER_ID)).state).toBe('abandoned');
    expect((await repairAll(test.world)).later).toBe(0);
    expect(await standingOf(test, STRANGER)).toBe('partially_filled 40');
  });

  it('one of the symbol is sent just before it enters → later, and the cursor waits', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ clientOrderId: STRANGER }));
    const before = await test.world.reader.streamState.get();
    // Of a group the broker is asked for its legs, between the first look and the adoption.
    test.broker.beforeAnswer = async (call) => {
      if (call !== 'orderById') return;
      test.broker.beforeAnswer = () => undefined;
      test.broker.submits.push('drop_before');
      await placeOrder(test.world, inputOf());
    };
    const shown = { ...test.broker.snapshot(STRANGER), orderClass: 'oto' };
    expect(await repairShown(test.world, shown)).toBe('later');
    expect((await repairAll(test.world)).later).toBe(1);
    const after = await test.world.reader.streamState.get();
    expect(after?.repairedThroughMs).toBe(before?.repairedThroughMs);
    expect(await test.world.reader.orders.byClientOrderId(STRANGER)).toBeNull();
  });
});
