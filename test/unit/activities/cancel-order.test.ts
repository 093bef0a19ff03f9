import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { cancelOrder, cancelWish } from '../../../activities/order/cancel-order.js';
import { createOrderActivities } from '../../../activities/order/order.activities.js';
import { parkOrder } from '../../../activities/order/park-order.js';
import { placeOrder, sendOrder } from '../../../activities/order/place-order.js';
import { bookShown, pollOrder, resolveOrder } from '../../../activities/order/resolve-order.js';
import type { CancelAnswer } from '../../../workflows/contract/index.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import {
  auditOf,
  inputOf,
  ORDER_ID,
  reservedOf,
  rowOf,
  standingOf,
  toldOf,
} from './order-of-test.js';
import { cancels, patches, placed, replace, REPLACEMENT } from './replace-of-test.js';
import { applyAll } from './stream-of-test.js';

const request = { requestedBy: 'alice', reason: 'changed her mind' };

describe('cancelOrder', () => {
  it('working → asked, confirmed by the order itself, the reservation free', async () => {
    const test = await placed();
    expect(await cancelOrder(test.world, ORDER_ID, request)).toEqual({
      outcome: 'requested',
      message: 'the broker took the request',
      state: 'canceled',
    });
    expect(await reservedOf(test)).toBe('0');
    expect(await auditOf(test)).toContain('cancel_requested');
  });

  it('asked twice → the second finds it closed and asks nobody', async () => {
    const test = await placed();
    await cancelOrder(test.world, ORDER_ID, request);
    const again = await cancelOrder(test.world, ORDER_ID, request);
    expect(again.outcome).toBe('already_closed');
    expect(cancels(test)).toBe(1);
  });

  it('filled meanwhile → its fills are booked, and it is closed already', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 100, 145);
    const answer = await cancelOrder(test.world, ORDER_ID, request);
    expect(answer).toMatchObject({ outcome: 'already_closed', state: 'filled' });
    expect(await standingOf(test)).toBe('filled 100');
  });

  it('partly filled, nobody told → the fills are booked before the end', async () => {
    const test = await placed();
    test.broker.fill(ORDER_ID, 40, 145);
    await cancelOrder(test.world, ORDER_ID, request);
    expect(await standingOf(test)).toBe('canceled 40');
  });

  it('held back by a halt → canceled all the same', async () => {
    const test = await placed();
    test.world.haltLatch.engage('cause-1');
    test.loseLease();
    await test.books.transaction(ACCOUNT, async ({ account }) =>
      account.set({ haltMode: 'halted' }),
    );
    expect((await cancelOrder(test.world, ORDER_ID, request)).state).toBe('canceled');
  });

  it('pending at the broker → asked, and not closed before it says so', async () => {
    const test = await placed();
    test.broker.beforeAnswer = (call) => {
      if (call === 'cancelOrder') test.broker.become(ORDER_ID, 'pending_cancel');
    };
    test.broker.cancelOutcome = { kind: 'requested' };
    const answer = await cancelOrder(test.world, ORDER_ID, request);
    expect(answer).toMatchObject({ outcome: 'requested', state: 'pending_cancel' });
    expect(await reservedOf(test)).toBe('14520');
  });

  it.each([
    ['the answer is lost', { kind: 'unknown', reason: 'timeout' }, 'unknown'],
    ['the broker does not know it', { kind: 'not_found' }, 'not_cancelable'],
    ['the broker will not', { kind: 'not_cancelable', message: 'no' }, 'not_cancelable'],
  ] as const)('%s → said so, the order is as the broker shows it', async (...row) => {
    const [, cancelOutcome, outcome] = row;
    const test = await placed();
    test.broker.cancelOutcome = cancelOutcome;
    const answer = await cancelOrder(test.world, ORDER_ID, request);
    expect(answer).toMatchObject({ outcome, state: 'accepted' });
  });

  it.each([
    ['requested', 'requested', { kind: 'requested' }],
    ['a no', 'not_cancelable', { kind: 'not_cancelable', message: 'no' }],
  ] as const)('%s, and then no look → said all the same, and asked once', async (...row) => {
    const [, outcome, cancelOutcome] = row;
    const test = await placed();
    test.broker.cancelOutcome = cancelOutcome;
    test.broker.failing.add('orderByClientOrderId');
    const answer = await cancelOrder(test.world, ORDER_ID, request);
    expect(answer).toMatchObject({ outcome, state: 'accepted' });
    expect(cancels(test)).toBe(1);
  });

  it('unknown, and at the broker → found first, then canceled', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    await placeOrder(test.world, inputOf());
    const answer = await cancelOrder(test.world, ORDER_ID, request);
    expect(answer).toMatchObject({ outcome: 'requested', state: 'canceled' });
  });

  it('unknown, and not found → unknown: nothing is proven by asking', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    const answer = await cancelOrder(test.world, ORDER_ID, request);
    expect(answer).toMatchObject({ outcome: 'unknown', state: 'unknown' });
    expect(test.broker.calls).not.toContain('cancelOrder');
  });

  it('the same request before its answer → one line, and asked until it is taken', async () => {
    const test = await placed();
    test.broker.failing.add('cancelOrder');
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(cancelOrder(test.world, ORDER_ID, request)).rejects.toThrow('did not answer');
    }
    test.broker.failing.clear();
    expect((await cancelOrder(test.world, ORDER_ID, request)).outcome).toBe('requested');
    expect(await cancelStepsOf(test)).toEqual(['cancel_requested', 'cancel_answered']);
    expect((await auditOf(test)).filter((kind) => kind === 'cancel_requested')).toHaveLength(1);
  });
});

