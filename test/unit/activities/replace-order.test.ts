import { describe, expect, it } from 'vitest';
import { cancelOrder } from '../../../activities/order/cancel-order.js';
import { placeOrder, sendOrder } from '../../../activities/order/place-order.js';
import { replaceOrder } from '../../../activities/order/replace-order.js';
import { pollOrder, resolveOrder } from '../../../activities/order/resolve-order.js';
import type { OrderIntent } from '../../../domain/order/index.js';
import { price, wholeUnits } from '../../../domain/values/index.js';
import type { ReplaceRequest } from '../../../workflows/contract/index.js';
import { ACCOUNT, type TestWorld } from '../../support/test-world.js';
import { at, idOf } from '../domain/order/order-fixture.js';
import {
  auditOf,
  inputOf,
  ORDER_ID,
  outboxOf,
  reservedOf,
  rowOf,
  standingOf,
} from './order-of-test.js';
import { BY, patches, placed, replace, REPLACEMENT, requestOf } from './replace-of-test.js';
import { applyAll } from './stream-of-test.js';

describe('replaceOrder: in place', () => {
  it('nothing filled → a new order with its own row, driver and reservation', async () => {
    const test = await placed();
    expect(await replace(test)).toEqual({
      outcome: 'requested',
      message: `order ${REPLACEMENT} is accepted`,
      state: 'replaced',
      replacement: REPLACEMENT,
    });
    const row = await rowOf(test, REPLACEMENT);
    expect(row).toMatchObject({ replaces: ORDER_ID, correlationId: 'correlation-1' });
    expect(row.order.intent).toMatchObject({
      quantity: wholeUnits(100),
      limitPrice: price(146_000_000_000),
      decidedAtMs: at(1),
      strategy: 'moving-average-cross',
    });
    expect(await standingOf(test)).toBe('replaced 0');
    expect(await reservedOf(test)).toBe('14600');
    expect(await outboxOf(test)).toContain(`start_order ${REPLACEMENT}`);
    expect(await auditOf(test)).toContain('replace_requested');
  });

  it('what is told to the broker → both prices of the type, and nothing that stays', async () => {
    const test = await placed();
    await replace(test);
    expect(test.broker.replaceRequests).toEqual([
      {
        brokerOrderId: 'broker-1',
        clientOrderId: REPLACEMENT,
        quantity: null,
        limitPrice: price(146_000_000_000),
        stopPrice: null,
        timeInForce: null,
      },
    ]);
  });

  it('written before it is sent: both orders count at their worst', async () => {
    const test = await placed();
    let seen: readonly string[] = [];
    test.broker.beforeAnswer = async (call) => {
      if (call !== 'replaceOrder') return;
      seen = [await standingOf(test), await standingOf(test, REPLACEMENT), await reservedOf(test)];
    };
    await replace(test);
    expect(seen).toEqual(['pending_replace 0', 'submitting 0', '29120']);
  });

  it('asked again with the same request → the same replacement, one request', async () => {
    const test = await placed();
    const first = await replace(test);
    expect(await replace(test)).toEqual(first);
    expect(patches(test)).toBe(1);
    expect(await replace(test, { decidedAtMs: at(2) })).toMatchObject({
      outcome: 'already_closed',
    });
  });

  it('the replacement replaced → its ids count on', async () => {
    const test = await placed();
    await replace(test);
    const change = requestOf({ limitPrice: price(147_000_000_000), decidedAtMs: at(2) });
    const answer = await replaceOrder(test.world, REPLACEMENT, change);
    expect(answer).toMatchObject({ outcome: 'requested', replacement: `${ORDER_ID}.r2` });
  });

  it('a driver that begins at the replacement → looks, and sends nothing', async () => {
    const test = await placed();
    await replace(test);
    const { intent } = (await rowOf(test, REPLACEMENT)).order;
    const view = await placeOrder(test.world, { ...inputOf(), intent, isResumed: true });
    expect(view.state).toBe('accepted');
    expect(test.broker.calls.filter((call) => call === 'submitOrder')).toHaveLength(1);
  });

  it.each<[string, Partial<ReplaceRequest>, string]>([
    ['nothing new', { limitPrice: price(145_200_000_000) }, 'nothing of it would change'],
    ['a price that is finer than the tick', { limitPrice: price(1_005_000_000) }, 'invalid_price'],
    ['too much', { quantity: wholeUnits(1_000) }, 'order_notional_above_limit'],
    ['no money for both', { quantity: wholeUnits(170) }, 'insufficient_buying_power'],
  ])('%s → a no with its reason, and the order works on', async (_name, change, why) => {
    const test = await placed();
    if (why === 'insufficient_buying_power') await spend(test, 65_000_000_000);
    const answer = await replace(test, change);
    expect(`${answer.outcome} ${answer.message}`).toContain(why);
    expect(await standingOf(test)).toBe('accepted 0');
    expect(patches(test)).toBe(0);
  });
});

