import { writeFileSync } from 'node:fs';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import {
  createOrderActivities,
  type OrderActivities,
} from '../../../activities/order/order.activities.js';
import { placeOrder, sendOrder } from '../../../activities/order/place-order.js';
import type { DenyCode } from '../../../domain/risk/index.js';
import type { OrderIntent } from '../../../domain/order/index.js';
import { epochMs, price, quantity, usd, wholeUnits } from '../../../domain/values/index.js';
import { verifyAudit } from '../../../adapters/store/audit.js';
import { ACCOUNT, BOOT_EPOCH, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { at, idOf } from '../domain/order/order-fixture.js';
import { applyAll, runStreamOnce } from './stream-of-test.js';
import {
  inputOf,
  ORDER_ID,
  outboxOf,
  reservedOf,
  rowOf,
  standingOf,
  toldOf,
} from './order-of-test.js';

describe('placeOrder: the straight way', () => {
  it('placed → accepted, reserved at its limit, nothing told to its driver', async () => {
    const test = await openTestWorld();
    const view = await placeOrder(test.world, inputOf());
    expect(view).toMatchObject({ state: 'accepted', brokerOrderId: 'broker-1', detail: null });
    expect(await reservedOf(test)).toBe('14520');
    expect(test.broker.calls).toEqual(['submitOrder']);
    const row = await rowOf(test);
    expect(row.order).toMatchObject({ attempts: 1, brokerStatus: 'new', parkedReason: null });
    expect(row.rawBody).toContain('broker-1');
    const events = await test.world.reader.orders.eventsOf(ORDER_ID);
    expect(events.map(({ kind, toState }) => `${kind} ${toState}`)).toEqual([
      'created created',
      'send_began submitting',
      'reported_accepted accepted',
    ]);
    expect(await outboxOf(test)).toEqual([]);
  });

  it('filled in two pieces → position, trade, cash; the reservation shrinks and goes', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.fill(ORDER_ID, 40, 145.1)]);
    expect(await standingOf(test)).toBe('partially_filled 40');
    expect(await reservedOf(test)).toBe('8712');
    await applyAll(test, [test.broker.fill(ORDER_ID, 60, 145.2)]);
    expect(await standingOf(test)).toBe('filled 100');
    expect(await reservedOf(test)).toBe('0');
    const { reader } = test.world;
    const costBasis = 14_516_000_000;
    expect(await reader.positions.bySymbol('SPY')).toMatchObject({
      side: 'long',
      quantity: wholeUnits(100),
      costBasis,
    });
    const account = await reader.account();
    expect(account).toMatchObject({ cash: 100_000_000_000 - costBasis, longCostBasis: costBasis });
    expect(account?.cash).toBe(test.broker.cashMicros);
    expect(await reader.trades.openOf('SPY')).toMatchObject({ side: 'long', slippage: 6_000_000 });
    expect(await toldOf(test)).toEqual(['info trade_executed']);
    expect(await outboxOf(test)).toEqual([`reconcile ${ACCOUNT}`, `signal_order ${ORDER_ID}`]);
    expect(await verifyAudit(reader, ACCOUNT)).toMatchObject({ kind: 'intact' });
  });

  it('a round trip → the trade is closed with its profit, and counted in the day', async () => {
    const test = await openTestWorld();
    await openDay(test);
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.fill(ORDER_ID, 100, 145)]);
    const exit = idOf('ord-test-SPY-2-exit');
    const intent = { clientOrderId: exit, side: 'sell', purpose: 'exit', leg: 'exit' } as const;
    expect((await placeOrder(test.world, inputOf(intent))).state).toBe('accepted');
    expect(await reservedOf(test)).toBe('0');
    await applyAll(test, [test.broker.fill(exit, 100, 144)]);
    const [trade] = await test.world.reader.trades.recent(1);
    expect(trade).toMatchObject({ realizedPnl: -100_000_000, closedAtMs: expect.any(Number) });
    const day = await test.world.reader.tradingDays.latest();
    expect(day).toMatchObject({ realizedPnl: -100_000_000, tradesClosed: 1, losingStreak: 1 });
  });

  it('placed again → what the books hold, and nothing is sent', async () => {
    const test = await openTestWorld();
    const first = await placeOrder(test.world, inputOf());
    expect(await placeOrder(test.world, inputOf())).toEqual(first);
    expect(test.broker.calls).toEqual(['submitOrder']);
  });

  it('a second call while the first is under way → joins it', async () => {
    const test = await openTestWorld();
    const activities = activitiesOf(test);
    const views = await Promise.all([1, 2, 3].map(() => activities.placeOrder(inputOf())));
    expect(new Set(views.map(({ version }) => version)).size).toBe(1);
    expect(test.broker.calls).toEqual(['submitOrder']);
  });

  it('a market order that fills at once → the view is of its end', async () => {
    const test = await openTestWorld();
    await runStreamOnce(test, async () => {
      test.at('after-answer', () => test.broker.fill(ORDER_ID, 100, 145.1));
      const view = await placeOrder(test.world, inputOf({ type: 'market', limitPrice: null }));
      expect(view).toMatchObject({ state: 'filled', averagePrice: '145.1' });
    });
  });

  it.each([
    [0, 250],
    [10, 750],
    [200, 2_000],
  ])('a market order beside %i other calls → its fill is given %i ms', async (others, ms) => {
    const test = await openTestWorld();
    const given: number[] = [];
    const waitFor = async (_id: string, _satisfies: unknown, timeoutMs: number) => {
      given.push(timeoutMs);
      return null;
    };
    const world = { ...test.world, notices: { ...test.world.notices, waitFor } };
    for (let other = 0; other < others; other += 1) {
      void world.driverCalls.during(`other-${other}`, () => new Promise(() => undefined));
    }
    const input = inputOf({ type: 'market', limitPrice: null });
    const view = await world.driverCalls.during(ORDER_ID, () => placeOrder(world, input));
    expect(view.state).toBe('accepted');
    expect(given).toEqual([ms]);
  });
});

