import { expect, it } from 'vitest';
import { guardBroker, type GuardedBroker } from '../../../adapters/broker/guarded-broker.js';
import { createTokenBucket } from '../../../adapters/broker/rate-limit.js';
import { releaseCauses } from '../../../activities/safety/release-halt.js';
import { watchConnectivity } from '../../../workers/connectivity.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { requestOfTest } from '../activities/order-of-test.js';

interface Watched {
  readonly test: TestWorld;
  readonly guard: GuardedBroker;
  readonly look: () => Promise<void>;
  /** Reasons and messages of the open causes. */
  readonly halts: () => Promise<readonly string[]>;
}

async function watched(): Promise<Watched> {
  const test = await openTestWorld();
  const nowMs = (): number => test.world.wallClock.monotonicMs();
  const guard = guardBroker(test.broker, {
    bucket: createTokenBucket({ requestsPerMinute: 1_000, reservedForCancels: 2, nowMs }),
    monotonicNowMs: nowMs,
    onBreakerChange: () => undefined,
  });
  const look = watchConnectivity(test.world, guard);
  const halts = async (): Promise<readonly string[]> => {
    const open = await test.world.reader.halts.openCauses();
    return open.map(({ reason, message }) => `${reason}: ${message}`);
  };
  return { test, guard, look, halts };
}

/** So many orders whose answers are lost. */
async function loseOrders({ test, guard }: Watched, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    test.broker.submits.push('drop_before');
    expect((await guard.submitOrder(requestOfTest())).kind).toBe('unknown');
  }
}

/** The circuit of orders is closed again, half a minute later, since reads work. */
async function readAgain({ test, guard }: Watched): Promise<void> {
  test.advanceWall(31_000);
  for (let number = 0; number < 3; number += 1) await guard.positions();
  expect(guard.breakers().submit.status).toBe('closed');
}

async function loseReads({ test, guard }: Watched, count: number): Promise<void> {
  test.broker.failing.add('positions');
  for (let number = 0; number < count; number += 1) {
    await expect(guard.positions()).rejects.toThrow();
  }
}

it('orders fail for two minutes, reads work and close their circuit → halted', async () => {
  const run = await watched();
  for (let round = 0; round < 4; round += 1) {
    await loseOrders(run, 5);
    await run.look();
    expect(await run.halts()).toEqual([]);
    await readAgain(run);
  }
  await loseOrders(run, 1);
  await run.look();
  expect(await run.halts()).toEqual([
    'connectivity: orders have failed at the broker for 124 s, 21 in a row',
  ]);
  expect(run.test.world.haltLatch.isEngaged()).toBe(true);
});

it('reads fail for two minutes, tried again at each half-open circuit → halted', async () => {
  const run = await watched();
  await loseReads(run, 5);
  for (let round = 0; round < 4; round += 1) {
    await run.look();
    expect(await run.halts()).toEqual([]);
    run.test.advanceWall(31_000);
    await loseReads(run, 1);
  }
  await run.look();
  expect(await run.halts()).toEqual([
    'connectivity: reads have failed at the broker for 124 s, 9 in a row',
  ]);
});

it('a burst of lost orders, reads work, and nobody sends for an hour → not halted', async () => {
  const run = await watched();
  await loseOrders(run, 5);
  await readAgain(run);
  run.test.advanceWall(3_600_000);
  await run.look();
  expect(await run.halts()).toEqual([]);
});

it('one order is answered in between → counted anew', async () => {
  const run = await watched();
  await loseOrders(run, 5);
  await readAgain(run);
  expect((await run.guard.submitOrder(requestOfTest())).kind).toBe('accepted');
  run.test.advanceWall(120_000);
  await loseOrders(run, 5);
  await run.look();
  expect(await run.halts()).toEqual([]);
});

it('outside of the session → not halted, and halted when it opens if it still lasts', async () => {
  const run = await watched();
  run.test.advanceMarket(-60_000);
  await loseReads(run, 5);
  run.test.advanceWall(121_000);
  await loseReads(run, 1);
  await run.look();
  expect(await run.halts()).toEqual([]);
  run.test.advanceMarket(60_000);
  await run.look();
  expect(await run.halts()).toHaveLength(1);
});

it('a person has released it → what failed before does not halt again', async () => {
  const run = await watched();
  await loseOrders(run, 5);
  await readAgain(run);
  run.test.advanceWall(120_000);
  await loseOrders(run, 1);
  await run.look();
  const { world } = run.test;
  const open = await world.reader.halts.openCauses();
  expect(open).toHaveLength(1);
  await releaseCauses(world, open, { operator: 'alice', reason: 'mended' });
  run.test.advanceWall(30_000);
  await loseOrders(run, 1);
  await run.look();
  expect(await run.halts()).toEqual([]);
  run.test.advanceWall(120_000);
  await loseOrders(run, 1);
  await run.look();
  expect(await run.halts()).toHaveLength(1);
});