async function spend(test: TestWorld, micros: number): Promise<void> {
  await test.books.transaction(ACCOUNT, async ({ account }) => {
    const { cash } = account.get();
    account.set({ cash: (cash - micros) as typeof cash });
  });
}

describe('replaceOrder: the broker says no, or nothing', () => {
  it('refused → the replacement is refused, the order works on', async () => {
    const test = await placed();
    test.broker.replacements.push('refuse');
    expect(await replace(test)).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('cannot replace'),
      state: 'accepted',
    });
    expect(await standingOf(test, REPLACEMENT)).toBe('refused 0');
    expect(await reservedOf(test)).toBe('14520');
    expect(await outboxOf(test)).toContain(`signal_order ${ORDER_ID}`);
  });

  it('never sent → over at once, the order works on', async () => {
    const test = await placed();
    test.broker.replacements.push('not_sent');
    const answer = await replace(test);
    expect(answer).toMatchObject({ outcome: 'denied', state: 'accepted' });
    expect(answer.message).toContain('not_sent_at_once');
    expect(await reservedOf(test)).toBe('14520');
  });

  it('halted in the last moment → nothing is sent', async () => {
    const test = await placed();
    test.at('after-admission', () => test.world.haltLatch.engage('cause-1'));
    expect((await replace(test)).message).toContain('halt latch');
    expect(patches(test)).toBe(0);
    expect(await standingOf(test)).toBe('accepted 0');
  });

  it('halted → denied by name, no request', async () => {
    const test = await placed();
    await test.books.transaction(ACCOUNT, async ({ account }) =>
      account.set({ haltMode: 'halted' }),
    );
    expect(await replace(test)).toMatchObject({ outcome: 'denied', message: 'halted: ' + HALTED });
    expect(patches(test)).toBe(0);
  });

  it('the answer is lost, it was made → unknown beside pending replace, then found', async () => {
    const test = await placed();
    test.broker.isLagging = true;
    test.broker.replacements.push('execute_then_drop');
    expect(await replace(test)).toMatchObject({ outcome: 'unknown', state: 'pending_replace' });
    expect(await standingOf(test, REPLACEMENT)).toBe('unknown 0');
    expect(await reservedOf(test)).toBe('29120');
    test.broker.isLagging = false;
    await pollOrder(test.world, ORDER_ID);
    await resolveOrder(test.world, REPLACEMENT);
    expect(await standingOf(test)).toBe('replaced 0');
    expect(await standingOf(test, REPLACEMENT)).toBe('accepted 0');
    expect(await reservedOf(test)).toBe('14600');
  });

  it('the answer is lost, and nothing arrived → sent again under the same id', async () => {
    const test = await placed();
    test.broker.replacements.push('drop_before');
    expect((await replace(test)).outcome).toBe('unknown');
    const { intent } = (await rowOf(test, REPLACEMENT)).order;
    const view = await sendOrder(test.world, { ...inputOf(), intent });
    expect(view.state).toBe('accepted');
    expect(test.broker.count(REPLACEMENT)).toBe(1);
    expect(test.broker.calls.filter((call) => call === 'submitOrder')).toHaveLength(1);
    expect(await standingOf(test)).toBe('replaced 0');
  });

  it('nothing arrived, and the order has filled in part since → never sent again', async () => {
    const test = await placed();
    test.broker.replacements.push('drop_before');
    await replace(test);
    test.broker.fill(ORDER_ID, 40, 145);
    const { intent } = (await rowOf(test, REPLACEMENT)).order;
    expect((await sendOrder(test.world, { ...inputOf(), intent })).state).toBe('unknown');
    expect(patches(test)).toBe(1);
  });

  it('nothing arrived, and it fills in part between two looks → never sent again', async () => {
    const test = await placed();
    test.broker.replacements.push('drop_before');
    await replace(test);
    const looks = () => test.broker.calls.filter((call) => call === 'orderByClientOrderId').length;
    const before = looks();
    test.broker.beforeAnswer = (call) => {
      const isSecondLook = call === 'orderByClientOrderId' && looks() === before + 2;
      if (isSecondLook) test.broker.fill(ORDER_ID, 40, 145);
    };
    const { intent } = (await rowOf(test, REPLACEMENT)).order;
    expect((await sendOrder(test.world, { ...inputOf(), intent })).state).toBe('unknown');
    expect(patches(test)).toBe(1);
  });

  it('nothing arrived, the order was canceled → the replacement never was', async () => {
    const test = await placed();
    test.broker.replacements.push('drop_before');
    await replace(test);
    expect((await cancelOrder(test.world, ORDER_ID, BY)).state).toBe('canceled');
    const view = await resolveOrder(test.world, REPLACEMENT);
    expect(view).toMatchObject({ state: 'abandoned' });
    expect(view.detail).toContain('canceled, and never replaced');
    expect(await reservedOf(test)).toBe('0');
  });

  it('the lookup misses and the full list shows it → not given up', async () => {
    const test = await placed();
    test.broker.replacements.push('drop_before');
    await replace(test);
    await cancelOrder(test.world, ORDER_ID, BY);
    const shown = { ...test.broker.snapshot(ORDER_ID), clientOrderId: REPLACEMENT };
    test.broker.ordersSubmittedSince = () => Promise.resolve([{ ...shown, status: 'rejected' }]);
    expect((await resolveOrder(test.world, REPLACEMENT)).state).toBe('unknown');
  });

  it('the process dies before the request → unknown, the order still pends', async () => {
    const test = await placed();
    test.at('before-send', () => {
      throw new Error('killed');
    });
    await expect(replace(test)).rejects.toThrow('killed');
    test.at('before-send', () => undefined);
    test.advanceWall(10_000);
    expect((await resolveOrder(test.world, REPLACEMENT)).state).toBe('unknown');
    expect(await standingOf(test)).toBe('pending_replace 0');
  });
});

