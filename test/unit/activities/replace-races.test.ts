import { describe, expect, it } from 'vitest';
import { BrokerRateLimited } from '../../../adapters/broker/errors.js';
import { cancelOrder } from '../../../activities/order/cancel-order.js';
import { createOrderActivities } from '../../../activities/order/order.activities.js';
import { pollOrder, resolveOrder } from '../../../activities/order/resolve-order.js';
import { price, wholeUnits } from '../../../domain/values/index.js';
import { at } from '../domain/order/order-fixture.js';
import { ORDER_ID, outboxOf, reservedOf, rowOf, standingOf, toldOf } from './order-of-test.js';
import {
  BY,
  cancels,
  patches,
  placed,
  replace,
  REPLACEMENT,
  requestOf,
  REST,
} from './replace-of-test.js';
import { applyAll } from './stream-of-test.js';

describe('replaceOrder: races', () => {
  it('the old one fills first → the replacement is refused by the broker', async () => {
    const test = await placed();
    test.broker.beforeAnswer = (call) => {
      if (call === 'replaceOrder') test.broker.fill(ORDER_ID, 100, 145);
    };
    expect(await replace(test)).toMatchObject({ outcome: 'refused', state: 'filled' });
    expect(await standingOf(test)).toBe('filled 100');
    expect(await reservedOf(test)).toBe('0');
  });

  it('filled already → closed, and no request', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 100, 145);
    expect(await replace(test)).toMatchObject({ outcome: 'already_closed', state: 'filled' });
    expect(patches(test)).toBe(0);
  });

  it('turned down by an event → the replacement is refused, the order works on', async () => {
    const test = await placed();
    test.broker.replacements.push('pend');
    expect(await replace(test)).toMatchObject({ outcome: 'requested', state: 'pending_replace' });
    const told = test.broker.updates.length;
    test.broker.settleReplace(REPLACEMENT, false);
    await applyAll(test, test.broker.updates.slice(told));
    expect(await standingOf(test)).toBe('accepted 0');
    expect(await standingOf(test, REPLACEMENT)).toBe('refused 0');
    expect(await reservedOf(test)).toBe('14520');
  });

  it('turned down, and only the end of the replacement was told → the order works on', async () => {
    const test = await placed();
    test.broker.replacements.push('pend');
    await replace(test);
    test.broker.settleReplace(REPLACEMENT, false);
    await applyAll(test, test.broker.updates.slice(-1));
    expect(await standingOf(test)).toBe('accepted 0');
  });

  it('told to pend, a minute after it was turned down → works on as at the broker', async () => {
    const test = await placed();
    await applyAll(test, [test.broker.become(ORDER_ID, 'pending_replace')]);
    test.broker.isMuted = true;
    test.broker.become(ORDER_ID, 'new');
    await pollOrder(test.world, ORDER_ID);
    expect(await standingOf(test)).toBe('pending_replace 0');
    test.advanceWall(60_000);
    await pollOrder(test.world, ORDER_ID);
    expect(await standingOf(test)).toBe('accepted 0');
  });

  it('the broker shows the old one as new, and ours is open → goes on pending', async () => {
    const test = await placed();
    test.broker.replacements.push('pend');
    await replace(test);
    test.broker.isMuted = true;
    test.broker.become(ORDER_ID, 'new');
    test.advanceWall(60_000);
    await pollOrder(test.world, ORDER_ID);
    expect(await standingOf(test)).toBe('pending_replace 0');
  });

  it('a cancel while it pends → told to cancel the replacement', async () => {
    const test = await placed();
    test.broker.replacements.push('pend');
    await replace(test);
    test.broker.cancelOutcome = { kind: 'not_cancelable', message: 'pending_replace' };
    const answer = await cancelOrder(test.world, ORDER_ID, BY);
    expect(answer).toMatchObject({ outcome: 'not_cancelable', state: 'pending_replace' });
    expect(answer.message).toContain('a replacement of it pends');
  });

  it('another replacement while one pends → not now', async () => {
    const test = await placed();
    test.broker.replacements.push('pend');
    await replace(test);
    const again = await replace(test, { decidedAtMs: at(2), limitPrice: price(147_000_000_000) });
    expect(again).toMatchObject({ outcome: 'not_replaceable', state: 'pending_replace' });
  });

  it('two different ones at once → one is made, the other is told to look again', async () => {
    const test = await placed();
    const other = { decidedAtMs: at(2), limitPrice: price(147_000_000_000) };
    const answers = await Promise.all([replace(test), replace(test, other)]);
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['not_replaceable', 'requested']);
    expect(patches(test)).toBe(1);
    expect(await standingOf(test)).toBe('replaced 0');
  });

  it('it pends for a minute → a person is told, once for each step', async () => {
    const test = await placed();
    test.broker.replacements.push('pend');
    await replace(test);
    await pollOrder(test.world, ORDER_ID);
    expect(await toldOf(test)).toEqual([]);
    test.advanceWall(61_000);
    await pollOrder(test.world, ORDER_ID);
    await pollOrder(test.world, ORDER_ID);
    expect(await toldOf(test)).toEqual(['critical api_connectivity']);
  });
});