/** The steps of its cancels, from the order's history. */
async function cancelStepsOf({ world }: TestWorld, id = ORDER_ID): Promise<readonly string[]> {
  const history = await world.reader.orders.eventsOf(id);
  return history.map(({ kind }) => kind).filter((kind) => kind.startsWith('cancel_'));
}

describe('cancelOrder: an order that the broker has not shown', () => {
  /** Lost on its way: unknown, with nothing of it there. */
  async function lost(): Promise<TestWorld> {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    expect((await placeOrder(test.world, inputOf())).state).toBe('unknown');
    return test;
  }

  it('unknown → never sent again', async () => {
    const test = await lost();
    expect((await cancelOrder(test.world, ORDER_ID, request)).outcome).toBe('unknown');
    await resolveOrder(test.world, ORDER_ID);
    expect((await sendOrder(test.world, inputOf())).state).toBe('unknown');
    expect(test.broker.calls.filter((call) => call === 'submitOrder')).toHaveLength(1);
  });

  it('unknown, and found later → canceled by the call that finds it, once', async () => {
    const test = await openTestWorld();
    const driver = createOrderActivities(test.world);
    test.broker.isLagging = true;
    test.broker.submits.push('execute_then_drop');
    await driver.placeOrder(inputOf());
    const asked = await driver.cancelOrder(ORDER_ID, request, inputOf());
    expect(asked).toMatchObject({ outcome: 'unknown', state: 'unknown' });
    test.broker.isLagging = false;
    await driver.resolveOrder(ORDER_ID);
    expect(test.broker.snapshot(ORDER_ID).status).toBe('canceled');
    expect((await driver.pollOrder(ORDER_ID)).state).toBe('canceled');
    expect(cancels(test)).toBe(1);
  });

  it('a replacement that is unknown → never sent again', async () => {
    const test = await placed();
    test.broker.replacements.push('drop_before');
    await replace(test);
    expect((await cancelOrder(test.world, REPLACEMENT, request)).outcome).toBe('unknown');
    const { intent } = (await rowOf(test, REPLACEMENT)).order;
    expect((await sendOrder(test.world, { ...inputOf(), intent })).state).toBe('unknown');
    expect(patches(test)).toBe(1);
  });

  it('never sent → denied, and not sent after it', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('not_sent');
    await expect(placeOrder(test.world, inputOf())).rejects.toThrow('not sent');
    expect(await cancelOrder(test.world, ORDER_ID, request)).toMatchObject({
      outcome: 'never_sent',
      state: 'denied',
    });
    const view = await placeOrder(test.world, inputOf());
    expect(view).toMatchObject({ state: 'denied', detail: DENIED });
    expect(test.broker.count(ORDER_ID)).toBe(0);
    expect(await reservedOf(test)).toBe('0');
  });

  it('not in the books yet → entered and denied, before its admission', async () => {
    const test = await openTestWorld();
    test.loseLease();
    await expect(placeOrder(test.world, inputOf())).rejects.toThrow('lock');
    const answer = await cancelWish(test.world, inputOf(), request);
    expect(answer).toMatchObject({ outcome: 'never_sent', state: 'denied' });
    expect(await placeOrder(test.world, inputOf())).toMatchObject({ detail: DENIED });
    const history = await test.world.reader.orders.eventsOf(ORDER_ID);
    expect(history.map(({ kind }) => kind)).toEqual(['created', 'cancel_requested', 'denied']);
  });

  it('asked while it is sent, which comes to nothing → denied by its admission', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('not_sent');
    test.broker.beforeAnswer = async (call) => {
      if (call !== 'submitOrder') return;
      const answer = await cancelOrder(test.world, ORDER_ID, request);
      expect(answer).toMatchObject({ outcome: 'unknown', state: 'submitting' });
    };
    await expect(placeOrder(test.world, inputOf())).rejects.toThrow('not sent');
    expect(await placeOrder(test.world, inputOf())).toMatchObject({ detail: DENIED });
    expect(test.broker.calls.filter((call) => call === 'submitOrder')).toHaveLength(1);
  });

  it('asked while its driver sends it → answered with the order, and canceled once', async () => {
    const test = await openTestWorld();
    const driver = createOrderActivities(test.world);
    const asked: Promise<CancelAnswer>[] = [];
    test.broker.beforeAnswer = async (call) => {
      if (call !== 'submitOrder') return;
      asked.push(driver.cancelOrder(ORDER_ID, request, inputOf()));
      while ((await cancelStepsOf(test)).length === 0) await setImmediate();
    };
    await driver.placeOrder(inputOf());
    expect(await Promise.all(asked)).toMatchObject([{ outcome: 'requested', state: 'canceled' }]);
    expect(cancels(test)).toBe(1);
  });

  it('parked before anything was said about it → unknown: it may be at the broker', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('not_sent');
    await expect(placeOrder(test.world, inputOf())).rejects.toThrow('not sent');
    await test.books.transaction(ACCOUNT, (transaction) =>
      parkOrder(transaction, test.world, { clientOrderId: ORDER_ID, reason: 'a strange status' }),
    );
    expect((await cancelOrder(test.world, ORDER_ID, request)).outcome).toBe('unknown');
    expect(await placeOrder(test.world, inputOf())).toMatchObject({ state: 'created' });
    expect(test.broker.calls.filter((call) => call === 'submitOrder')).toHaveLength(1);
  });
});

