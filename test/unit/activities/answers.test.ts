import { describe, expect, it } from 'vitest';
import { placeOrder, sendOrder } from '../../../activities/order/place-order.js';
import { pollOrder, resolveOrder } from '../../../activities/order/resolve-order.js';
import { wholeUsd, wholeUnits } from '../../../domain/values/index.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { applyAll } from './stream-of-test.js';
import {
  booksOf,
  inputOf,
  ORDER_ID,
  requestOfTest,
  reservedOf,
  rowOf,
  standingOf,
  toldOf,
} from './order-of-test.js';

describe('the answer to a POST', () => {
  it('refused → closed with its code, told once, the reservation free', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('refuse');
    const view = await placeOrder(test.world, inputOf());
    expect(view).toMatchObject({
      state: 'refused',
      detail: '40310000: insufficient buying power',
    });
    expect(await reservedOf(test)).toBe('0');
    expect(await toldOf(test)).toEqual(['warning order_rejected']);
  });

  it('the keys are refused → nothing was processed: refused', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('wrong_keys');
    expect((await placeOrder(test.world, inputOf())).detail).toBe('broker_auth: forbidden');
  });

  it('lost → unknown, reserved at its worst, and nothing is sent again', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    const view = await placeOrder(test.world, inputOf());
    expect(view).toMatchObject({ state: 'unknown', needsAttention: true });
    expect(await reservedOf(test)).toBe('14520');
    expect(test.broker.calls).toEqual(['submitOrder']);
    expect((await rowOf(test)).lastError).toBe('socket hang up');
  });

  it('the id exists already and is ours → adopted after comparing', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest());
    const view = await placeOrder(test.world, inputOf());
    expect(view).toMatchObject({ state: 'accepted', brokerOrderId: 'broker-1' });
    expect(test.broker.count(ORDER_ID)).toBe(1);
  });

  it('the id exists already and the lookup lags → unknown, never refused', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest());
    test.broker.isLagging = true;
    expect((await placeOrder(test.world, inputOf())).state).toBe('unknown');
    test.broker.isLagging = false;
    expect((await resolveOrder(test.world, ORDER_ID)).state).toBe('accepted');
  });

  it('the id exists for something else → parked with its symbol, nothing booked', async () => {
    const test = await openTestWorld();
    test.broker.place(requestOfTest({ side: 'sell' }));
    test.broker.fill(ORDER_ID, 100, 145);
    const view = await placeOrder(test.world, inputOf());
    expect(view).toMatchObject({ needsAttention: true, detail: expect.stringContaining('"sell"') });
    expect(await toldOf(test)).toEqual(['critical position_reconciliation']);
    expect((await test.world.reader.instruments.bySymbol('SPY'))?.parkedReason).not.toBeNull();
    expect(await test.world.reader.fills.count()).toBe(0);
    const before = (await rowOf(test)).order.version;
    await resolveOrder(test.world, ORDER_ID);
    expect((await rowOf(test)).order.version).toBe(before);
  });

  it('taken, but shown with another quantity → parked', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('take_another_quantity');
    const view = await placeOrder(test.world, inputOf());
    expect(view.detail).toContain('expected {"symbol":"SPY","side":"buy","quantity":"100"');
  });

  it.each<[string, (test: TestWorld) => unknown, string]>([
    ['accepted, and filled', ({ broker }) => broker.fill(ORDER_ID, 100, 145), 'filled 100'],
    ['accepted, and canceled', ({ broker }) => broker.become(ORDER_ID, 'canceled'), 'canceled 0'],
    ['accepted, and rejected', ({ broker }) => broker.become(ORDER_ID, 'rejected'), 'refused 0'],
  ])('the stream was quicker: %s → the answer does not undo it', async (_n, happen, standing) => {
    const test = await openTestWorld();
    const waiting: Promise<unknown>[] = [];
    test.at('after-answer', () => {
      happen(test);
      waiting.push(applyAll(test, test.broker.updates));
    });
    await placeOrder(test.world, inputOf());
    await Promise.all(waiting);
    expect(await standingOf(test)).toBe(standing);
    await pollOrder(test.world, ORDER_ID);
    expect(await standingOf(test)).toBe(standing);
  });
});

