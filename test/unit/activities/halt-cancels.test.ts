import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { engageHalt, type HaltReport } from '../../../activities/safety/engage-halt.js';
import { createSafetyActivities, readHalt } from '../../../activities/safety/safety.activities.js';
import { verifyHalt } from '../../../activities/safety/verify-halt.js';
import {
  BrokerAuthRefused,
  BrokerRateLimited,
  BrokerUnavailable,
} from '../../../adapters/broker/errors.js';
import { guardBroker } from '../../../adapters/broker/guarded-broker.js';
import { createTokenBucket } from '../../../adapters/broker/rate-limit.js';
import { type CancelPolicy, readHaltRequest } from '../../../domain/safety/halt-request.js';
import { wholeUnits } from '../../../domain/values/index.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { inputOf, requestOfTest } from './order-of-test.js';
import { applyAll } from './stream-of-test.js';

/** Past the last instant at which a request of before the halt can be under way. */
const SAFE_MS = 6_000;

function engage(world: TestWorld['world'], cancel: CancelPolicy): Promise<HaltReport> {
  return engageHalt(world, 'cause-1', readHaltRequest({ reason: 'manual', cancel }));
}

/** Entries of ours that work at the broker. */
async function entries(test: TestWorld, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, number) => `entry-${number}`);
  for (const id of ids) {
    await placeOrder(test.world, inputOf({ clientOrderId: idOf(id), quantity: wholeUnits(1) }));
  }
  return ids;
}

function statusOf({ broker }: TestWorld, ids: readonly string[]): readonly string[] {
  return ids.map((id) => broker.snapshot(id).status);
}

/** What the histories of the orders say of halts: asked alone or in bulk, and the answer. */
async function askedOf({ world }: TestWorld, ids: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const id of ids) {
    for (const { kind, detail } of await world.reader.orders.eventsOf(id)) {
      if (kind !== 'cancel_by_halt') continue;
      const said: { readonly kind: string; readonly inBulk: boolean } = JSON.parse(detail);
      lines.push(`${id} ${said.kind} ${said.inBulk ? 'in bulk' : 'alone'}`);
    }
  }
  return lines;
}

/** As a person would place it at the broker, beside Ordinis. */
function placeExit({ broker }: TestWorld, id: string): void {
  broker.place(requestOfTest({ clientOrderId: idOf(id), side: 'sell', purpose: 'exit' }));
}

describe('a halt that cancels all', () => {
  it('asks at once, before any list, and each order of ours tells', async () => {
    const test = await openTestWorld();
    const ids = await entries(test, 3);
    test.broker.calls.length = 0;
    const report = await engage(test.world, 'cancel-all');
    expect(test.broker.calls).toEqual(['cancelAllOrders']);
    expect(report).toMatchObject({ cancel: 'done', canceled: { open: 3, requested: 3 } });
    expect(statusOf(test, ids)).toEqual(['canceled', 'canceled', 'canceled']);
    expect(await askedOf(test, ids)).toEqual(ids.map((id) => `${id} requested in bulk`));
  });

  it('a line of it failed → that one is asked for alone, and its history says so', async () => {
    const test = await openTestWorld();
    const ids = await entries(test, 2);
    const { brokerOrderId } = test.broker.order('entry-1');
    test.broker.cancelAllOrders = async () => {
      test.broker.become('entry-0', 'canceled');
      return { requested: 1, failedBrokerOrderIds: [brokerOrderId] };
    };
    await engage(test.world, 'cancel-all');
    expect(statusOf(test, ids)).toEqual(['canceled', 'canceled']);
    expect(await askedOf(test, ids)).toEqual([
      'entry-0 requested in bulk',
      'entry-1 requested alone',
    ]);
  });

  it('that request fails → one by one, what the broker shows', async () => {
    const test = await openTestWorld();
    const ids = await entries(test, 11);
    test.broker.failing.add('cancelAllOrders');
    const report = await engage(test.world, 'cancel-all');
    expect(report).toMatchObject({ cancel: 'done', canceled: { requested: 11, failed: [] } });
    expect(new Set(statusOf(test, ids))).toEqual(new Set(['canceled']));
  });

  it('an exit is left over → asked for again, and not complete before it has gone', async () => {
    const test = await openTestWorld();
    test.broker.hold('SPY', 100);
    placeExit(test, 'exit');
    test.broker.cancelAllOrders = async () => ({ requested: 1, failedBrokerOrderIds: [] });
    await engage(test.world, 'cancel-all');
    test.advanceWall(SAFE_MS);
    expect((await verifyHalt(test.world)).isComplete).toBe(false);
    expect(statusOf(test, ['exit'])).toEqual(['canceled']);
    expect((await verifyHalt(test.world)).isComplete).toBe(true);
  });

  it('an exit that a person places once it is complete → stays', async () => {
    const test = await openTestWorld();
    test.broker.hold('SPY', 100);
    await engage(test.world, 'cancel-all');
    test.advanceWall(SAFE_MS);
    await verifyHalt(test.world);
    placeExit(test, 'by-hand');
    expect((await verifyHalt(test.world)).isComplete).toBe(true);
    expect(statusOf(test, ['by-hand'])).toEqual(['new']);
  });
});

