import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { engageHalt } from '../../../activities/safety/engage-halt.js';
import { createSafetyActivities, readHalt } from '../../../activities/safety/safety.activities.js';
import { verifyHalt } from '../../../activities/safety/verify-halt.js';
import type { KillFile } from '../../../adapters/safety/port.js';
import { type HaltRequest, readHaltRequest } from '../../../domain/safety/halt-request.js';
import { wholeUnits } from '../../../domain/values/index.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { auditOf, inputOf, ORDER_ID, outboxOf, requestOfTest, toldOf } from './order-of-test.js';

const request: HaltRequest = readHaltRequest({ reason: 'manual', triggeredBy: 'alice' });

function canceledAt({ broker }: TestWorld): readonly string[] {
  return broker.updates.flatMap(({ event, order }) =>
    event === 'canceled' ? [order.clientOrderId] : [],
  );
}

describe('engageHalt', () => {
  it('all parts → latch, file, cancel, row, version, alert, audit, driver', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const report = await engageHalt(test.world, 'cause-1', request);
    expect(report).toMatchObject({ file: 'done', books: 'done', cancel: 'done' });
    expect(report.canceled).toMatchObject({ open: 1, raisers: 1, requested: 1, failed: [] });
    const history = await test.world.reader.orders.eventsOf(ORDER_ID);
    expect(history.at(-1)?.kind).toBe('cancel_by_halt');
    expect(JSON.parse(history.at(-1)?.detail ?? '')).toEqual({
      kind: 'requested',
      inBulk: false,
      cause: 'cause-1',
      why: `halt manual: ${request.message}`,
    });
    expect(test.world.haltLatch.isEngaged()).toBe(true);
    expect(readFileSync(test.killFilePath, 'utf8')).toBe(
      `cause cause-1 ${JSON.stringify(request)}\n`,
    );
    expect(await test.world.reader.account()).toMatchObject({ haltMode: 'halted', haltVersion: 1 });
    expect(await toldOf(test)).toEqual(['emergency kill_switch']);
    expect(await auditOf(test)).toContain('halt_engaged');
    expect(await outboxOf(test)).toContain(`signal_halt ${test.world.account}`);
    expect(canceledAt(test)).toEqual([ORDER_ID]);
  });

  it('engaged twice → one cause, one line, one version', async () => {
    const test = await openTestWorld();
    await engageHalt(test.world, 'cause-1', request);
    await engageHalt(test.world, 'cause-1', request);
    expect((await test.world.reader.account())?.haltVersion).toBe(1);
    expect(readFileSync(test.killFilePath, 'utf8').split('\n')).toHaveLength(2);
    expect(await test.world.reader.halts.openCauses()).toHaveLength(1);
  });

  it.each<[string, (test: TestWorld) => void, object]>([
    [
      'the books are locked',
      (test) => test.faults.push('busy', 'busy', 'busy'),
      { books: expect.stringContaining('lock'), cancel: 'done', file: 'done' },
    ],
    [
      'the broker does not answer',
      (test) => test.broker.failing.add('openOrders'),
      { books: 'done', cancel: 'openOrders did not answer', file: 'done', canceled: null },
    ],
    ['the books are busy for a moment', (test) => test.faults.push('busy'), { books: 'done' }],
  ])('%s → the other parts are engaged', async (_name, breakPart, expected) => {
    const test = await openTestWorld();
    breakPart(test);
    expect(await engageHalt(test.world, 'cause-1', request)).toMatchObject(expected);
    expect(test.world.haltLatch.isEngaged()).toBe(true);
    expect(test.world.killFile.causeIds()).toEqual(['cause-1']);
  });

  it('the file cannot be written → the other parts are engaged, the report says why', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const killFile: KillFile = {
      ...test.world.killFile,
      engage: () => {
        throw new Error('no space left on device');
      },
    };
    await expect(
      engageHalt({ ...test.world, killFile }, 'cause-1', request),
    ).resolves.toMatchObject({ file: 'no space left on device', books: 'done' });
    expect(canceledAt(test)).toEqual([ORDER_ID]);
  });

  it('the activity: the books did not take it → a failure that is tried again', async () => {
    const test = await openTestWorld();
    test.faults.push('busy', 'busy', 'busy');
    const activities = createSafetyActivities(test.world);
    await expect(activities.engageHalt('cause-1', request)).rejects.toMatchObject({
      type: 'BooksBusy',
      nonRetryable: false,
    });
    expect((await activities.engageHalt('cause-1', request)).books).toBe('done');
    expect((await readHalt(test.world)).mode).toBe('halted');
  });

  it('a loss → exits only: neither latch nor file, and nothing is canceled', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await engageHalt(test.world, 'loss', readHaltRequest({ reason: 'daily_loss' }));
    expect(test.world.haltLatch.isEngaged()).toBe(false);
    expect(test.world.killFile.isEngaged()).toBe(false);
    expect(canceledAt(test)).toEqual([]);
    expect((await test.world.reader.account())?.haltMode).toBe('reduce_only');
    expect((await readHalt(test.world)).causes[0]?.cancel).toBe('none');
  });

  it('a halt by file → the file is not written into', async () => {
    const test = await openTestWorld();
    writeFileSync(test.killFilePath, 'stop');
    await engageHalt(test.world, 'file-1', readHaltRequest({ reason: 'file' }));
    expect(readFileSync(test.killFilePath, 'utf8')).toBe('stop');
  });

  it.each([
    ['keep-protection', ['entry']],
    ['cancel-all', ['entry', 'exit']],
    ['none', []],
  ] as const)('policy %s → cancels %j, by the orders of the broker', async (cancel, expected) => {
    const test = await openTestWorld();
    test.broker.hold('SPY', 10);
    const exit = { side: 'sell', quantity: inputOf().intent.quantity } as const;
    test.broker.place(requestOfTest({ clientOrderId: idOf('entry') }));
    test.broker.place({ ...requestOfTest({ clientOrderId: idOf('exit'), ...exit }) });
    test.broker.hold('SPY', 100);
    await engageHalt(test.world, 'cause-1', { ...request, cancel });
    expect(canceledAt(test)).toEqual(expected);
  });

  it('more orders than go one by one → in bulk, and nothing is left', async () => {
    const test = await openTestWorld();
    for (let number = 0; number < 11; number += 1) {
      test.broker.place(requestOfTest({ clientOrderId: idOf(`entry-${number}`) }));
    }
    const report = await engageHalt(test.world, 'cause-1', request);
    expect(report.canceled).toMatchObject({ open: 11, raisers: 11, requested: 11, failed: [] });
    expect(test.broker.calls.filter((call) => call === 'cancelOrder')).toEqual([]);
  });

  it('in bulk, and one line of it failed → that one is canceled by itself', async () => {
    const test = await openTestWorld();
    for (let number = 0; number < 11; number += 1) {
      test.broker.place(requestOfTest({ clientOrderId: idOf(`entry-${number}`) }));
    }
    const { brokerOrderId } = test.broker.order('entry-7');
    test.broker.cancelAllOrders = async () => {
      for (let number = 0; number < 11; number += 1) {
        if (number !== 7) test.broker.become(`entry-${number}`, 'canceled');
      }
      return { requested: 10, failedBrokerOrderIds: [brokerOrderId] };
    };
    const report = await engageHalt(test.world, 'cause-1', request);
    expect(report.canceled).toMatchObject({ requested: 11, failed: [] });
    expect(canceledAt(test)).toContain('entry-7');
  });

  it('in bulk → each order of ours tells which halt asked, once', async () => {
    const test = await openTestWorld();
    const ids = Array.from({ length: 11 }, (_, number) => idOf(`entry-${number}`));
    for (const clientOrderId of ids) {
      await placeOrder(test.world, inputOf({ clientOrderId, quantity: wholeUnits(1) }));
    }
    test.broker.cancelAllOrders = async () => ({ requested: 11, failedBrokerOrderIds: [] });
    await engageHalt(test.world, 'cause-1', request);
    await engageHalt(test.world, 'cause-1', request);
    for (const clientOrderId of ids) {
      const history = await test.world.reader.orders.eventsOf(clientOrderId);
      const lines = history.filter(({ kind }) => kind === 'cancel_by_halt');
      expect(lines.map(({ detail }) => JSON.parse(detail))).toEqual([
        {
          kind: 'requested',
          inBulk: true,
          cause: 'cause-1',
          why: `halt manual: ${request.message}`,
        },
      ]);
    }
  });
});

