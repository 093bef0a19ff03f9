import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkHealth } from '../../../activities/lifecycle/check-health.js';
import { askAgainForLost, ensureDrivers } from '../../../activities/lifecycle/ensure-driver.js';
import { meetAccount } from '../../../activities/lifecycle/first-contact.js';
import { createLifecycleActivities } from '../../../activities/lifecycle/lifecycle.activities.js';
import { persistFinalState, settleOrders } from '../../../activities/lifecycle/shutdown-steps.js';
import {
  becomeRunning,
  checkKillSwitch,
  openComponents,
  reconcileAtStartup,
} from '../../../activities/lifecycle/startup-steps.js';
import { placeOrder } from '../../../activities/order/place-order.js';
import { engageHalt } from '../../../activities/safety/engage-halt.js';
import { BrokerCircuitOpen } from '../../../adapters/broker/errors.js';
import { openMemoryBooks } from '../../../adapters/store/memory/index.js';
import type { OrderIntent } from '../../../domain/order/index.js';
import { readHaltRequest } from '../../../domain/safety/halt-request.js';
import { assert, epochMs, parseInstant, price, usd } from '../../../domain/values/index.js';
import { orderWorkflowId } from '../../../workflows/contract/index.js';
import {
  ACCOUNT,
  BOOT_EPOCH,
  openTestWorld,
  quoteOf,
  type TestWorld,
} from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { inputOf, ORDER_ID, requestOfTest, rowOf, standingOf, toldOf } from './order-of-test.js';
import { applyAll } from './stream-of-test.js';

const epoch = { account: ACCOUNT, bootEpoch: BOOT_EPOCH };

async function reasons({ world }: TestWorld): Promise<readonly string[]> {
  return (await world.reader.halts.openCauses()).map(({ reason }) => reason);
}

describe('startup: kill switch', () => {
  it('nothing → no halt, and no latch', async () => {
    const test = await openTestWorld();
    expect(await checkKillSwitch(test.world)).toBe('no halt');
    expect(test.world.haltLatch.isEngaged()).toBe(false);
  });

  it('a file made by hand → a cause of its own, latch, and the cancel at once', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest());
    writeFileSync(test.killFilePath, '');
    expect(await checkKillSwitch(test.world)).toBe('halted by file');
    expect(test.world.haltLatch.isEngaged()).toBe(true);
    expect(test.broker.order(ORDER_ID).status).toBe('canceled');
  });

  it('a cause that reached the file and not the books → engaged in the books', async () => {
    const test = await openTestWorld();
    test.world.killFile.engage({ causeId: 'cause-1', message: 'the books were locked' });
    expect(await checkKillSwitch(test.world)).toBe('halted by unspecified');
    expect((await test.world.reader.halts.byId('cause-1'))?.releasedAtWallMs).toBeNull();
  });

  it('a cause that reached the file only → the books name who halted and why', async () => {
    const test = await openTestWorld();
    const written = readHaltRequest({ reason: 'manual', message: 'a fire', triggeredBy: 'ann' });
    test.world.killFile.engage({ causeId: 'cause-1', message: JSON.stringify(written) });
    expect(await checkKillSwitch(test.world)).toBe('halted by manual');
    expect(await test.world.reader.halts.byId('cause-1')).toMatchObject({
      reason: 'manual',
      message: 'a fire',
      triggeredBy: 'ann',
    });
  });

  it('a cause in the books and no file → the latch again', async () => {
    const test = await openTestWorld();
    await engageHalt(test.world, 'cause-1', readHaltRequest({ reason: 'manual' }));
    test.world.haltLatch.release(['cause-1']);
    test.world.killFile.release(['cause-1']);
    expect(await checkKillSwitch(test.world)).toBe('halted by manual');
    expect(test.world.haltLatch.isEngaged()).toBe(true);
    expect(await reasons(test)).toEqual(['manual']);
  });

  it('exits only → no latch: exits must pass', async () => {
    const test = await openTestWorld();
    await engageHalt(test.world, 'loss', readHaltRequest({ reason: 'daily_loss' }));
    await checkKillSwitch(test.world);
    expect(test.world.haltLatch.isEngaged()).toBe(false);
  });
});

