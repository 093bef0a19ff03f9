import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { haltAsNewcomer } from '../../../activities/reconciliation/foreign-writer.js';
import { reconcile } from '../../../activities/reconciliation/reconcile.js';
import { repairAll } from '../../../activities/reconciliation/repair-all.js';
import { ACCOUNT, openTestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { inputOf, requestOfTest, standingOf, toldOf } from './order-of-test.js';

const FOREIGN = idOf('ord-other-SPY-1-entry');

describe('another Ordinis on the account', () => {
  it('we have sent nothing before it → halted as newcomer, its orders left alone', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ clientOrderId: FOREIGN }));
    await repairAll(test.world);
    const [cause] = await test.world.reader.halts.openCauses();
    expect(cause).toMatchObject({ reason: 'account_blocked', mode: 'halted' });
    expect(cause?.message).toContain(FOREIGN);
    expect(test.broker.calls).not.toContain('cancelOrder');
    expect((await placeOrder(test.world, inputOf())).detail).toContain('halted');
    await repairAll(test.world);
    expect(await test.world.reader.halts.openCauses()).toHaveLength(1);
  });

  it('we have sent before it → we go on, and a person is told', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    test.broker.place(requestOfTest({ clientOrderId: FOREIGN })).submittedAtMs += 60_000;
    await repairAll(test.world);
    expect(await test.world.reader.halts.openCauses()).toEqual([]);
    expect(await toldOf(test)).toContain('critical position_reconciliation');
    expect(await standingOf(test, FOREIGN)).toBe('accepted 0');
    expect(await standingOf(test)).toBe('accepted 0');
  });

  it('it was idle when we began, and orders after our first → we are the newcomer', async () => {
    const test = await openTestWorld();
    const old = test.broker.place(requestOfTest({ clientOrderId: idOf('ord-other-SPY-0-entry') }));
    old.submittedAtMs -= 3_600_000;
    old.status = 'canceled';
    await reconcile(test.world, { account: ACCOUNT, trigger: 'startup' });
    expect((await test.world.reader.account())?.haltMode).toBe('none');
    await placeOrder(test.world, inputOf());
    test.broker.place(requestOfTest({ clientOrderId: FOREIGN })).submittedAtMs += 60_000;
    await reconcile(test.world, { account: ACCOUNT, trigger: 'schedule' });
    const [cause] = await test.world.reader.halts.openCauses();
    expect(cause).toMatchObject({ reason: 'account_blocked', mode: 'halted' });
  });

  it('told as the elder → the orders from before are not read again for that order', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const order = test.broker.place(requestOfTest({ clientOrderId: FOREIGN }));
    order.submittedAtMs += 60_000;
    const shown = test.broker.snapshot(FOREIGN);
    expect(await haltAsNewcomer(test.world, shown)).toBe(false);
    expect(await haltAsNewcomer(test.world, shown)).toBe(false);
    expect(test.broker.calls.filter((call) => call === 'ordersSubmittedBefore')).toHaveLength(1);
  });

  it('an order by hand from before our first → says nothing of another Ordinis', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ clientOrderId: idOf('by-hand') })).submittedAtMs -= 1_000;
    await placeOrder(test.world, inputOf());
    test.broker.place(requestOfTest({ clientOrderId: FOREIGN })).submittedAtMs += 60_000;
    expect(await haltAsNewcomer(test.world, test.broker.snapshot(FOREIGN))).toBe(false);
  });

  it('an order by hand → external as ever, nobody halts', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ clientOrderId: idOf('by-hand') }));
    await repairAll(test.world);
    expect(await test.world.reader.halts.openCauses()).toEqual([]);
  });

  it('its order was over before our books began → halted, nothing of it is booked', async () => {
    const test = await openTestWorld();
    const order = test.broker.place(requestOfTest({ clientOrderId: FOREIGN }));
    order.submittedAtMs -= 60_000;
    order.status = 'filled';
    await reconcile(test.world, { account: ACCOUNT, trigger: 'startup' });
    expect(await test.world.reader.orders.byClientOrderId(FOREIGN)).toBeNull();
    expect((await test.world.reader.account())?.haltMode).toBe('halted');
  });

  it('executions from before our books began → not booked', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ clientOrderId: idOf('by-hand') }));
    test.broker.fill('by-hand', 10, 145);
    test.broker.become('by-hand', 'canceled');
    const [activity] = test.broker.activities;
    Object.assign(activity ?? {}, { at: '2013-10-07T13:29:00Z' });
    expect((await repairAll(test.world)).activities).toBe(0);
    expect(await test.world.reader.fills.count()).toBe(0);
  });
});