describe('a halt while requests are short', () => {
  it('a 429 at one order → the others are asked, it is told, and the look repeats it', async () => {
    const test = await openTestWorld();
    const ids = await entries(test, 3);
    const { cancelOrder } = test.broker;
    const { brokerOrderId: limited } = test.broker.order('entry-1');
    test.broker.cancelOrder = async (brokerOrderId) => {
      if (brokerOrderId === limited) throw new BrokerRateLimited('too many requests', 700);
      return cancelOrder.call(test.broker, brokerOrderId);
    };
    const report = await engage(test.world, 'keep-protection');
    expect(report).toMatchObject({ cancel: 'too many requests', canceled: { requested: 2 } });
    expect(report.canceled?.failed).toEqual([limited]);
    expect(statusOf(test, ids)).toEqual(['canceled', 'new', 'canceled']);
    const asked = ['entry-0 requested alone', 'entry-2 requested alone'];
    expect(await askedOf(test, ids)).toEqual(asked);
    const { verifyHalt: look } = createSafetyActivities(test.world);
    await expect(look()).rejects.toMatchObject({ type: 'BrokerRateLimited', nonRetryable: false });
    test.broker.cancelOrder = cancelOrder;
    await look();
    expect(statusOf(test, ids)).toEqual(['canceled', 'canceled', 'canceled']);
  });

  it('reads have used up their part of the minute → the halt reads and cancels', async () => {
    const test = await openTestWorld();
    const ids = await entries(test, 1);
    const bucket = createTokenBucket({
      requestsPerMinute: 20,
      reservedForCancels: 8,
      nowMs: () => test.world.wallClock.monotonicMs(),
    });
    const broker = guardBroker(test.broker, {
      bucket,
      monotonicNowMs: () => test.world.wallClock.monotonicMs(),
      onBreakerChange: () => undefined,
    });
    while (bucket.take('read').ok);
    const report = await engage({ ...test.world, broker }, 'keep-protection');
    expect(report.cancel).toBe('done');
    expect(statusOf(test, ids)).toEqual(['canceled']);
  });
});

describe('a halt that keeps protection while the broker cannot be read', () => {
  /** 100 held; an entry and an exit of ours work, and an order of somebody else. */
  async function trading(): Promise<TestWorld> {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf({ clientOrderId: idOf('first') }));
    await applyAll(test, [test.broker.fill('first', 100, 145)]);
    const exit = { side: 'sell', purpose: 'exit', quantity: wholeUnits(60) } as const;
    await placeOrder(test.world, inputOf({ clientOrderId: idOf('exit'), ...exit }));
    await placeOrder(test.world, inputOf({ clientOrderId: idOf('entry') }));
    test.broker.place(requestOfTest({ clientOrderId: idOf('foreign') }));
    return test;
  }
  const all = ['exit', 'entry', 'foreign'] as const;

  it.each(['positions', 'openOrders'] as const)(
    '%s fails → our entries go, the rest once it can be read',
    async (call) => {
      const test = await trading();
      test.broker.failing.add(call);
      const report = await engage(test.world, 'keep-protection');
      expect(report).toMatchObject({ cancel: `${call} did not answer`, canceled: { open: null } });
      expect(statusOf(test, all)).toEqual(['new', 'canceled', 'new']);
      expect(await askedOf(test, all.slice(0, 2))).toEqual(['entry requested alone']);
      test.advanceWall(SAFE_MS);
      await expect(verifyHalt(test.world)).rejects.toBeInstanceOf(BrokerUnavailable);
      test.broker.failing.clear();
      await verifyHalt(test.world);
      expect(statusOf(test, all)).toEqual(['new', 'canceled', 'canceled']);
    },
  );

  it('a sell that a person has placed as an entry, and that reduces → stays', async () => {
    const test = await trading();
    const sell = { side: 'sell', quantity: wholeUnits(40) } as const;
    await placeOrder(test.world, inputOf({ clientOrderId: idOf('sell'), ...sell }));
    test.broker.failing.add('positions');
    await engage(test.world, 'keep-protection');
    expect(statusOf(test, ['entry', 'sell'])).toEqual(['canceled', 'new']);
  });

  it('it lasts → a person is told what stands in the way', async () => {
    const test = await trading();
    test.broker.failing.add('openOrders');
    await engage(test.world, 'keep-protection');
    test.advanceWall(60_000);
    await expect(verifyHalt(test.world)).rejects.toThrow();
    const alerts = await test.world.reader.alerts.recent(50);
    const told = alerts.find(({ alertId }) => alertId.startsWith('halt-incomplete/'));
    expect(told?.message).toContain('openOrders did not answer');
  });

  it('the keys are refused → the watch goes on all the same', async () => {
    const test = await openTestWorld();
    await engage(test.world, 'keep-protection');
    test.broker.openOrders = () => Promise.reject(new BrokerAuthRefused('forbidden'));
    const activities = createSafetyActivities(test.world);
    await expect(activities.verifyHalt()).rejects.toMatchObject({ nonRetryable: false });
    expect((await readHalt(test.world)).causes[0]?.cancel).toBe('not verified yet');
  });
});