describe('startup: account', () => {
  it('known → its number is compared', async () => {
    const test = await openTestWorld();
    expect(await meetAccount(test.world)).toBe('account PA0001, cash 100000');
  });

  it('new and empty → opened with the cash of the broker', async () => {
    const test = await openTestWorld();
    const books = openMemoryBooks();
    const world = { ...test.world, books, reader: books.reader(ACCOUNT) };
    expect(await meetAccount(world)).toContain('new account PA0001');
    expect(await world.reader.account()).toMatchObject({ cash: 100_000_000_000 });
  });

  it('new, and shown without the money of its last close → asked again, never opened', async () => {
    const test = await openTestWorld();
    const books = openMemoryBooks();
    const world = { ...test.world, books, reader: books.reader(ACCOUNT) };
    const shown = await test.broker.account();
    const [cash, equity] = [usd(0), usd(0)];
    test.broker.account = async () => ({ ...shown, cash, equity, lastEquity: shown.equity });
    await expect(meetAccount(world)).rejects.toMatchObject({
      type: 'BrokerUnavailable',
      nonRetryable: false,
    });
    expect(await books.accounts()).toEqual([]);
    test.broker.account = async () => ({ ...shown, cash, equity, lastEquity: usd(0) });
    expect(await meetAccount(world)).toContain('opened with cash 0');
  });

  it.each<[string, (test: TestWorld) => void, string]>([
    ['a position', ({ broker }) => broker.hold('SPY', 5), 'long 5 SPY'],
    ['an order', ({ broker }) => void broker.place(requestOfTest()), `buy SPY ${ORDER_ID}`],
  ])('new and it holds %s → listed, nothing is opened', async (_name, prepare, listed) => {
    const test = await openTestWorld();
    const books = openMemoryBooks();
    prepare(test);
    const world = { ...test.world, books, reader: books.reader(ACCOUNT) };
    await expect(meetAccount(world)).rejects.toMatchObject({
      type: 'ConfigurationInvalid',
      nonRetryable: true,
      message: expect.stringContaining(listed),
    });
    expect(await books.accounts()).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['another number', { accountNumber: 'PA9999' }, 'the broker shows PA9999'],
    ['blocked', { blocked: true, status: 'ACCOUNT_CLOSED' }, 'blocked the account'],
  ])('%s → refused for good', async (_name, change, message) => {
    const test = await openTestWorld();
    const shown = await test.broker.account();
    test.broker.account = async () => ({ ...shown, ...change });
    await expect(meetAccount(test.world)).rejects.toMatchObject({
      type: 'ConfigurationInvalid',
      message: expect.stringContaining(message),
    });
  });
});

/** To an instant of UTC, and some milliseconds beside it. */
function moveMarketTo(test: TestWorld, instant: string, besideMs = 0): void {
  const atMs = parseInstant(`${instant}:00Z`);
  assert(atMs !== null, `expected an instant, found ${instant}`);
  test.advanceMarket(atMs + besideMs - test.world.marketClock.nowMs());
}