describe('placeOrder: denied by us', () => {
  it.each<[DenyCode, string, Partial<OrderIntent>, (test: TestWorld) => Promise<void> | void]>([
    ['unknown_symbol', 'a symbol that nobody lists', { symbol: 'XYZ' }, () => undefined],
    ['intent_expired', 'a wish that is too old', {}, (test) => test.advanceMarket(121_000)],
    ['halted', 'halted', {}, (test) => setMode(test, 'halted')],
    ['reduce_only', 'reduce only', {}, (test) => setMode(test, 'reduce_only')],
    ['symbol_parked', 'a parked symbol', {}, (test) => parkSymbol(test)],
    [
      'no_fresh_price',
      'an old quote',
      { type: 'market', limitPrice: null },
      (test) => test.advanceMarket(61_000),
    ],
    ['order_notional_above_limit', 'too large', { quantity: wholeUnits(1_000) }, () => undefined],
    ['invalid_quantity', 'nothing', { quantity: wholeUnits(0) }, () => undefined],
    [
      'invalid_time_in_force',
      'a fraction over night',
      { quantity: quantity(500_000_000), timeInForce: 'gtc' },
      () => undefined,
    ],
    ['invalid_price', 'off the tick', { limitPrice: price(145_205_000_000) }, () => undefined],
    ['nothing_to_close', 'an exit of nothing', { purpose: 'exit' }, () => undefined],
    ['insufficient_buying_power', 'no money', {}, (test) => spend(test)],
  ])('%s: %s → durable, with its decision, audit and alert; never sent', async (...row) => {
    const [code, , change, prepare] = row;
    const test = await openTestWorld();
    await prepare(test);
    const view = await placeOrder(test.world, inputOf(change));
    expect(view).toMatchObject({ state: 'denied', detail: expect.stringContaining(`${code}: `) });
    expect(test.broker.calls.filter((call) => call === 'submitOrder')).toEqual([]);
    const [decision] = await test.world.reader.riskDecisions.byOrder(ORDER_ID);
    expect(decision).toMatchObject({ decision: 'denied', code });
    expect(JSON.parse(decision?.inputs ?? '{}')).toHaveProperty('totals.cash');
    const audit = await test.world.reader.audit.from(1, 1_000);
    const lines = audit.filter(({ entity }) => entity === ORDER_ID);
    expect(lines.map(({ kind }) => kind)).toEqual(['order_changed']);
    expect(await toldOf(test)).toEqual(['warning order_rejected']);
    expect(await outboxOf(test)).toEqual([`signal_order ${ORDER_ID}`]);
    expect(await placeOrder(test.world, inputOf(change))).toEqual(view);
  });

  it('two orders that fit alone and not together → the second is denied', async () => {
    const test = await openTestWorld();
    await spend(test, 80_000_000_000);
    const other = idOf('ord-test-SPY-2-entry');
    const views = await Promise.all([
      placeOrder(test.world, inputOf()),
      placeOrder(test.world, inputOf({ clientOrderId: other })),
    ]);
    expect(views.map(({ state }) => state).toSorted()).toEqual(['accepted', 'denied']);
  });

  it('an unknown exit counts at its worst → a second never closes the same units', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await applyAll(test, [test.broker.fill(ORDER_ID, 100, 145)]);
    const exit = (number: number) =>
      inputOf({ clientOrderId: idOf(`exit-${number}`), side: 'sell', purpose: 'exit' });
    test.broker.submits.push('drop_before');
    expect((await placeOrder(test.world, exit(1))).state).toBe('unknown');
    expect((await placeOrder(test.world, exit(2))).detail).toContain('turns_position');
  });
});