describe('an unknown order', () => {
  it('arrived after all → found by its id, with the fills it has by now', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    await placeOrder(test.world, inputOf());
    test.broker.fill(ORDER_ID, 30, 145);
    expect(await resolveOrder(test.world, ORDER_ID)).toMatchObject({
      state: 'partially_filled',
      filledQuantity: '30',
    });
    expect(await reservedOf(test)).toBe('10164');
  });

  it('found canceled after a partial fill → the fill is booked, then its end', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    await placeOrder(test.world, inputOf({ timeInForce: 'ioc' }));
    test.broker.fill(ORDER_ID, 30, 145);
    test.broker.become(ORDER_ID, 'canceled');
    expect((await resolveOrder(test.world, ORDER_ID)).state).toBe('canceled');
    expect(await standingOf(test)).toBe('canceled 30');
    expect(await reservedOf(test)).toBe('0');
  });

  it('not found → stays unknown; sent again under the same id it is one order', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    expect((await resolveOrder(test.world, ORDER_ID)).state).toBe('unknown');
    expect((await sendOrder(test.world, inputOf())).state).toBe('accepted');
    expect((await rowOf(test)).order.attempts).toBe(2);
    expect(test.broker.count(ORDER_ID)).toBe(1);
    expect(await reservedOf(test)).toBe('14520');
  });

  it('sent again at the edge of a limit → its own first attempt does not count', async () => {
    const test = await openTestWorld();
    const positionNotionalMax = wholeUsd(14_520);
    await test.books.transaction(ACCOUNT, (transaction) =>
      transaction.putLimits({ ...test.world.settings.limits, positionNotionalMax }),
    );
    test.broker.submits.push('drop_before');
    expect((await placeOrder(test.world, inputOf())).state).toBe('unknown');
    expect((await sendOrder(test.world, inputOf())).state).toBe('accepted');
  });

  it('arrived, not found yet, sent again → the broker knows the id; still one order', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop');
    await placeOrder(test.world, inputOf());
    test.broker.isLagging = true;
    await resolveOrder(test.world, ORDER_ID);
    expect((await sendOrder(test.world, inputOf())).state).toBe('unknown');
    test.broker.isLagging = false;
    expect((await resolveOrder(test.world, ORDER_ID)).state).toBe('accepted');
    expect(test.broker.count(ORDER_ID)).toBe(1);
  });

  it.each(['refuse', 'wrong_keys', 'not_sent', 'rate_limited'] as const)(
    'sent again, and that is answered by %s → the first attempt keeps it unknown',
    async (script) => {
      const test = await openTestWorld();
      test.broker.submits.push('drop_before', script);
      await placeOrder(test.world, inputOf());
      expect((await sendOrder(test.world, inputOf())).state).toBe('unknown');
      expect(await reservedOf(test)).toBe('14520');
    },
  );

  it('halted before it is sent again → stays unknown, neither denied nor sent', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    await test.books.transaction(ACCOUNT, async ({ account }) =>
      account.set({ haltMode: 'halted' }),
    );
    expect((await sendOrder(test.world, inputOf())).state).toBe('unknown');
    expect(test.broker.calls.filter((call) => call === 'submitOrder')).toHaveLength(1);
  });

  it('sent again, held back, the stream shows the first attempt → accepted', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('execute_then_drop', 'not_sent');
    await placeOrder(test.world, inputOf());
    test.broker.beforeAnswer = async (call) => {
      if (call === 'submitOrder') await applyAll(test, test.broker.updates);
    };
    expect((await sendOrder(test.world, inputOf())).state).toBe('accepted');
  });

  it('lookups fail → stays unknown, and the failure is typed', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    test.broker.failing.add('orderByClientOrderId');
    await expect(resolveOrder(test.world, ORDER_ID)).rejects.toThrow('did not answer');
    expect(await standingOf(test)).toBe('unknown 0');
  });
});

