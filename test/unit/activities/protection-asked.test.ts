import { describe, expect, it } from 'vitest';
import type { CancelOutcome } from '../../../adapters/broker/port.js';
import { cancelOrder } from '../../../activities/order/cancel-order.js';
import { replaceOrder } from '../../../activities/order/replace-order.js';
import { reconcile } from '../../../activities/reconciliation/reconcile.js';
import { INTENT_VALID_MS } from '../../../domain/signal/index.js';
import { price, wholeUnits } from '../../../domain/values/index.js';
import type { ReplaceRequest } from '../../../workflows/contract/index.js';
import type { TestWorld } from '../../support/test-world.js';
import { rowOf, standingOf } from './order-of-test.js';
import {
  afterTheClose,
  lossesTold,
  protectedPosition,
  putBack,
  setMode,
  STOP_ID,
} from './protection-of-test.js';
import { BY, requestOf } from './replace-of-test.js';
import { applyAll } from './stream-of-test.js';

const DAYS_3_MS = 3 * 24 * 3_600_000;
const REST_ID = `${STOP_ID}.r1`;

/** The broker takes the stop away, and no frame tells it. */
async function takeAway(test: TestWorld): Promise<void> {
  test.broker.isMuted = true;
  test.broker.become(STOP_ID, 'canceled');
  await reconcile(test.world, afterTheClose);
}

async function putBackUnits(test: TestWorld): Promise<readonly number[]> {
  return (await putBack(test)).map(({ intent }) => intent.quantity);
}

describe('a canceled stop whose cancel was asked for', () => {
  const turnedDown: readonly CancelOutcome[] = [
    { kind: 'not_cancelable', message: 'not now' },
    { kind: 'not_found' },
  ];
  it.each(turnedDown)('$kind, and gone three days later → lost, put back', async (outcome) => {
    const test = await protectedPosition('re-arm');
    test.broker.cancelOutcome = outcome;
    expect((await cancelOrder(test.world, STOP_ID, BY)).outcome).toBe('not_cancelable');
    test.advanceWall(DAYS_3_MS);
    test.advanceMarket(DAYS_3_MS);
    await takeAway(test);
    expect(await standingOf(test, STOP_ID)).toBe('canceled 0');
    expect(await lossesTold(test)).toBe(1);
    expect(await putBackUnits(test)).toEqual([wholeUnits(100)]);
  });

  it.each([
    ['taken', true],
    ['taken, and never seen to pend', false],
  ])('%s, and rejected by the stream → lost', async (_, isSeen) => {
    const test = await protectedPosition('re-arm');
    test.broker.cancelOutcome = { kind: 'requested' };
    await cancelOrder(test.world, STOP_ID, BY);
    const pends = test.broker.become(STOP_ID, 'pending_cancel');
    const works = test.broker.become(STOP_ID, 'new', 'order_cancel_rejected');
    await applyAll(test, isSeen ? [pends, works] : [works]);
    await takeAway(test);
    expect(await lossesTold(test)).toBe(1);
  });

  it('turned down, asked for again and taken → not lost', async () => {
    const test = await protectedPosition('re-arm');
    test.broker.cancelOutcome = { kind: 'not_cancelable', message: 'not now' };
    await cancelOrder(test.world, STOP_ID, BY);
    test.broker.cancelOutcome = null;
    await cancelOrder(test.world, STOP_ID, BY);
    await reconcile(test.world, afterTheClose);
    expect(await standingOf(test, STOP_ID)).toBe('canceled 0');
    expect(await lossesTold(test)).toBe(0);
  });

  it('taken, and asked for once more while it is pending → not lost', async () => {
    const test = await protectedPosition('re-arm');
    test.broker.cancelOutcome = { kind: 'requested' };
    await cancelOrder(test.world, STOP_ID, BY);
    await applyAll(test, [test.broker.become(STOP_ID, 'pending_cancel')]);
    test.broker.cancelOutcome = { kind: 'not_cancelable', message: 'is pending_cancel' };
    await cancelOrder(test.world, STOP_ID, BY);
    await takeAway(test);
    expect(await lossesTold(test)).toBe(0);
  });

  /** The broker cancels it at the first request, tells nobody, and says no to the next one. */
  function takeUnheard(test: TestWorld): void {
    test.broker.isMuted = true;
    test.broker.beforeAnswer = (call) => {
      if (call !== 'cancelOrder') return;
      if (test.broker.snapshot(STOP_ID).status === 'new') test.broker.become(STOP_ID, 'canceled');
      else test.broker.cancelOutcome = { kind: 'not_cancelable', message: 'is canceled' };
    };
  }

  it('taken, a crash before the answer is written, and asked again → not lost', async () => {
    const test = await protectedPosition('re-arm');
    takeUnheard(test);
    test.broker.cancelOutcome = { kind: 'requested' };
    test.at('after-cancel', () => {
      throw new Error('crash');
    });
    await expect(cancelOrder(test.world, STOP_ID, BY)).rejects.toThrow('crash');
    test.at('after-cancel', () => undefined);
    expect(await cancelOrder(test.world, STOP_ID, BY)).toMatchObject({ state: 'canceled' });
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(0);
    expect(await putBackUnits(test)).toEqual([]);
  });

  it('taken, its answer lost, and asked again while reads lag → not lost', async () => {
    const test = await protectedPosition('re-arm');
    takeUnheard(test);
    test.broker.isLagging = true;
    test.broker.cancelOutcome = { kind: 'unknown', reason: 'socket hang up' };
    await cancelOrder(test.world, STOP_ID, BY);
    expect(await cancelOrder(test.world, STOP_ID, BY)).toMatchObject({ state: 'accepted' });
    test.broker.isLagging = false;
    await reconcile(test.world, afterTheClose);
    expect(await standingOf(test, STOP_ID)).toBe('canceled 0');
    expect(await lossesTold(test)).toBe(0);
  });

  it('asked for when it had gone already → lost', async () => {
    const test = await protectedPosition('re-arm');
    await applyAll(test, [test.broker.become(STOP_ID, 'canceled')]);
    expect((await cancelOrder(test.world, STOP_ID, BY)).outcome).toBe('already_closed');
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(1);
  });
});