describe('placeOrder: not now', () => {
  it.each<[string, string, (test: TestWorld) => Promise<void> | void]>([
    ['the system is stopping', 'stopping', (test) => setSystem(test, 'stopping')],
    ['the system is of another start', 'another start', (test) => setSystem(test, 'running', 1)],
    ['the stream catches up', 'catching_up', (test) => setStream(test, 'catching_up')],
    ['the stream is of another start', 'not live', (test) => setStream(test, 'live', 1)],
    ['the lock is lost', 'writer lock', (test) => test.loseLease()],
  ])('%s → held back as a typed failure: nothing written, no request', async (_n, why, prepare) => {
    const test = await openTestWorld();
    await prepare(test);
    let permits = 0;
    test.permit = () => {
      permits += 1;
      return { granted: true };
    };
    await expect(placeOrder(test.world, inputOf())).rejects.toMatchObject({
      type: 'NotTradingNow',
      message: expect.stringContaining(why),
      nextRetryDelay: undefined,
    });
    expect(await test.world.reader.orders.recent(9)).toEqual([]);
    expect(test.broker.calls).toEqual([]);
    expect(permits).toBe(0);
  });

  it('held back until the wish is too old → denied: nothing waits for ever', async () => {
    const test = await openTestWorld();
    await setStream(test, 'down');
    test.advanceMarket(121_000);
    expect((await placeOrder(test.world, inputOf())).detail).toContain('intent_expired');
  });

  it.each([
    ['circuit open', 'BrokerCircuitOpen'],
    ['rate limited', 'BrokerRateLimited'],
  ])('no permit (%s) → %s with the time to wait', async (reason, type) => {
    const test = await openTestWorld();
    test.permit = () => ({ granted: false, reason, retryAfterMs: 900 });
    await expect(placeOrder(test.world, inputOf())).rejects.toMatchObject({
      type,
      nextRetryDelay: 900,
    });
    expect(await test.world.reader.orders.recent(9)).toEqual([]);
  });
});

describe('sendRiskRaising: the last look', () => {
  it.each<[string, string, (test: TestWorld) => void]>([
    ['the latch', 'halt latch', (test) => test.world.haltLatch.engage('cause-1')],
    ['the kill file', 'kill file', (test) => writeFileSync(test.killFilePath, '')],
    ['the lock', 'writer lock', (test) => test.loseLease()],
    ['the deadline', 'deadline', (test) => test.advanceWall(1_001)],
  ])('%s, between admission and the wire → not sent, created again', async (_n, why, interfere) => {
    const test = await openTestWorld();
    test.at('before-send', () => interfere(test));
    await expect(placeOrder(test.world, inputOf())).rejects.toMatchObject({
      type: 'NotTradingNow',
      message: expect.stringContaining(why),
    });
    expect(test.broker.calls).toEqual([]);
    expect(await standingOf(test)).toBe('created 0');
    expect((await rowOf(test)).lastError).toContain(why);
  });

  it('the last millisecond of the deadline → sent', async () => {
    const test = await openTestWorld();
    test.at('before-send', () => test.advanceWall(1_000));
    await expect(placeOrder(test.world, inputOf())).resolves.toMatchObject({ state: 'accepted' });
  });

  it('created again → the next attempt is sent; its reservation counts once', async () => {
    const test = await openTestWorld();
    await spend(test, 85_000_000_000);
    test.broker.submits.push('not_sent', 'rate_limited');
    await expect(placeOrder(test.world, inputOf())).rejects.toMatchObject({
      nextRetryDelay: 1_000,
    });
    await expect(placeOrder(test.world, inputOf())).rejects.toMatchObject({ nextRetryDelay: 700 });
    expect(await reservedOf(test)).toBe('14520');
    expect((await placeOrder(test.world, inputOf())).state).toBe('accepted');
    expect((await rowOf(test)).order.attempts).toBe(3);
    expect(await reservedOf(test)).toBe('14520');
  });

  it('created again, then halted → denied, and the reservation is free', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('not_sent');
    await expect(placeOrder(test.world, inputOf())).rejects.toMatchObject({
      type: 'NotTradingNow',
    });
    await setMode(test, 'halted');
    expect((await placeOrder(test.world, inputOf())).state).toBe('denied');
    expect(await reservedOf(test)).toBe('0');
  });
});