describe('startup: reconciliation and components', () => {
  it.each<[string, Partial<OrderIntent>, string, string]>([
    ['one of the day', {}, '2013-10-07T14:00', '2013-10-07T20:00'],
    ['one of Friday evening, for Monday', {}, '2013-10-11T20:30', '2013-10-14T20:00'],
    ['one before a holiday', {}, '2013-11-27T22:00', '2013-11-29T18:00'],
    ['one for extended hours', { extendedHours: true }, '2013-10-07T14:00', '2013-10-08T00:00'],
  ])('a day order, %s → stands until its day is over, then canceled', async (...given) => {
    const [, change, ordered, over] = given;
    const test = await openTestWorld();
    moveMarketTo(test, ordered);
    const decidedAtMs = test.world.marketClock.nowMs();
    test.world.quotes.put(quoteOf('SPY', decidedAtMs));
    const validUntilMs = epochMs(decidedAtMs + 60_000);
    await placeOrder(test.world, inputOf({ ...change, decidedAtMs, validUntilMs }));
    moveMarketTo(test, over, -1);
    expect(await reconcileAtStartup(test.world)).toContain('no stale orders');
    expect(await standingOf(test)).toBe('accepted 0');
    moveMarketTo(test, over);
    expect(await reconcileAtStartup(test.world)).toContain(`stale orders canceled: ${ORDER_ID}`);
    expect(await standingOf(test)).toBe('canceled 0');
  });

  it('protection whose day is over, and the broker slow to end it → not taken away', async () => {
    const test = await openTestWorld();
    test.broker.isMuted = true;
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.fill(ORDER_ID, 100, 145)]);
    const stop = {
      side: 'sell',
      purpose: 'exit',
      leg: 'stop',
      type: 'stop',
      limitPrice: null,
    } as const;
    const clientOrderId = idOf('stop');
    const stopPrice = price(140_000_000_000);
    await placeOrder(test.world, inputOf({ ...stop, clientOrderId, stopPrice }));
    moveMarketTo(test, '2013-10-08T20:00');
    expect(await reconcileAtStartup(test.world)).toContain('no stale orders');
    expect(await standingOf(test, 'stop')).toBe('accepted 0');
    test.broker.become('stop', 'expired');
    await reconcileAtStartup(test.world);
    expect(await toldOf(test)).toContain('critical risk_breach');
  });

  it('an order that nobody can prove → up all the same, and said so', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    expect(await reconcileAtStartup(test.world)).toContain(`in flight: ${ORDER_ID}`);
  });

  it('components → instruments, limits once, entities, a live stream', async () => {
    const test = await openTestWorld();
    await test.books.transaction(ACCOUNT, async (transaction) => {
      const limits = await transaction.limits();
      if (limits !== null) await transaction.putLimits({ ...limits, orderNotionalMax: usd(1) });
      const row = await transaction.instruments.bySymbol('SPY');
      if (row !== null) await transaction.instruments.upsert({ ...row, parkedReason: 'odd' });
    });
    expect(await openComponents(test.world)).toBe('2 instruments, stream live');
    expect((await test.world.reader.limits())?.orderNotionalMax).toBe(1);
    expect((await test.world.reader.instruments.bySymbol('SPY'))?.parkedReason).toBe('odd');
    expect(test.driven).toEqual(['entities']);
  });

  it('the stream never comes → after half a minute, a failure that says why', async () => {
    const test = await openTestWorld();
    await test.books.transaction(ACCOUNT, async ({ streamState }) => {
      const row = await streamState.get();
      if (row !== null) await streamState.set({ ...row, status: 'down', message: 'no route' });
    });
    const before = test.wallNowMs();
    await expect(openComponents(test.world)).rejects.toThrow('found down: no route');
    expect(test.wallNowMs() - before).toBeGreaterThan(30_000);
  });

  it('becomeRunning → running, and asks nobody who drives; or halted, and told', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    expect(await becomeRunning(test.world)).toBe('running');
    expect(test.driven).toEqual([]);
    await engageHalt(test.world, 'cause-1', readHaltRequest({ reason: 'manual', cancel: 'none' }));
    expect(await becomeRunning(test.world)).toBe('halted');
    expect((await test.world.reader.systemState.get())?.state).toBe('halted');
    expect(await toldOf(test)).toEqual(['emergency kill_switch', 'emergency kill_switch']);
  });

  it('ensureDrivers → none for an order whose driver runs, by what Temporal shows', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    test.runningDrivers.add(orderWorkflowId(ACCOUNT, ORDER_ID));
    expect(await ensureDrivers(test.world)).toBe(1);
    expect(test.driven).toEqual([]);
    test.runningDrivers.clear();
    await ensureDrivers(test.world);
    expect(test.driven).toEqual([`start ${ORDER_ID}`]);
  });

  it('ensureDrivers → every open order, no closed one', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    test.broker.submits.push('refuse', 'drop_before');
    await placeOrder(test.world, inputOf({ clientOrderId: idOf('refused') }));
    await placeOrder(test.world, inputOf({ clientOrderId: idOf('unknown') }));
    expect(await ensureDrivers(test.world)).toBe(2);
    expect(test.driven).toEqual([`start ${ORDER_ID}`, 'start unknown']);
  });

  it('askAgainForLost → an order whose start came to nothing is asked for again', async () => {
    const test = await openTestWorld();
    const { intent } = inputOf();
    const message = { kind: 'start_order', target: intent.clientOrderId, payload: '{}' } as const;
    await test.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.outbox.post(message);
      await transaction.outbox.markDelivered('start_order', intent.clientOrderId, 1);
    });
    expect(await askAgainForLost(test.world)).toBe(1);
    expect(await test.world.reader.outbox.undelivered(10)).toMatchObject([message]);
    expect(await askAgainForLost(test.world)).toBe(0);
  });

  it('askAgainForLost → nothing for an order that has begun', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await test.books.transaction(ACCOUNT, async (transaction) => {
      await transaction.outbox.post({ kind: 'start_order', target: ORDER_ID, payload: '{}' });
      await transaction.outbox.markDelivered('start_order', ORDER_ID, 1);
    });
    expect(await askAgainForLost(test.world)).toBe(0);
  });

  it('a start that was replaced → its steps do nothing', async () => {
    const test = await openTestWorld();
    const activities = createLifecycleActivities(test.world);
    const step = await activities.becomeRunning({ account: ACCOUNT, bootEpoch: BOOT_EPOCH - 1 });
    expect(step.outcome).toBe('superseded');
    expect(test.driven).toEqual([]);
    expect(await activities.becomeRunning(epoch)).toMatchObject({ outcome: 'done' });
  });
});