describe('an attempt whose process died', () => {
  /** Dies between the commit and the wire, or between the answer and its record. */
  async function die(test: TestWorld, point: 'before-send' | 'after-answer'): Promise<void> {
    test.at(point, () => {
      throw new Error('killed');
    });
    await expect(placeOrder(test.world, inputOf())).rejects.toThrow('killed');
  }

  /** The same books and broker under a process that started later. */
  function reborn(test: TestWorld): TestWorld {
    test.advanceWall(100);
    const world = { ...test.world, startedAtWallMs: test.wallNowMs(), crashPoint: () => undefined };
    return { ...test, world };
  }

  it('before the wire → looked up at once, unknown, and sent again under the same id', async () => {
    const test = await openTestWorld();
    await die(test, 'before-send');
    const next = reborn(test);
    expect((await placeOrder(next.world, inputOf())).state).toBe('unknown');
    expect((await sendOrder(next.world, inputOf())).state).toBe('accepted');
    expect(test.broker.count(ORDER_ID)).toBe(1);
  });

  it('after the answer → found and adopted, never sent again', async () => {
    const test = await openTestWorld();
    await die(test, 'after-answer');
    expect((await placeOrder(reborn(test).world, inputOf())).state).toBe('accepted');
    expect(test.broker.calls.filter((call) => call === 'submitOrder')).toHaveLength(1);
  });

  it('the process lives and the deadline is not over → the attempt is left alone', async () => {
    const test = await openTestWorld();
    await die(test, 'before-send');
    expect((await placeOrder(test.world, inputOf())).state).toBe('submitting');
    test.advanceWall(6_000);
    expect((await placeOrder(test.world, inputOf())).state).toBe('submitting');
    expect(test.broker.calls).toEqual([]);
    test.advanceWall(1);
    expect((await placeOrder(test.world, inputOf())).state).toBe('unknown');
  });
});

describe('abandoning an unknown order', () => {
  const MINUTE_MS = 60_000;

  /** Unknown, too old to be sent, and looked up twice in the last five minutes. */
  async function almostAbandoned(): Promise<TestWorld> {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    test.advanceMarket(121_000);
    test.advanceWall(MINUTE_MS);
    await resolveOrder(test.world, ORDER_ID);
    test.advanceWall(4 * MINUTE_MS);
    return test;
  }

  it('everything is proven → abandoned, told as critical, the reservation free', async () => {
    const test = await almostAbandoned();
    expect((await resolveOrder(test.world, ORDER_ID)).state).toBe('abandoned');
    expect(await reservedOf(test)).toBe('0');
    expect(await toldOf(test)).toContain('critical order_rejected');
  });

  it.each<[string, (test: TestWorld) => Promise<void> | void]>([
    ['a millisecond too early', (test) => test.advanceWall(-1)],
    [
      'the stream is down',
      (test) =>
        test.books.transaction(ACCOUNT, async ({ streamState }) => {
          const row = await streamState.get();
          if (row !== null) await streamState.set({ ...row, status: 'down' });
        }),
    ],
    [
      'the stream came back since',
      (test) =>
        test.books.transaction(ACCOUNT, async ({ streamState }) => {
          const row = await streamState.get();
          const updatedAtWallMs = test.wallNowMs();
          if (row !== null) await streamState.set({ ...row, updatedAtWallMs });
        }),
    ],
    ['a stall is not recovered from', (test) => void test.stall()],
    [
      'not found by its id, and yet in the full list',
      ({ broker }) => {
        broker.place(requestOfTest());
        broker.orderByClientOrderId = async () => null;
      },
    ],
    [
      'an execution of an order that nobody can read',
      ({ broker }) => {
        broker.place({ ...requestOfTest(), clientOrderId: 'stranger' });
        broker.fill('stranger', 1, 145);
        broker.orderById = async () => null;
      },
    ],
  ])('%s → stays unknown', async (_name, interfere) => {
    const test = await almostAbandoned();
    await interfere(test);
    expect((await resolveOrder(test.world, ORDER_ID)).state).toBe('unknown');
    expect(await reservedOf(test)).toBe('14520');
  });

  it('one lookup alone, however late → stays unknown; a minute later it is proven', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    test.advanceWall(60 * MINUTE_MS);
    expect((await resolveOrder(test.world, ORDER_ID)).state).toBe('unknown');
    test.advanceWall(MINUTE_MS - 1);
    expect((await resolveOrder(test.world, ORDER_ID)).state).toBe('unknown');
    test.advanceWall(1);
    expect((await resolveOrder(test.world, ORDER_ID)).state).toBe('abandoned');
  });

  it('lookups of an earlier process → count for nothing: its clock may be another', async () => {
    const test = await almostAbandoned();
    const world = { ...test.world, startedAtWallMs: test.wallNowMs() };
    expect((await resolveOrder(world, ORDER_ID)).state).toBe('unknown');
    test.advanceWall(MINUTE_MS - 1);
    expect((await resolveOrder(world, ORDER_ID)).state).toBe('unknown');
    test.advanceWall(1);
    expect((await resolveOrder(world, ORDER_ID)).state).toBe('abandoned');
  });

  it('the stream came back and was listened to for five minutes → abandoned', async () => {
    const test = await almostAbandoned();
    await test.books.transaction(ACCOUNT, async ({ streamState }) => {
      const row = await streamState.get();
      if (row !== null) await streamState.set({ ...row, updatedAtWallMs: test.wallNowMs() });
    });
    test.advanceWall(5 * MINUTE_MS);
    expect((await resolveOrder(test.world, ORDER_ID)).state).toBe('abandoned');
  });

  it('evidence turns up after all → it works again', async () => {
    const test = await almostAbandoned();
    await resolveOrder(test.world, ORDER_ID);
    test.broker.place(requestOfTest());
    await applyAll(test, [test.broker.fill(ORDER_ID, 40, 145)]);
    expect(await standingOf(test)).toBe('partially_filled 40');
  });
});