describe('a stop of 100 that is to be replaced when 40 have filled', () => {
  async function filledInPart(): Promise<{ test: TestWorld; request: ReplaceRequest }> {
    const test = await protectedPosition('re-arm');
    await applyAll(test, [test.broker.fill(STOP_ID, 40, 139)]);
    const decidedAtMs = test.world.marketClock.nowMs();
    const stopPrice = price(141_000_000_000);
    return { test, request: requestOf({ decidedAtMs, limitPrice: null, stopPrice }) };
  }

  it('made smaller by a cancel and an order of the rest → not lost', async () => {
    const { test, request } = await filledInPart();
    await replaceOrder(test.world, STOP_ID, { ...request, quantity: wholeUnits(70) });
    await reconcile(test.world, afterTheClose);
    expect((await rowOf(test, REST_ID)).order.intent.quantity).toBe(wholeUnits(30));
    expect(await lossesTold(test)).toBe(0);
  });

  it('the rest was ordered, and canceled by a person → not lost', async () => {
    const { test, request } = await filledInPart();
    await replaceOrder(test.world, STOP_ID, request);
    test.advanceMarket(1_000);
    await cancelOrder(test.world, REST_ID, BY);
    await reconcile(test.world, afterTheClose);
    expect(await standingOf(test, REST_ID)).toBe('canceled 0');
    expect(await lossesTold(test)).toBe(0);
  });

  it('the cancel is confirmed, and nobody orders the rest → lost once it is too late', async () => {
    const { test, request } = await filledInPart();
    test.broker.cancelOutcome = { kind: 'requested' };
    expect((await replaceOrder(test.world, STOP_ID, request)).outcome).toBe('canceling');
    await takeAway(test);
    expect(await lossesTold(test)).toBe(0);
    test.advanceMarket(INTENT_VALID_MS);
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(0);
    test.advanceMarket(1);
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(1);
    expect(await putBackUnits(test)).toEqual([wholeUnits(60)]);
  });

  it('a person cancels it before its own cancel is written → not lost, however late', async () => {
    const { test, request } = await filledInPart();
    // The look, the audit, the claim; then the books are away.
    test.faults.push(null, null, null, 'error');
    await expect(replaceOrder(test.world, STOP_ID, request)).rejects.toThrow('found none');
    expect((await cancelOrder(test.world, STOP_ID, BY)).state).toBe('canceled');
    test.advanceMarket(INTENT_VALID_MS + 1);
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(0);
  });

  it('its cancel was lost and asked again, and the rest is denied → told', async () => {
    const { test, request } = await filledInPart();
    test.broker.cancelOutcome = { kind: 'unknown', reason: 'socket hang up' };
    expect((await replaceOrder(test.world, STOP_ID, request)).outcome).toBe('canceling');
    test.broker.cancelOutcome = null;
    await setMode(test, 'halted');
    expect((await replaceOrder(test.world, STOP_ID, request)).outcome).toBe('denied');
    expect(await standingOf(test, STOP_ID)).toBe('canceled 40');
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(1);
  });

  it('the broker refuses the rest → lost', async () => {
    const { test, request } = await filledInPart();
    test.broker.submits.push('refuse');
    expect((await replaceOrder(test.world, STOP_ID, request)).outcome).toBe('refused');
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(1);
    expect(await putBackUnits(test)).toEqual([wholeUnits(60)]);
  });

  it('halted before the rest → told, and put back after the release', async () => {
    const { test, request } = await filledInPart();
    test.broker.cancelOutcome = { kind: 'requested' };
    await replaceOrder(test.world, STOP_ID, request);
    await setMode(test, 'halted');
    test.broker.isMuted = true;
    test.broker.become(STOP_ID, 'canceled');
    expect((await replaceOrder(test.world, STOP_ID, request)).outcome).toBe('denied');
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(1);
    expect(await putBackUnits(test)).toEqual([]);
    await setMode(test, 'none');
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(2);
    expect(await putBackUnits(test)).toEqual([wholeUnits(60)]);
  });
});