/** Past the last instant at which a request of before the halt can be under way. */
const SAFE_MS = 6_000;

describe('verifyHalt', () => {
  async function halted(test: TestWorld): Promise<void> {
    await engageHalt(test.world, 'cause-1', request);
    test.advanceWall(SAFE_MS);
  }

  it('nothing is left → complete, marked and audited', async () => {
    const test = await openTestWorld();
    await halted(test);
    expect(await verifyHalt(test.world)).toEqual({ isComplete: true, unresolved: [] });
    expect((await readHalt(test.world)).causes[0]?.cancel).toBe('complete');
    expect(await auditOf(test)).toContain('halt_complete');
    expect(test.broker.calls.filter((call) => call === 'openOrders')).toHaveLength(3);
  });

  it('a request may be under way → not complete, by a millisecond', async () => {
    const test = await openTestWorld();
    await halted(test);
    test.advanceWall(-1);
    const { isComplete, unresolved } = await verifyHalt(test.world);
    expect([isComplete, unresolved]).toEqual([false, ['a request may be under way for 1 ms more']]);
    expect((await readHalt(test.world)).causes[0]?.cancel).toBe('not verified yet');
  });

  it('an order is unknown → not complete', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    await halted(test);
    const before = test.broker.calls.length;
    const { unresolved } = await verifyHalt(test.world);
    expect(unresolved).toEqual([`order ${ORDER_ID} is unknown`]);
    // Two lists prove something only afterwards; one shows what else is there to cancel.
    expect(test.broker.calls.slice(before)).toEqual(['openOrders']);
  });

  it('unknown for long → the watch goes on, a person is told what is in the way', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    await halted(test);
    const told = async (): Promise<readonly string[]> => {
      const alerts = await test.world.reader.alerts.recent(50);
      return alerts.filter(({ title }) => title.includes('unresolved')).map((one) => one.message);
    };
    await verifyHalt(test.world);
    expect(await told()).toEqual([]);
    for (const minutes of [1, 1, 4]) {
      test.advanceWall(minutes * 60_000);
      await verifyHalt(test.world);
      await verifyHalt(test.world);
    }
    expect(await told()).toEqual([`order ${ORDER_ID} is unknown`, `order ${ORDER_ID} is unknown`]);
    expect((await readHalt(test.world)).causes[0]?.cancel).toBe('not verified yet');
  });

  it('an order turns up late → canceled again, complete only the next time', async () => {
    const test = await openTestWorld();
    await halted(test);
    test.broker.place(requestOfTest({ clientOrderId: idOf('late') }));
    expect((await verifyHalt(test.world)).unresolved).toHaveLength(1);
    expect(canceledAt(test)).toEqual(['late']);
    expect((await verifyHalt(test.world)).isComplete).toBe(true);
  });

  it('an order turns up between the two lists → not complete', async () => {
    const test = await openTestWorld();
    await halted(test);
    let lists = 0;
    test.broker.beforeAnswer = (call) => {
      if (call !== 'openOrders') return;
      lists += 1;
      if (lists === 2) test.broker.place(requestOfTest({ clientOrderId: idOf('late') }));
    };
    expect((await verifyHalt(test.world)).isComplete).toBe(false);
  });

  it('an exit that only reduces → may stay', async () => {
    const test = await openTestWorld();
    test.broker.hold('SPY', 100);
    await halted(test);
    test.broker.place(requestOfTest({ clientOrderId: idOf('exit'), side: 'sell' }));
    expect((await verifyHalt(test.world)).isComplete).toBe(true);
    expect(canceledAt(test)).toEqual([]);
  });

  it('the broker cannot be read → a failure, never complete', async () => {
    const test = await openTestWorld();
    await halted(test);
    test.broker.failing.add('openOrders');
    await expect(verifyHalt(test.world)).rejects.toThrow('did not answer');
  });

  it('another cause is engaged during the verification → only the first is complete', async () => {
    const test = await openTestWorld();
    await halted(test);
    let lists = 0;
    test.broker.beforeAnswer = async (call) => {
      if (call === 'openOrders') lists += 1;
      if (call === 'openOrders' && lists === 2) await engageHalt(test.world, 'cause-2', request);
    };
    await verifyHalt(test.world);
    const { causes } = await readHalt(test.world);
    expect(causes.map(({ cancel }) => cancel)).toEqual(['complete', 'not verified yet']);
  });
});