const DENIED = expect.stringContaining('canceled_before_sent');

describe('a cancel, or its answer, that is lost', () => {
  const LOST = { kind: 'unknown', reason: 'socket hang up' } as const;

  /** Whatever the broker is asked to cancel in one call is lost. */
  async function lostFor(test: TestWorld, call: () => Promise<unknown>): Promise<void> {
    test.broker.cancelOutcome = LOST;
    await call();
    test.broker.cancelOutcome = null;
  }

  it('unknown, and asked again by its driver, once, under the same line', async () => {
    const test = await placed();
    const driver = createOrderActivities(test.world);
    await lostFor(test, async () => {
      const answer = await driver.cancelOrder(ORDER_ID, request);
      expect(answer).toMatchObject({ outcome: 'unknown', state: 'accepted' });
    });
    await driver.pollOrder(ORDER_ID);
    expect((await driver.pollOrder(ORDER_ID)).state).toBe('canceled');
    expect(cancels(test)).toBe(2);
    expect((await auditOf(test)).filter((kind) => kind === 'cancel_requested')).toHaveLength(1);
  });

  it('its driver sleeps for minutes → it is told something, and looks again soon', async () => {
    const test = await placed();
    const view = await pollOrder(test.world, ORDER_ID);
    await lostFor(test, () => cancelOrder(test.world, ORDER_ID, request));
    const posted = await test.world.reader.outbox.undelivered(10);
    const signal = posted.find(({ kind }) => kind === 'signal_order');
    expect(JSON.parse(signal?.payload ?? '{}')).toEqual({ ...view, version: view.version + 1 });
  });

  it('when the order is found → asked again by the next look', async () => {
    const test = await openTestWorld();
    const driver = createOrderActivities(test.world);
    test.broker.isLagging = true;
    test.broker.submits.push('execute_then_drop');
    await driver.placeOrder(inputOf());
    await driver.cancelOrder(ORDER_ID, request, inputOf());
    test.broker.isLagging = false;
    await lostFor(test, () => driver.resolveOrder(ORDER_ID));
    await driver.pollOrder(ORDER_ID);
    expect(test.broker.snapshot(ORDER_ID).status).toBe('canceled');
  });

  it('and it was done → closed already', async () => {
    const test = await placed();
    test.broker.cancelOutcome = LOST;
    test.broker.beforeAnswer = (call) => {
      if (call === 'cancelOrder') test.broker.become(ORDER_ID, 'canceled');
    };
    const answer = await cancelOrder(test.world, ORDER_ID, request);
    expect(answer).toMatchObject({ outcome: 'already_closed', state: 'canceled' });
    expect(cancels(test)).toBe(1);
  });

  it('and a frame tells that it was turned down → not asked again', async () => {
    const test = await placed();
    const driver = createOrderActivities(test.world);
    test.broker.cancelOutcome = LOST;
    test.broker.beforeAnswer = (call) => {
      if (call === 'cancelOrder') test.broker.become(ORDER_ID, 'pending_cancel');
    };
    await driver.cancelOrder(ORDER_ID, request);
    await applyAll(test, [test.broker.become(ORDER_ID, 'new', 'order_cancel_rejected')]);
    expect((await driver.pollOrder(ORDER_ID)).state).toBe('accepted');
    expect(cancels(test)).toBe(1);
  });
});

