import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { viewOf } from '../../../activities/order/order-view.js';
import { writeCause } from '../../../activities/safety/engage-halt.js';
import { releaseCauses } from '../../../activities/safety/release-halt.js';
import type { World } from '../../../activities/world.js';
import { readHaltRequest } from '../../../domain/safety/halt-request.js';
import { type OutboxDrainer, startOutboxDrainer } from '../../../workers/outbox-drainer.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { inputOf, ORDER_ID, outboxOf, requestOfTest, rowOf } from '../activities/order-of-test.js';
import { idOf } from '../domain/order/order-fixture.js';
import { applyAll, until } from '../activities/stream-of-test.js';

async function ask(test: TestWorld): Promise<void> {
  const payload = JSON.stringify(inputOf());
  await test.books.transaction(ACCOUNT, ({ outbox }) =>
    outbox.post({ kind: 'start_order', target: ORDER_ID, payload }),
  );
}

/** Runs a drainer until something is true, and ends it. */
async function drainUntil(world: World, isTrue: () => Promise<boolean> | boolean): Promise<void> {
  const drainer = startOutboxDrainer(world);
  try {
    await until(isTrue);
  } finally {
    await drainer.stop();
  }
}

async function isEmpty(test: TestWorld): Promise<boolean> {
  return (await outboxOf(test)).length === 0;
}

async function halt(test: TestWorld): Promise<void> {
  await test.books.transaction(ACCOUNT, ({ outbox }) =>
    outbox.post({ kind: 'signal_halt', target: ACCOUNT, payload: '{"message":"enough"}' }),
  );
}

/** An order whose fill is to be told, while as many frames wait as are a burst. */
async function filledInBurst(): Promise<TestWorld> {
  const test = await openTestWorld();
  await placeOrder(test.world, inputOf());
  await applyAll(test, [test.broker.fill(ORDER_ID, 40, 145)]);
  test.world.frames.note(50);
  return test;
}

/** A halt that is in the books, and nowhere else yet. */
async function committedHalt(): Promise<TestWorld> {
  const test = await openTestWorld();
  const request = readHaltRequest({ reason: 'manual', message: 'enough' });
  const cause = { causeId: 'cause-1', request, mode: 'halted' } as const;
  await test.books.transaction(ACCOUNT, (transaction) =>
    writeCause(transaction, test.world, cause),
  );
  return test;
}

/** In such a burst a drainer has told a halt. */
async function haltedInBurst(): Promise<{ test: TestWorld; drainer: OutboxDrainer }> {
  const test = await filledInBurst();
  const drainer = startOutboxDrainer(test.world);
  await halt(test);
  await until(() => test.halts.length > 0);
  return { test, drainer };
}

