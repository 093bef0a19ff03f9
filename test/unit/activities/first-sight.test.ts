import { describe, expect, it } from 'vitest';
import { appendOwnEvent } from '../../../activities/order/append-event.js';
import { cancelOrder } from '../../../activities/order/cancel-order.js';
import { placeOrder, sendOrder } from '../../../activities/order/place-order.js';
import { pollOrder } from '../../../activities/order/resolve-order.js';
import { newRow } from '../../../activities/order/settle-admission.js';
import { reconcileBooks } from '../../../activities/reconciliation/reconcile.js';
import { repairAll } from '../../../activities/reconciliation/repair-all.js';
import { createOrder } from '../../../domain/order/index.js';
import { price } from '../../../domain/values/index.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import {
  inputOf,
  ORDER_ID,
  requestOfTest,
  reservedOf,
  rowOf,
  standingOf,
  toldOf,
} from './order-of-test.js';
import { applyAll } from './stream-of-test.js';

const BY = { requestedBy: 'alice', reason: 'changed her mind' };
const BY_HAND = 'by-hand';
/** A status of next year: nobody has decided what it means. */
const NEW_WORD = 'pending_risk_review';

function deletesOf({ broker }: TestWorld): number {
  return broker.calls.filter((call) => call === 'cancelOrder').length;
}

/** Placed, and the answer shows it with a status that nobody has decided about. */
async function answeredWithNewWord(): Promise<TestWorld> {
  const test = await openTestWorld();
  const submit = test.broker.submitOrder.bind(test.broker);
  test.broker.submitOrder = async (request) => {
    await submit(request);
    test.broker.become(request.clientOrderId, NEW_WORD);
    return { kind: 'accepted', order: test.broker.snapshot(request.clientOrderId) };
  };
  await placeOrder(test.world, inputOf());
  return test;
}

describe('the first that the broker shows: a status that nobody has decided about', () => {
  it('in the answer → parked once, at its worst, and known by the broker’s id', async () => {
    const test = await answeredWithNewWord();
    const { order } = await rowOf(test);
    expect(order.progress).toEqual({ state: 'accepted', brokerOrderId: 'broker-1' });
    expect(order.parkedReason).toContain(NEW_WORD);
    expect(await reservedOf(test)).toBe('14520');
    await pollOrder(test.world, ORDER_ID);
    await repairAll(test.world);
    expect((await rowOf(test)).order.version).toBe(order.version);
    expect(await toldOf(test)).toEqual(['critical position_reconciliation']);
  });

  it('a person cancels it → the broker is asked, and it ends', async () => {
    const test = await answeredWithNewWord();
    expect((await cancelOrder(test.world, ORDER_ID, BY)).outcome).toBe('requested');
    expect(deletesOf(test)).toBe(1);
    expect(await standingOf(test)).toBe('canceled 0');
  });

  it('of somebody else’s order → parked, never sent nor denied, and nothing halts', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ clientOrderId: idOf(BY_HAND) }));
    test.broker.become(BY_HAND, NEW_WORD);
    await repairAll(test.world);
    const { intent } = (await rowOf(test, BY_HAND)).order;
    test.advanceMarket(1_000);
    const view = await placeOrder(test.world, { ...inputOf(), intent, isResumed: true });
    expect(view).toMatchObject({ state: 'accepted', needsAttention: true });
    await reconcileBooks(test.world, { account: ACCOUNT, trigger: 'test' });
    expect(await standingOf(test, BY_HAND)).toBe('accepted 0');
    expect((await test.world.reader.account())?.haltMode).toBe('none');
    expect(test.broker.calls).not.toContain('submitOrder');
  });

  it('of a leg → parked, known by the broker’s id, and its group goes on', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    const bracket = {
      orderClass: 'bracket',
      takeProfit: price(150_000_000_000),
      stopLoss: { stopPrice: price(140_000_000_000), limitPrice: null },
    } as const;
    await placeOrder(test.world, inputOf(bracket));
    test.broker.become('broker-1-stop', NEW_WORD);
    await repairAll(test.world);
    expect(await standingOf(test)).toBe('accepted 0');
    expect(await standingOf(test, 'broker-1-stop')).toBe('accepted 0');
    expect((await rowOf(test, 'broker-1-stop')).order.parkedReason).toContain(NEW_WORD);
  });
});

describe('the first that the broker shows: not what was wished', () => {
  it('of another quantity → parked, and a person’s cancel reaches it', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('take_another_quantity');
    await placeOrder(test.world, inputOf());
    expect((await rowOf(test)).order.parkedReason).toContain('"quantity":"101"');
    expect((await cancelOrder(test.world, ORDER_ID, BY)).outcome).toBe('requested');
    expect(await standingOf(test)).toBe('canceled 0');
    expect(await reservedOf(test)).toBe('0');
  });

  it('of the other side → no fill of it is booked, whoever tells it', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ side: 'sell' }));
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.fill(ORDER_ID, 40, 145)]);
    await repairAll(test.world);
    await pollOrder(test.world, ORDER_ID);
    expect(await standingOf(test)).toBe('accepted 0');
    expect(await test.world.reader.fills.count()).toBe(0);
    expect(await toldOf(test)).toEqual(['critical position_reconciliation']);
  });

  it('of the other side, and canceled before it filled → over', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ side: 'sell' }));
    await placeOrder(test.world, inputOf());
    expect((await cancelOrder(test.world, ORDER_ID, BY)).outcome).toBe('requested');
    expect(await standingOf(test)).toBe('canceled 0');
    expect((await rowOf(test)).order.parkedReason).toContain('"sell"');
  });

  it('of the other side, and canceled after it filled → stays open, for a person', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ side: 'sell' }));
    await placeOrder(test.world, inputOf());
    test.broker.fill(ORDER_ID, 40, 145);
    await cancelOrder(test.world, ORDER_ID, BY);
    expect(await standingOf(test)).toBe('accepted 0');
  });
});

describe('an order of somebody else that older books hold as created', () => {
  it.each([
    ['placed', placeOrder],
    ['sent again', sendOrder],
  ])('to be %s → looked up, never sent nor denied', async (_how, begin) => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ clientOrderId: idOf(BY_HAND) }));
    const { intent, correlationId } = inputOf({ clientOrderId: idOf(BY_HAND) });
    const order = createOrder(intent, test.world.marketClock.nowMs());
    await test.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.orders.create(newRow(test.world, { intent, correlationId }));
      const event = { kind: 'adopted_external', brokerOrderId: 'broker-1' };
      const line = { before: null, after: order, event, source: 'reconciliation' } as const;
      await appendOwnEvent(transaction, test.world, line);
    });
    test.broker.isLagging = true;
    expect((await begin(test.world, { ...inputOf(), intent })).state).toBe('created');
    test.broker.isLagging = false;
    expect((await begin(test.world, { ...inputOf(), intent })).state).toBe('accepted');
    expect(test.broker.calls).toEqual(['orderByClientOrderId', 'orderByClientOrderId']);
  });
});
