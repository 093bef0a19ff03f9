import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { repairAll } from '../../../activities/reconciliation/repair-all.js';
import { repairShown } from '../../../activities/reconciliation/repair-shown.js';
import type { BrokerOrder } from '../../../adapters/broker/port.js';
import { liveFills } from '../../../domain/order/index.js';
import { wholeUsd } from '../../../domain/values/index.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { applyAll } from './stream-of-test.js';
import { auditOf, inputOf, outboxOf, requestOfTest, rowOf, toldOf } from './order-of-test.js';

const BY_HAND = 'by-hand';

async function found(externalOrders: 'observe' | 'adopt' | 'halt'): Promise<TestWorld> {
  const test = await openTestWorld({ externalOrders });
  test.broker.place(requestOfTest({ clientOrderId: idOf(BY_HAND) }));
  await repairAll(test.world);
  return test;
}

async function haltModeOf({ world }: TestWorld): Promise<string | undefined> {
  return (await world.reader.account())?.haltMode;
}

describe('an order that Ordinis did not place', () => {
  it('observe → entered, nobody’s, without a driver; trading goes on', async () => {
    const test = await found('observe');
    expect((await rowOf(test, BY_HAND)).order).toMatchObject({
      intent: { strategy: 'external' },
      progress: { state: 'accepted' },
    });
    expect(await outboxOf(test)).not.toContain(`start_order ${BY_HAND}`);
    expect(await haltModeOf(test)).toBe('none');
    expect(await toldOf(test)).toEqual(['warning position_reconciliation']);
  });

  it('adopt → entered as an order of a person, with a driver', async () => {
    const test = await found('adopt');
    expect((await rowOf(test, BY_HAND)).order.intent.strategy).toBe('manual');
    expect(await outboxOf(test)).toContain(`start_order ${BY_HAND}`);
    const { intent } = (await rowOf(test, BY_HAND)).order;
    expect((await placeOrder(test.world, { ...inputOf(), intent })).state).toBe('accepted');
    expect(test.broker.calls).not.toContain('submitOrder');
  });

  it('halt → entered, and halted once, with the order named', async () => {
    const test = await found('halt');
    await repairAll(test.world);
    expect(await haltModeOf(test)).toBe('halted');
    const causes = await test.world.reader.halts.openCauses();
    expect(causes).toMatchObject([
      { reason: 'reconciliation', message: expect.stringContaining('broker-1') },
    ]);
    expect((await rowOf(test, BY_HAND)).order.intent.strategy).toBe('external');
  });

  it('halt → engaged at once: latch, file and cancel wait for no workflow', async () => {
    const test = await found('halt');
    expect(test.world.haltLatch.causeIds()).toEqual(['external-broker-1']);
    expect(test.world.killFile.causeIds()).toEqual(['external-broker-1']);
    expect(test.broker.snapshot(BY_HAND).status).toBe('canceled');
    expect(test.halts).toEqual([]);
    expect((await test.world.reader.account())?.haltVersion).toBe(1);
  });
});

it('a trade was corrected before anybody knew the order → that trade has the price', async () => {
  const test = await openTestWorld();
  test.broker.isMuted = true;
  test.broker.place(requestOfTest({ clientOrderId: idOf(BY_HAND) }));
  const first = test.broker.fill(BY_HAND, 10, 154.96);
  test.broker.fill(BY_HAND, 10, 154.87);
  await applyAll(test, [test.broker.correct(first, 154.97)]);
  await repairShown(test.world, test.broker.snapshot(BY_HAND));
  const live = liveFills(await test.world.reader.fills.byOrder(idOf(BY_HAND)));
  expect(live.map(({ kind, price }) => [kind, price])).toEqual([
    ['execution', 154_870_000_000],
    ['execution', 154_970_000_000],
  ]);
  expect((await test.world.reader.account())?.cash).toBe(test.broker.cashMicros);
});

describe('an order that the books cannot hold', () => {
  it.each<[string, Partial<BrokerOrder>]>([
    ['by amount', { quantity: null, notional: wholeUsd(100) }],
    ['of type trailing_stop', { type: 'trailing_stop' }],
    ['of several legs', { orderClass: 'mleg', quantity: null }],
    ['of time in force gtd', { timeInForce: 'gtd' }],
    ['of an id that cannot be kept', { clientOrderId: 'not a safe id' }],
  ])('%s → critical, once; its symbol takes no new risk', async (why, change) => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ clientOrderId: idOf(BY_HAND) }));
    const shown = { ...test.broker.snapshot(BY_HAND), ...change };
    await repairShown(test.world, shown);
    await repairShown(test.world, shown);
    expect(await toldOf(test)).toEqual(['critical position_reconciliation']);
    const instrument = await test.world.reader.instruments.bySymbol('SPY');
    expect(instrument?.parkedReason).toContain(why);
    expect((await placeOrder(test.world, inputOf())).detail).toContain('symbol_parked');
    expect((await auditOf(test)).filter((kind) => kind === 'order_unrepresentable')).toHaveLength(
      1,
    );
    expect(await test.world.reader.orders.byClientOrderId(BY_HAND)).toBeNull();
  });
});