describe('the outbox drainer', () => {
  it('a start that was promised → delivered, then taken off', async () => {
    const test = await openTestWorld();
    await ask(test);
    await drainUntil(test.world, () => isEmpty(test));
    expect(test.driven).toEqual([`start ${ORDER_ID}`]);
  });

  it('Temporal is away → the message stays, and is delivered once it is back', async () => {
    const test = await openTestWorld();
    let tries = 0;
    const startOrder: World['drivers']['startOrder'] = async (input) => {
      tries += 1;
      if (tries === 1) throw new Error('Temporal is away');
      await test.world.drivers.startOrder(input);
    };
    const world = { ...test.world, drivers: { ...test.world.drivers, startOrder } };
    await ask(test);
    await drainUntil(world, () => test.logged.includes('outbox waits'));
    expect(await outboxOf(test)).toEqual([`start_order ${ORDER_ID}`]);
    await drainUntil(world, () => isEmpty(test));
    expect(test.driven).toEqual([`start ${ORDER_ID}`]);
  });

  it('one message cannot be delivered → it stays, and the others are', async () => {
    const test = await openTestWorld();
    await test.books.transaction(ACCOUNT, async ({ outbox }) => {
      await outbox.post({ kind: 'start_turn', target: 'turn-1', payload: 'not to be read' });
    });
    await ask(test);
    await drainUntil(test.world, async () => (await outboxOf(test)).length === 1);
    expect(await outboxOf(test)).toEqual(['start_turn turn-1']);
    expect(test.driven).toEqual([`start ${ORDER_ID}`]);
  });

  it('dead between the delivery and its note → delivered again: the same start', async () => {
    const test = await openTestWorld();
    let deaths = 0;
    test.at('after-delivery', () => {
      deaths += 1;
      if (deaths === 1) throw new Error('the process died here');
    });
    await ask(test);
    await drainUntil(test.world, () => test.logged.includes('outbox waits'));
    expect(await outboxOf(test)).toEqual([`start_order ${ORDER_ID}`]);
    await drainUntil(test.world, () => isEmpty(test));
    expect(test.driven).toEqual([`start ${ORDER_ID}`, `start ${ORDER_ID}`]);
  });

  it('an open order whose driver is gone → gets one that looks before it acts', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.fill(ORDER_ID, 40, 145)]);
    const resumed: boolean[] = [];
    const drivers: World['drivers'] = {
      ...test.world.drivers,
      signalOrder: async () => 'closed',
      startOrder: async ({ isResumed }) => void resumed.push(isResumed),
    };
    await drainUntil({ ...test.world, drivers }, () => isEmpty(test));
    expect(resumed).toEqual([true]);
  });

  it('a closed order whose driver is gone → nobody is left to tell, none is started', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.fill(ORDER_ID, 100, 145)]);
    const drivers: World['drivers'] = { ...test.world.drivers, signalOrder: async () => 'closed' };
    await drainUntil({ ...test.world, drivers }, () => isEmpty(test));
    expect(test.driven).toEqual([`reconcile order ${ORDER_ID} closed`]);
  });

  it('a burst of frames → a halt is told at once, orders behind the burst', async () => {
    const { test, drainer } = await haltedInBurst();
    expect(test.halts).toMatchObject([{ message: 'enough' }]);
    expect(test.driven).toEqual([]);
    test.world.frames.note(49);
    await halt(test);
    await until(() => isEmpty(test));
    expect(test.driven).toEqual([`signal ${ORDER_ID}`]);
    await drainer.stop();
  });

  it('a halt whose author did not engage it → engaged here, with Temporal away', async () => {
    const test = await committedHalt();
    const resting = test.broker.place(requestOfTest({ clientOrderId: idOf('resting') }));
    const signalHalt = () => Promise.reject(new Error('Temporal is away'));
    const world = { ...test.world, drivers: { ...test.world.drivers, signalHalt } };
    await drainUntil(world, () => test.logged.includes('outbox waits'));
    expect(test.world.haltLatch.causeIds()).toEqual(['cause-1']);
    expect(test.world.killFile.causeIds()).toEqual(['cause-1']);
    expect(resting.status).toBe('canceled');
    expect(await outboxOf(test)).toEqual([`signal_halt ${ACCOUNT}`]);
  });

  it.each([
    {
      what: 'that is engaged here already',
      prepare: async (test: TestWorld) => test.world.haltLatch.engage('cause-1'),
    },
    {
      what: 'that was released meanwhile',
      prepare: async ({ world }: TestWorld) => {
        const open = await world.reader.halts.openCauses();
        await releaseCauses(world, open, { operator: 'alice', reason: 'checked' });
      },
    },
  ])('a halt $what → told, and nothing is canceled again', async ({ prepare }) => {
    const test = await committedHalt();
    await prepare(test);
    const latched = test.world.haltLatch.isEngaged();
    await drainUntil(test.world, () => isEmpty(test));
    expect(test.halts).toMatchObject([{ message: 'enough' }]);
    expect(test.world.haltLatch.isEngaged()).toBe(latched);
    expect(test.world.killFile.isEngaged()).toBe(false);
    expect(test.broker.calls).toEqual([]);
  });

  it('a burst that does not end → orders are told all the same, after 3 s', async () => {
    const { test, drainer } = await haltedInBurst();
    test.advanceWall(3_000);
    await halt(test);
    await until(() => isEmpty(test));
    expect(test.driven).toEqual([`signal ${ORDER_ID}`]);
    await drainer.stop();
  });

  it('posted while a look is under way → the next look comes at once', async () => {
    const test = await openTestWorld();
    let looks = 0;
    const undelivered: World['reader']['outbox']['undelivered'] = async (limit) => {
      const rows = await test.world.reader.outbox.undelivered(limit);
      looks += 1;
      if (looks === 1) await ask(test);
      return rows;
    };
    const { outbox } = test.world.reader;
    const reader = { ...test.world.reader, outbox: { ...outbox, undelivered } };
    const drainer = startOutboxDrainer({ ...test.world, reader });
    await until(() => test.driven.length > 0);
    expect(test.driven).toEqual([`start ${ORDER_ID}`]);
    await drainer.stop();
  });

  it('a driver that was told an older version by its call → is told the newer one', async () => {
    const test = await openTestWorld();
    await test.world.driverCalls.during(ORDER_ID, () => placeOrder(test.world, inputOf()));
    await applyAll(test, [test.broker.fill(ORDER_ID, 40, 145)]);
    await drainUntil(test.world, () => isEmpty(test));
    expect(test.driven).toEqual([`signal ${ORDER_ID}`]);
  });

  it('a driver that gets this version as the result of its call → is not told beside', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.fill(ORDER_ID, 40, 145)]);
    const row = await rowOf(test);
    await test.world.driverCalls.during(ORDER_ID, async () => viewOf(row));
    await drainUntil(test.world, () => isEmpty(test));
    expect(test.driven).toEqual([]);
  });
});