describe('placeOrder: when the books fail', () => {
  it.each(['busy', 'error', 'commit_then_error'] as const)(
    'admission ends with %s → nothing is sent; the repeat looks at what is there',
    async (fault) => {
      const test = await openTestWorld();
      test.faults.push(fault);
      const activities = activitiesOf(test);
      await expect(activities.placeOrder(inputOf())).rejects.toMatchObject({ type: 'BooksBusy' });
      expect(test.broker.calls).toEqual([]);
      const again = await activities.placeOrder(inputOf());
      // A committed admission whose process lives on may still be on its way to the wire.
      expect(again.state).toBe(fault === 'commit_then_error' ? 'submitting' : 'accepted');
      test.advanceWall(10_000);
      const later = await activities.resolveOrder(ORDER_ID);
      expect(later.state).toBe(fault === 'commit_then_error' ? 'unknown' : 'accepted');
      await sendOrder(test.world, inputOf());
      expect(test.broker.count(ORDER_ID)).toBe(1);
    },
  );

  it.each(['busy', 'error', 'commit_then_error'] as const)(
    'the record of the answer ends with %s → the order is found again, once',
    async (fault) => {
      const test = await openTestWorld();
      test.faults.push(null, fault);
      const activities = activitiesOf(test);
      await expect(activities.placeOrder(inputOf())).rejects.toMatchObject({ type: 'BooksBusy' });
      test.advanceWall(10_000);
      expect((await activities.placeOrder(inputOf())).state).toBe('accepted');
      expect(test.broker.count(ORDER_ID)).toBe(1);
    },
  );
});

/** The activities as a worker runs them: they heartbeat while they work. */
function activitiesOf({ world }: TestWorld): Pick<OrderActivities, 'placeOrder' | 'resolveOrder'> {
  const { placeOrder: place, resolveOrder: resolve } = createOrderActivities(world);
  const silent = (): void => undefined;
  const logger = {
    log: silent,
    trace: silent,
    debug: silent,
    info: silent,
    warn: silent,
    error: silent,
  };
  const environment = new MockActivityEnvironment({}, { logger });
  return {
    placeOrder: (input) => environment.run(() => place(input)),
    resolveOrder: (clientOrderId) => environment.run(() => resolve(clientOrderId)),
  };
}

async function setMode(test: TestWorld, haltMode: 'halted' | 'reduce_only'): Promise<void> {
  await test.books.transaction(ACCOUNT, async ({ account }) => account.set({ haltMode }));
}

async function spend(test: TestWorld, micros = 99_000_000_000): Promise<void> {
  await test.books.transaction(ACCOUNT, async ({ account }) => {
    account.set({ cash: usd(account.get().cash - micros) });
  });
}

async function parkSymbol(test: TestWorld): Promise<void> {
  await test.books.transaction(ACCOUNT, async ({ instruments }) => {
    const row = await instruments.bySymbol('SPY');
    if (row !== null) await instruments.upsert({ ...row, parkedReason: 'the books differ' });
  });
}

async function setSystem(
  test: TestWorld,
  state: 'running' | 'stopping',
  bootEpoch = BOOT_EPOCH,
): Promise<void> {
  const row = { state, bootEpoch, message: 'test', updatedAtWallMs: epochMs(0) };
  await test.books.transaction(ACCOUNT, ({ systemState }) => systemState.set(row));
}

async function setStream(
  test: TestWorld,
  status: 'live' | 'catching_up' | 'down',
  bootEpoch = BOOT_EPOCH,
): Promise<void> {
  await test.books.transaction(ACCOUNT, async ({ streamState }) => {
    const row = await streamState.get();
    if (row !== null) await streamState.set({ ...row, status, bootEpoch });
  });
}

async function openDay(test: TestWorld): Promise<void> {
  await test.books.transaction(ACCOUNT, ({ tradingDays }) =>
    tradingDays.put({
      date: '2013-10-07',
      startEquity: usd(0),
      peakEquity: usd(0),
      lastEquity: usd(0),
      realizedPnl: usd(0),
      tradesClosed: 0,
      losingStreak: 0,
      ordersAdmitted: 0,
      ordersDenied: 0,
      startedAtMs: at(0),
      summarizedAtMs: null,
    }),
  );
}
