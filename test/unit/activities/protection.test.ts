import { describe, expect, it } from 'vitest';
import { cancelOrder } from '../../../activities/order/cancel-order.js';
import { placeOrder } from '../../../activities/order/place-order.js';
import { reconcile } from '../../../activities/reconciliation/reconcile.js';
import { assert, wholeUnits } from '../../../domain/values/index.js';
import { openTestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { auditOf, inputOf, ORDER_ID, standingOf } from './order-of-test.js';
import {
  afterTheClose,
  lossesTold,
  protectedPosition,
  setMode,
  started,
  STOP_ID,
  stopOf,
} from './protection-of-test.js';
import { applyAll } from './stream-of-test.js';

describe('watchProtection', () => {
  it.each(['expired', 'canceled', 'rejected'])(
    'the stop is %s at the broker, the position stands → told once, nothing sent',
    async (status) => {
      const test = await protectedPosition();
      expect((await reconcile(test.world, afterTheClose)).outcome).toBe('clean');
      expect(await lossesTold(test)).toBe(0);
      test.broker.isMuted = true;
      test.broker.become(STOP_ID, status);
      await reconcile(test.world, afterTheClose);
      await reconcile(test.world, afterTheClose);
      expect(await lossesTold(test)).toBe(1);
      expect(await started(test)).toEqual([]);
    },
  );

  it('one of us asked for the cancel → it is not lost', async () => {
    const test = await protectedPosition();
    await cancelOrder(test.world, STOP_ID, { requestedBy: 'ann', reason: 'a wider one comes' });
    await reconcile(test.world, afterTheClose);
    expect(await standingOf(test, STOP_ID)).toBe('canceled 0');
    expect(await lossesTold(test)).toBe(0);
  });

  it('the position is closed, or another stop covers it → nothing is lost', async () => {
    const test = await protectedPosition();
    await applyAll(test, [test.broker.become(STOP_ID, 'expired')]);
    const other = idOf('ord-test-SPY-3-stop');
    await placeOrder(test.world, stopOf({ clientOrderId: other }));
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(0);
    await applyAll(test, [test.broker.fill(other, 100, 139)]);
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(0);
  });

  it('policy re-arm → put back once, for what is held, good until canceled', async () => {
    const test = await protectedPosition('re-arm');
    await applyAll(test, [
      test.broker.fill(STOP_ID, 40, 139),
      test.broker.become(STOP_ID, 'expired'),
    ]);
    await reconcile(test.world, afterTheClose);
    await reconcile(test.world, afterTheClose);
    const [rearming, ...others] = await started(test);
    expect(others).toEqual([]);
    expect(rearming?.intent).toMatchObject({
      side: 'sell',
      type: 'stop',
      quantity: wholeUnits(60),
      stopPrice: 140_000_000_000,
      timeInForce: 'gtc',
      purpose: 'exit',
    });
    expect(await auditOf(test)).toContain('protection_rearmed');
    if (rearming === undefined) return;
    expect((await placeOrder(test.world, rearming)).state).toBe('accepted');
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(1);
    test.advanceMarket(60_000);
    test.broker.isMuted = true;
    test.broker.become(rearming.intent.clientOrderId, 'expired');
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(2);
  });

  it('put back and denied after a stall → put back again, under another id', async () => {
    const test = await protectedPosition('re-arm');
    await applyAll(test, [test.broker.become(STOP_ID, 'expired')]);
    await reconcile(test.world, afterTheClose);
    const [first] = await started(test);
    assert(first !== undefined, 'expected the stop to be put back');
    const tooOld = { ...first.intent, validUntilMs: first.intent.decidedAtMs };
    test.advanceMarket(1);
    const denied = await placeOrder(test.world, { ...first, intent: tooOld });
    expect(denied.detail).toContain('intent_expired');
    await reconcile(test.world, afterTheClose);
    await reconcile(test.world, afterTheClose);
    const [second, ...others] = (await started(test)).filter(
      ({ intent }) => intent.clientOrderId !== first.intent.clientOrderId,
    );
    expect(others).toEqual([]);
    assert(second !== undefined, 'expected another attempt');
    expect((await placeOrder(test.world, second)).state).toBe('accepted');
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(2);
  });

  it.each(['refuse', 'accept'] as const)(
    'put back, and the broker does not keep it (%s) → twice again, then a person is told',
    async (script) => {
      const test = await protectedPosition('re-arm');
      await applyAll(test, [test.broker.become(STOP_ID, 'canceled')]);
      const tried = new Set<string>();
      for (let looks = 0; looks < 6; looks += 1) {
        test.advanceMarket(60_000);
        await reconcile(test.world, afterTheClose);
        const next = (await started(test)).find((one) => !tried.has(one.intent.clientOrderId));
        if (next === undefined) continue;
        const { clientOrderId } = next.intent;
        tried.add(clientOrderId);
        test.broker.submits.push(script);
        await placeOrder(test.world, next);
        if (script === 'refuse') expect(await standingOf(test, clientOrderId)).toBe('refused 0');
        else await applyAll(test, [test.broker.become(clientOrderId, 'canceled')]);
      }
      expect(tried.size).toBe(2);
      expect(await lossesTold(test)).toBe(3);
      const told = await test.world.reader.alerts.recent(20);
      const last = told.filter(({ type }) => type === 'risk_breach').map(({ message }) => message);
      expect(last.some((message) => message.includes('3 in a row were in vain'))).toBe(true);
    },
  );

  it('halted → told, and put back when the halt is over', async () => {
    const test = await protectedPosition('re-arm');
    await setMode(test, 'halted');
    await applyAll(test, [test.broker.become(STOP_ID, 'expired')]);
    await reconcile(test.world, afterTheClose);
    await reconcile(test.world, afterTheClose);
    expect(await started(test)).toEqual([]);
    expect(await lossesTold(test)).toBe(1);
    await setMode(test, 'none');
    await reconcile(test.world, afterTheClose);
    await reconcile(test.world, afterTheClose);
    expect(await started(test)).toHaveLength(1);
  });

  it('a position that never had a stop → lacks nothing', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.fill(ORDER_ID, 100, 145)]);
    await reconcile(test.world, afterTheClose);
    expect(await lossesTold(test)).toBe(0);
  });
});