describe('evidence that cannot be', () => {
  it.each<[string, (test: TestWorld) => Promise<unknown>]>([
    ['a status that nobody decided about', async ({ broker }) => broker.become(ORDER_ID, 'melted')],
    [
      'more filled than ordered',
      async ({ broker }) => {
        broker.fill(ORDER_ID, 100, 145);
        return broker.fill(ORDER_ID, 1, 145);
      },
    ],
  ])('%s → parked once, however often it is polled', async (_name, happen) => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await happen(test);
    await pollOrder(test.world, ORDER_ID);
    expect((await rowOf(test)).order.parkedReason).not.toBeNull();
    const before = [await booksOf(test), (await rowOf(test)).order.version, await toldOf(test)];
    for (let polls = 0; polls < 3; polls += 1) await pollOrder(test.world, ORDER_ID);
    expect([await booksOf(test), (await rowOf(test)).order.version, await toldOf(test)]).toEqual(
      before,
    );
  });

  it('a part of an execution that is held → nothing new, and nothing odd about it', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const whole = test.broker.fill(ORDER_ID, 60, 145);
    await applyAll(test, [whole]);
    const part = { ...whole, quantity: wholeUnits(20), eventId: 'part' };
    await applyAll(test, [part]);
    expect(await standingOf(test)).toBe('partially_filled 60');
    expect((await rowOf(test)).order.parkedReason).toBeNull();
  });

  it('an execution across two that are held → parked, the books as they were', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const first = test.broker.fill(ORDER_ID, 40, 145);
    const second = test.broker.fill(ORDER_ID, 20, 145);
    await applyAll(test, [first, second]);
    const across = { ...second, quantity: first.quantity, eventId: 'odd' };
    await applyAll(test, [across]);
    expect(await standingOf(test)).toBe('partially_filled 60');
    expect((await rowOf(test)).order.parkedReason).toContain('overlaps');
    expect((await test.world.reader.brokerEvents.byId('odd'))?.outcome).toBe('quarantined');
  });
});