describe('replaceOrder: an order that has filled in part', () => {
  it('canceled, confirmed, the rest ordered anew: never a PATCH', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    expect(await replace(test)).toMatchObject({
      outcome: 'requested',
      state: 'canceled',
      replacement: REPLACEMENT,
    });
    expect(patches(test)).toBe(0);
    expect(await standingOf(test)).toBe('canceled 40');
    const { order, replaces } = await rowOf(test, REPLACEMENT);
    expect(order.intent).toMatchObject({
      quantity: wholeUnits(60),
      limitPrice: price(146_000_000_000),
    });
    expect(replaces).toBeNull();
    expect(await outboxOf(test)).toContain(`start_order ${REPLACEMENT}`);
  });

  it('a wanted total counts what has filled', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    await replace(test, { quantity: wholeUnits(150) });
    expect((await rowOf(test, REPLACEMENT)).order.intent.quantity).toBe(wholeUnits(110));
  });

  it('the cancel is not confirmed yet → asks to be called again, and sends nothing', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    test.broker.cancelOutcome = { kind: 'requested' };
    expect(await replace(test)).toMatchObject({ outcome: 'canceling', replacement: null });
    expect(await replace(test)).toMatchObject({ outcome: 'canceling' });
    expect(test.broker.count(REPLACEMENT)).toBe(0);
    test.broker.fill(ORDER_ID, 10, 145);
    test.broker.become(ORDER_ID, 'canceled');
    expect(await replace(test)).toMatchObject({ outcome: 'requested' });
    expect((await rowOf(test, REPLACEMENT)).order.intent.quantity).toBe(wholeUnits(50));
    expect((await replace(test)).replacement).toBe(REPLACEMENT);
    expect(test.broker.count(REPLACEMENT)).toBe(1);
  });

  it('the cancel is held back by the rate limit → asked for again by the repeat', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    test.broker.beforeAnswer = (call) => {
      if (call !== 'cancelOrder') return;
      test.broker.beforeAnswer = () => undefined;
      throw new BrokerRateLimited('too many requests', 700);
    };
    await expect(replace(test)).rejects.toThrow('too many requests');
    expect(await replace(test)).toMatchObject({ outcome: 'requested', replacement: REPLACEMENT });
    expect(await standingOf(test)).toBe('canceled 40');
    expect((await rowOf(test, REPLACEMENT)).order.intent.quantity).toBe(wholeUnits(60));
    expect(cancels(test)).toBe(2);
  });

  it('the process dies before the cancel → asked for by the repeat', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    test.at('before-cancel', () => {
      throw new Error('killed');
    });
    await expect(replace(test)).rejects.toThrow('killed');
    expect(cancels(test)).toBe(0);
    test.at('before-cancel', () => undefined);
    expect(await replace(test)).toMatchObject({ outcome: 'requested', replacement: REPLACEMENT });
    expect(cancels(test)).toBe(1);
  });

  it('the cancel is taken, and not confirmed yet → not asked for again', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    test.broker.cancelOutcome = { kind: 'requested' };
    for (let step = 0; step < 3; step += 1) {
      expect(await replace(test)).toMatchObject({ outcome: 'canceling' });
    }
    expect(cancels(test)).toBe(1);
  });

  it('a person cancels the order meanwhile → no rest of it is ordered', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    test.broker.cancelOutcome = { kind: 'requested' };
    expect(await replace(test)).toMatchObject({ outcome: 'canceling' });
    expect((await cancelOrder(test.world, ORDER_ID, BY)).outcome).toBe('requested');
    test.broker.become(ORDER_ID, 'canceled');
    expect(await replace(test)).toMatchObject({ outcome: 'already_closed', state: 'canceled' });
    expect(test.broker.count(REPLACEMENT)).toBe(0);
  });

  it.each([
    ['pended', true],
    ['was never seen to pend', false],
  ])('its cancel %s, and an event turns it down → said so, it works on', async (_, isSeen) => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    test.broker.cancelOutcome = { kind: 'requested' };
    await replace(test);
    const pends = test.broker.become(ORDER_ID, 'pending_cancel');
    const works = test.broker.become(ORDER_ID, 'partially_filled', 'order_cancel_rejected');
    await applyAll(test, isSeen ? [pends, works] : [works]);
    expect(await replace(test)).toMatchObject({
      outcome: 'not_replaceable',
      message: expect.stringContaining('turned it down'),
      state: 'partially_filled',
    });
    expect(cancels(test)).toBe(1);
  });

  it('a cancel taken before, which came to nothing → asked for all the same', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    test.broker.cancelOutcome = { kind: 'requested' };
    await cancelOrder(test.world, ORDER_ID, BY);
    test.broker.cancelOutcome = null;
    expect(await replace(test)).toMatchObject({ outcome: 'requested', replacement: REPLACEMENT });
    expect(cancels(test)).toBe(2);
  });

  it('asked for too late → not canceled for it', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    test.advanceMarket(200_000);
    expect(await replace(test)).toMatchObject({ outcome: 'not_confirmed' });
    expect(cancels(test)).toBe(0);
  });

  it('its cancel was lost until it is too late → its driver does not cancel for it', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    test.broker.cancelOutcome = { kind: 'unknown', reason: 'timeout' };
    await replace(test);
    test.broker.cancelOutcome = null;
    test.advanceMarket(200_000);
    const driver = createOrderActivities(test.world);
    await driver.pollOrder(ORDER_ID);
    expect(cancels(test)).toBe(1);
    expect(await replace(test)).toMatchObject({ outcome: 'not_confirmed' });
    const asked = { requestedBy: requestOf().requestedBy, reason: requestOf().reason };
    expect((await cancelOrder(test.world, ORDER_ID, asked)).state).toBe('canceled');
  });

  it('another request meanwhile → told to look again: the rest is ordered once', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    test.broker.cancelOutcome = { kind: 'requested' };
    const other = { decidedAtMs: at(2), limitPrice: price(147_000_000_000) };
    expect(await replace(test)).toMatchObject({ outcome: 'canceling' });
    expect(await replace(test, other)).toMatchObject({ outcome: 'not_replaceable' });
    test.broker.become(ORDER_ID, 'canceled');
    expect(await replace(test)).toMatchObject({ outcome: 'requested', replacement: REPLACEMENT });
    expect(await replace(test, other)).toMatchObject({ outcome: 'already_closed' });
    expect(test.broker.count(REST)).toBe(0);
  });

  it('the first request is too old by now → another one may order the rest', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    test.broker.cancelOutcome = { kind: 'requested' };
    await replace(test);
    test.advanceMarket(200_000);
    const decidedAtMs = test.world.marketClock.nowMs();
    expect(await replace(test, { decidedAtMs })).toMatchObject({ outcome: 'canceling' });
    test.broker.become(ORDER_ID, 'canceled');
    expect(await replace(test, { decidedAtMs })).toMatchObject({ outcome: 'requested' });
    expect(test.broker.count(REPLACEMENT)).toBe(1);
  });

  it('nobody answers the cancel → the order itself tells, and the rest follows', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    test.broker.cancelOutcome = { kind: 'unknown', reason: 'timeout' };
    expect(await replace(test)).toMatchObject({ outcome: 'canceling' });
    test.broker.become(ORDER_ID, 'canceled');
    expect(await replace(test)).toMatchObject({ outcome: 'requested', replacement: REPLACEMENT });
  });

  it('it fills while it is canceled → nothing is left to order', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    test.broker.beforeAnswer = (call) => {
      if (call === 'cancelOrder') test.broker.fill(ORDER_ID, 60, 145);
    };
    expect(await replace(test)).toMatchObject({ outcome: 'nothing_left', state: 'filled' });
  });

  it('never confirmed → given up once the wish is too old', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    test.broker.cancelOutcome = { kind: 'requested' };
    await replace(test);
    test.advanceMarket(200_000);
    expect(await replace(test)).toMatchObject({ outcome: 'not_confirmed' });
  });

  it('it fills in part as the request arrives → canceled, and the rest ordered', async () => {
    const test = await placed();
    test.broker.beforeAnswer = (call) => {
      if (call !== 'replaceOrder') return;
      test.broker.isMuted = true;
      test.broker.fill(ORDER_ID, 40, 145);
    };
    expect(await replace(test)).toMatchObject({ outcome: 'requested', replacement: REST });
    expect(await standingOf(test)).toBe('replaced 40');
    expect(await standingOf(test, REPLACEMENT)).toBe('canceled 0');
    expect((await rowOf(test, REST)).order.intent.quantity).toBe(wholeUnits(60));
    expect(await toldOf(test)).toContain('critical risk_breach');
  });

  it('nobody waits any more → what could fill too much is canceled all the same', async () => {
    const test = await placed();
    test.broker.replacements.push('execute_then_drop');
    test.broker.beforeAnswer = (call) => {
      if (call !== 'replaceOrder') return;
      test.broker.fill(ORDER_ID, 40, 145);
      test.broker.failing.add('orderByClientOrderId');
    };
    await expect(replace(test)).rejects.toThrow('did not answer');
    test.broker.failing.clear();
    await pollOrder(test.world, ORDER_ID);
    await resolveOrder(test.world, REPLACEMENT);
    expect(test.broker.snapshot(REPLACEMENT).status).toBe('canceled');
    expect(await toldOf(test)).toContain('critical risk_breach');
  });
});