describe('shutdown', () => {
  const systemOf = async ({ world }: TestWorld) => {
    const system = await world.reader.systemState.get();
    return [system?.state, system?.message];
  };
  const shutdown = (test: TestWorld, cancel: 'keep-protection' | 'cancel-all' | 'none') => ({
    ...epoch,
    requestedBy: 'test',
    cancel,
    deadlineAtMs: test.wallNowMs() + 10_000,
  });

  it('refused from the first step on, and the final state says what is left', async () => {
    const test = await openTestWorld();
    const activities = createLifecycleActivities(test.world);
    await activities.refuseNewOrders(shutdown(test, 'none'));
    await expect(placeOrder(test.world, inputOf())).rejects.toThrow('the system is stopping');
    expect(test.driven).toEqual(['pause']);
    const last = await activities.persistFinalState(shutdown(test, 'none'), ['a']);
    const message = 'stopped with live orders: a';
    expect(last).toEqual({ name: 'final state', outcome: 'unsettled', message });
    expect(await systemOf(test)).toEqual(['stopped_unsettled', message]);
  });

  it('nothing is left → stopped in order', async () => {
    const test = await openTestWorld();
    const activities = createLifecycleActivities(test.world);
    const last = await activities.persistFinalState(shutdown(test, 'none'), []);
    expect(last).toEqual({ name: 'final state', outcome: 'done', message: 'stopped in order' });
    expect(await systemOf(test)).toEqual(['stopped', 'stopped in order']);
  });

  it('steps that come after the last word → it stands', async () => {
    const test = await openTestWorld();
    const activities = createLifecycleActivities(test.world);
    const said = await persistFinalState(test.world, ['a'], 'it took too long');
    const message = 'shutdown: it took too long; stopped with live orders: a';
    expect(said).toEqual({ state: 'stopped_unsettled', message });
    await activities.refuseNewOrders(shutdown(test, 'none'));
    expect(await activities.persistFinalState(shutdown(test, 'none'), [])).toMatchObject({
      outcome: 'unsettled',
      message,
    });
    expect(await systemOf(test)).toEqual(['stopped_unsettled', message]);
  });

  it.each([
    ['keep-protection', 'canceled', 'new'],
    ['cancel-all', 'canceled', 'canceled'],
    ['none', 'new', 'new'],
  ] as const)('%s → the entry is %s, the exit is %s', async (cancel, entry, exit) => {
    const test = await openTestWorld();
    test.broker.hold('SPY', 100);
    test.broker.place(requestOfTest());
    test.broker.place(requestOfTest({ clientOrderId: idOf('exit'), side: 'sell' }));
    expect(await settleOrders(test.world, shutdown(test, cancel))).toEqual([]);
    expect(test.broker.order(ORDER_ID).status).toBe(entry);
    expect(test.broker.order('exit').status).toBe(exit);
  });

  it('of a dead process, tried again in the next one → its orders live on', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const activities = createLifecycleActivities(test.world);
    const ofDead = { ...shutdown(test, 'cancel-all'), bootEpoch: BOOT_EPOCH - 1 };
    expect(await activities.settleOrders(ofDead)).toEqual([]);
    expect(await activities.persistFinalState(ofDead, [])).toMatchObject({ outcome: 'superseded' });
    expect(test.broker.order(ORDER_ID).status).toBe('new');
    expect((await test.world.reader.systemState.get())?.state).toBe('running');
    expect(await activities.settleOrders(shutdown(test, 'cancel-all'))).toEqual([]);
    expect(test.broker.order(ORDER_ID).status).toBe('canceled');
  });

  it('a cancel that hangs → named when the time is over', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    test.broker.cancelOutcome = { kind: 'requested' };
    expect(await settleOrders(test.world, shutdown(test, 'cancel-all'))).toEqual([ORDER_ID]);
  });

  it('an unknown order → waited for, found, and canceled', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    await placeOrder(test.world, inputOf());
    expect(await settleOrders(test.world, shutdown(test, 'keep-protection'))).toEqual([]);
    expect(test.broker.order(ORDER_ID).status).toBe('canceled');
    expect((await rowOf(test)).order.progress.state).not.toBe('unknown');
  });
});

describe('health', () => {
  it.each<[string, (test: TestWorld) => void, string]>([
    ['all well', () => undefined, ''],
    ['the broker does not answer', ({ broker }) => void broker.failing.add('account'), 'broker'],
    [
      'the circuit is open',
      ({ broker }) => {
        broker.account = async () => {
          throw new BrokerCircuitOpen('open', 100);
        };
      },
      'broker',
    ],
    ['the lock is lost', (test) => test.loseLease(), 'lock'],
  ])('%s → not well: %s', async (_name, breakIt, ill) => {
    const test = await openTestWorld();
    breakIt(test);
    const health = await checkHealth(test.world);
    const found = health.flatMap(({ component, isHealthy }) => (isHealthy ? [] : [component]));
    expect(found.join()).toBe(ill);
  });
});