describe('a cancel that the broker turns down unheard', () => {
  const MINUTE_MS = 60_000;

  /** The broker works the order again, or does not: whatever it shows, it tells nothing. */
  async function pending(filled = 0): Promise<TestWorld> {
    const test = await placed();
    if (filled > 0) test.broker.fill(ORDER_ID, filled, 145);
    test.broker.cancelOutcome = { kind: 'requested' };
    test.broker.become(ORDER_ID, 'pending_cancel');
    await cancelOrder(test.world, ORDER_ID, request);
    expect(await standingOf(test)).toBe(`pending_cancel ${filled}`);
    test.broker.isMuted = true;
    return test;
  }

  it.each([
    ['new', 0, 'accepted 0'],
    ['partially_filled', 40, 'partially_filled 40'],
  ] as const)('shown as %s a minute later → works on as at the broker', async (...row) => {
    const [status, filled, standing] = row;
    const test = await pending(filled);
    test.broker.become(ORDER_ID, status);
    await pollOrder(test.world, ORDER_ID);
    expect(await standingOf(test)).toBe(`pending_cancel ${filled}`);
    test.advanceWall(MINUTE_MS);
    await pollOrder(test.world, ORDER_ID);
    expect(await standingOf(test)).toBe(standing);
    expect(await toldOf(test)).toEqual(['warning order_rejected']);
  });

  it.each([
    ['pended', true],
    ['was never seen to pend', false],
  ])('%s, and a frame turns it down, twice → told once', async (_, isSeen) => {
    const test = await placed();
    test.broker.cancelOutcome = { kind: 'requested' };
    await cancelOrder(test.world, ORDER_ID, request);
    const pends = test.broker.become(ORDER_ID, 'pending_cancel');
    const works = test.broker.become(ORDER_ID, 'new', 'order_cancel_rejected');
    await applyAll(test, isSeen ? [pends, works] : [works]);
    await applyAll(test, [works]);
    expect(await standingOf(test)).toBe('accepted 0');
    expect(await toldOf(test)).toEqual(['warning order_rejected']);
    expect((await cancelStepsOf(test)).filter((kind) => kind === 'cancel_rejected')).toHaveLength(
      1,
    );
  });

  it('shown as it was before the cancel → goes on pending', async () => {
    const test = await placed();
    const before = test.broker.snapshot(ORDER_ID);
    test.broker.cancelOutcome = { kind: 'requested' };
    test.broker.become(ORDER_ID, 'pending_cancel');
    await cancelOrder(test.world, ORDER_ID, request);
    test.advanceWall(MINUTE_MS);
    await bookShown(test.world, before);
    expect(await standingOf(test)).toBe('pending_cancel 0');
  });

  it('still pending at the broker → goes on pending, and a person is told', async () => {
    const test = await pending();
    test.advanceWall(MINUTE_MS);
    await pollOrder(test.world, ORDER_ID);
    expect(await standingOf(test)).toBe('pending_cancel 0');
    expect(await toldOf(test)).toContain('critical api_connectivity');
  });
});