const HALTED = 'trading is halted';
describe('replaceOrder: groups', () => {
  const bracket: Partial<OrderIntent> = {
    orderClass: 'bracket',
    takeProfit: price(150_000_000_000),
    stopLoss: { stopPrice: price(140_000_000_000), limitPrice: null },
  };

  it('a held stop → replaced under its parent, whatever is held', async () => {
    const test = await placed(bracket);
    const change = requestOf({ limitPrice: null, stopPrice: price(141_000_000_000) });
    const answer = await replaceOrder(test.world, 'broker-1-stop', change);
    expect(answer).toMatchObject({ outcome: 'requested', replacement: 'broker-1-stop.r1' });
    const row = await rowOf(test, 'broker-1-stop.r1');
    expect(row).toMatchObject({ parent: ORDER_ID, replaces: 'broker-1-stop' });
    expect(row.order.intent).toMatchObject({ leg: 'stop', stopPrice: price(141_000_000_000) });
    expect(await reservedOf(test)).toBe('14520');
  });

  it('a take-profit that works → replaced under its parent; its fill ends the stop', async () => {
    const test = await placed(bracket);
    await applyAll(test, [test.broker.fill(ORDER_ID, 100, 145)]);
    await pollOrder(test.world, 'broker-1-profit');
    const change = requestOf({ limitPrice: price(148_000_000_000) });
    const answer = await replaceOrder(test.world, 'broker-1-profit', change);
    expect(answer).toMatchObject({ outcome: 'requested', replacement: 'broker-1-profit.r1' });
    const row = await rowOf(test, 'broker-1-profit.r1');
    expect(row).toMatchObject({ parent: ORDER_ID, replaces: 'broker-1-profit' });
    expect(row.order.intent).toMatchObject({ leg: 'profit', limitPrice: 148_000_000_000 });
    expect(await reservedOf(test)).toBe('0');
    await applyAll(test, [test.broker.fill('broker-1-profit.r1', 100, 148)]);
    await pollOrder(test.world, 'broker-1-stop');
    expect(await standingOf(test, 'broker-1-profit')).toBe('replaced 0');
    expect(await standingOf(test, 'broker-1-stop')).toBe('canceled 0');
    expect(await test.world.reader.positions.active()).toEqual([]);
  });

  it('an entry before it fills → replaced; the exits of the first work for it', async () => {
    const test = await placed(bracket);
    expect(await replace(test)).toMatchObject({ outcome: 'requested', replacement: REPLACEMENT });
    const row = await rowOf(test, REPLACEMENT);
    expect(row.order.intent).toMatchObject({ orderClass: 'bracket', limitPrice: 146_000_000_000 });
    // The order that has given its place away counts no more, and of the exits none before it.
    expect(await reservedOf(test)).toBe('14600');
    await applyAll(test, [test.broker.fill(REPLACEMENT, 100, 145)]);
    await pollOrder(test.world, 'broker-1-profit');
    expect(await standingOf(test, ORDER_ID)).toBe('replaced 0');
    expect(await standingOf(test, 'broker-1-profit')).toBe('accepted 0');
    expect(await standingOf(test, 'broker-1-stop')).toBe('held 0');
    await applyAll(test, [test.broker.fill('broker-1-profit', 100, 150)]);
    await pollOrder(test.world, 'broker-1-stop');
    expect(await standingOf(test, 'broker-1-stop')).toBe('canceled 0');
    expect(await test.world.reader.positions.active()).toEqual([]);
  });

  it('the quantity of an entry → denied: its exits would be of another size', async () => {
    const test = await placed(bracket);
    const change = requestOf({ limitPrice: null, quantity: wholeUnits(50) });
    const answer = await replaceOrder(test.world, ORDER_ID, change);
    expect(answer).toMatchObject({ outcome: 'denied', state: 'accepted' });
    expect(patches(test)).toBe(0);
  });

  it('the quantity of a leg → denied: it follows its group', async () => {
    const test = await placed(bracket);
    const change = requestOf({ limitPrice: null, quantity: wholeUnits(50) });
    const answer = await replaceOrder(test.world, 'broker-1-stop', change);
    expect(answer).toMatchObject({ outcome: 'denied', state: 'held' });
    expect(patches(test)).toBe(0);
  });

  it('an entry that has filled in part → not replaceable: its exits hang on it', async () => {
    const test = await placed(bracket);
    test.broker.fill(ORDER_ID, 40, 145);
    expect(await replace(test)).toMatchObject({ outcome: 'not_replaceable' });
  });

  it('a protective stop of what is held → replaced, nothing reserved', async () => {
    const test = await placed();
    await applyAll(test, [test.broker.fill(ORDER_ID, 100, 145)]);
    const stop = idOf('stop-1');
    const exit = { side: 'sell', purpose: 'exit', type: 'stop', limitPrice: null } as const;
    const stopPrice = price(140_000_000_000);
    await placeOrder(test.world, inputOf({ ...exit, clientOrderId: stop, stopPrice }));
    const change = requestOf({ limitPrice: null, stopPrice: price(141_000_000_000) });
    expect(await replaceOrder(test.world, stop, change)).toMatchObject({
      outcome: 'requested',
      replacement: 'stop-1.r1',
    });
    expect(await reservedOf(test)).toBe('0');
  });
});
