import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { writeOrderEvent } from '../../../activities/order/write-order-event.js';
import { repairAll } from '../../../activities/reconciliation/repair-all.js';
import { applyUpdates } from '../../../activities/stream/apply-updates.js';
import { createEventInbox } from '../../../activities/stream/event-inbox.js';
import { createOrderLooks } from '../../../activities/stream/order-looks.js';
import { runTradeUpdates } from '../../../activities/stream/run-trade-updates.js';
import { BrokerAuthRefused, BrokerRateLimited } from '../../../adapters/broker/errors.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { inputOf, ORDER_ID, requestOfTest, rowOf, standingOf } from './order-of-test.js';
import { applyAll, runStreamOnce, until } from './stream-of-test.js';

async function statusOf({ world }: TestWorld): Promise<string> {
  const stream = await world.reader.streamState.get();
  return `${stream?.streamEpoch} ${stream?.status}`;
}

/** The unknown order is proven to have come to nothing. */
async function forget({ world, books }: TestWorld): Promise<void> {
  await books.transaction(ACCOUNT, async (transaction) => {
    const row = await transaction.orders.byClientOrderId(ORDER_ID);
    if (row === null) throw new Error('expected the order in the books');
    const event = { kind: 'abandoned', evidence: 'a test' } as const;
    await writeOrderEvent(transaction, world, { row, event, source: 'poll' });
  });
}

describe('runTradeUpdates', () => {
  it('subscribed → repaired before it is live, then frames are booked; closed → down', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    test.broker.fill(ORDER_ID, 40, 145);
    const { ended } = await runStreamOnce(test, async () => {
      expect(await statusOf(test)).toBe('2 live');
      expect(await standingOf(test)).toBe('partially_filled 40');
      test.broker.fill(ORDER_ID, 60, 145);
      await until(async () => (await standingOf(test)) === 'filled 100');
    });
    expect(ended).toMatchObject({ type: 'StreamClosed', message: expect.stringContaining('over') });
    expect(ended).toMatchObject({ nextRetryDelay: 1_000 });
    expect(await statusOf(test)).toBe('2 down');
    expect(test.broker.isStreamOpen).toBe(false);
  });

  it('while it repairs → catching up: no order may be sent yet', async () => {
    const test = await openTestWorld();
    const during: string[] = [];
    test.broker.beforeAnswer = async () => void during.push(await statusOf(test));
    await runStreamOnce(test, async () => undefined);
    expect(new Set(during)).toEqual(new Set(['2 catching_up']));
  });

  it('frames that come during the repair → kept and booked after it', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    test.broker.beforeAnswer = (call) => {
      if (call === 'openOrders' && test.broker.activities.length === 0) {
        test.broker.fill(ORDER_ID, 100, 145);
      }
    };
    await runStreamOnce(test, () => until(async () => (await standingOf(test)) === 'filled 100'));
    expect(await test.world.reader.fills.count()).toBe(1);
  });

  it('many frames at once → a burst until fewer than fifty wait', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const bursts: boolean[] = [];
    test.at('before-booking', () => bursts.push(test.world.frames.isLong()));
    await runStreamOnce(test, async () => {
      for (let fill = 0; fill < 100; fill += 1) test.broker.fill(ORDER_ID, 1, 145);
      await until(async () => (await standingOf(test)) === 'filled 100');
    });
    expect(bursts).toContain(true);
    expect(bursts.at(-1)).toBe(false);
    expect(test.world.frames.isLong()).toBe(false);
  });

  it('the stream closes during a burst → the burst is over', async () => {
    const test = await openTestWorld();
    test.world.frames.note(50);
    test.broker.failing.add('openOrders');
    await runTradeUpdates(test.world, {
      signal: new AbortController().signal,
      heartbeat: () => undefined,
    }).catch(() => undefined);
    expect(test.world.frames.isLong()).toBe(false);
  });

  it('the repair fails → never live, and the connection is given back', async () => {
    const test = await openTestWorld();
    test.broker.failing.add('fillActivitiesSince');
    const attempt = new AbortController();
    const run = runTradeUpdates(test.world, {
      signal: attempt.signal,
      heartbeat: () => undefined,
    });
    await expect(run).rejects.toThrow('did not answer');
    expect(await statusOf(test)).toBe('2 down');
    expect(test.broker.isStreamOpen).toBe(false);
    await expect(placeOrder(test.world, inputOf())).rejects.toThrow('not live');
  });

  it('the keys are refused once → down, told; the next attempt is live', async () => {
    const test = await openTestWorld();
    test.broker.beforeAnswer = (call) => {
      if (call === 'openTradeUpdates') throw new BrokerAuthRefused('a passing refusal');
    };
    const attempt = { signal: new AbortController().signal, heartbeat: () => undefined };
    const ended: unknown = await runTradeUpdates(test.world, attempt).catch((error) => error);
    expect(ended).toMatchObject({ type: 'StreamClosed', nonRetryable: false });
    expect(await statusOf(test)).toBe('2 down');
    expect((await test.world.reader.alerts.recent(1))[0]).toMatchObject({ severity: 'critical' });
    test.broker.beforeAnswer = () => undefined;
    await runStreamOnce(test, async () => expect(await statusOf(test)).toBe('3 live'));
  });

  it('a frame of no order while one of its symbol is unknown → looked at again', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    const isThere = async (): Promise<boolean> =>
      (await test.world.reader.orders.byClientOrderId('by-hand')) !== null;
    await runStreamOnce(test, async () => {
      test.broker.place(requestOfTest({ clientOrderId: idOf('by-hand') }));
      const frame = test.broker.fill('by-hand', 10, 145);
      const kept = () => test.world.reader.brokerEvents.byId(frame.eventId ?? '');
      await until(async () => (await kept()) !== null);
      expect((await kept())?.outcome).toBe('unmatched');
      expect(await isThere()).toBe(false);
      await forget(test);
      test.broker.fill('by-hand', 5, 145);
      await until(isThere);
    });
    expect(await standingOf(test, 'by-hand')).toBe('partially_filled 15');
  });

  it('one order cannot be decided, fifty frames of another come → one look at it', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf({ clientOrderId: idOf('ord-test-SPY-2-entry') }));
    const looks = () => test.broker.calls.filter((call) => call === 'orderById').length;
    // Time stands, unless this test moves it.
    const wallClock = { ...test.world.wallClock, sleep: () => new Promise<void>(() => undefined) };
    await runStreamOnce({ ...test, world: { ...test.world, wallClock } }, async () => {
      test.broker.place(requestOfTest({ clientOrderId: idOf('by-hand') }));
      test.broker.become('by-hand', 'new');
      await until(() => looks() === 1);
      for (let frame = 0; frame < 50; frame += 1) {
        const { eventId } = test.broker.become(ORDER_ID, 'new');
        const kept = () => test.world.reader.brokerEvents.byId(eventId ?? '');
        await until(async () => (await kept()) !== null);
      }
      expect(looks()).toBe(1);
      test.advanceWall(1_000);
      test.broker.become(ORDER_ID, 'new');
      await until(() => looks() === 2);
    });
  });

  it('the look behind a frame fails → the stream stays, and it is looked at again', async () => {
    const test = await openTestWorld();
    let refusals = 0;
    test.broker.beforeAnswer = (call) => {
      if (call !== 'orderById' || refusals === 3) return;
      refusals += 1;
      throw new BrokerRateLimited('too many requests', 700);
    };
    const { ended } = await runStreamOnce(test, async () => {
      test.broker.place(requestOfTest({ clientOrderId: idOf('by-hand') }));
      test.broker.become('by-hand', 'new');
      await until(async () => (await test.world.reader.orders.byClientOrderId('by-hand')) !== null);
      expect(refusals).toBe(3);
      expect(await statusOf(test)).toBe('2 live');
    });
    expect(ended).toMatchObject({ message: expect.stringContaining('the test is over') });
  });

  it('two orders to look at, a fill behind the first one → booked before the next', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const standings: string[] = [];
    test.broker.beforeAnswer = async (call) => {
      if (call !== 'orderById') return;
      standings.push(await standingOf(test));
      if (standings.length === 1) test.broker.fill(ORDER_ID, 40, 145);
    };
    await runStreamOnce(test, async () => {
      for (const id of ['first', 'second']) {
        test.broker.place(requestOfTest({ clientOrderId: idOf(id) }));
        test.broker.become(id, 'new');
      }
      await until(() => standings.length > 1);
    });
    expect(standings.slice(0, 2)).toEqual(['accepted 0', 'partially_filled 40']);
  });

  it('an order that is left for later → the cursor waits for it, and never goes back', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    test.broker.place(requestOfTest({ clientOrderId: idOf('by-hand') }));
    const cursor = async () => (await test.world.reader.streamState.get())?.repairedThroughMs;
    const before = await cursor();
    test.advanceMarket(60_000);
    expect((await repairAll(test.world)).later).toBe(1);
    expect(await cursor()).toBe(before);
    await forget(test);
    expect(await repairAll(test.world)).toMatchObject({ later: 0, external: 1 });
    expect(await cursor()).toBe(test.world.marketClock.nowMs());
  });

  it('aborted → ends with the reason of the abort, and is down', async () => {
    const test = await openTestWorld();
    const attempt = new AbortController();
    const heartbeats: string[] = [];
    const run = runTradeUpdates(test.world, {
      signal: attempt.signal,
      heartbeat: (details) => heartbeats.push(details),
    });
    const ended = run.catch(String);
    await until(() => heartbeats.length > 0);
    attempt.abort(new Error('a newer attempt took over'));
    expect(await ended).toContain('a newer attempt took over');
    expect(await statusOf(test)).toBe('2 down');
  });

  it.each([
    ['before it begins', '1 live'],
    ['while its epoch begins', '2 down'],
    ['while it subscribes', '2 down'],
  ])('aborted %s → it ends, and nothing stays open', async (when, status) => {
    const test = await openTestWorld();
    const attempt = new AbortController();
    const abort = (): void => attempt.abort(new Error('a newer attempt took over'));
    if (when === 'before it begins') abort();
    if (when === 'while it subscribes') test.broker.beforeAnswer = abort;
    const run = runTradeUpdates(test.world, { signal: attempt.signal, heartbeat: () => undefined });
    if (when === 'while its epoch begins') abort();
    let ended: unknown = 'it goes on';
    void run.catch((error: unknown) => {
      ended = error;
    });
    for (let looks = 0; looks < 1_000; looks += 1) await new Promise(setImmediate);
    expect(String(ended)).toContain('took over');
    expect(await statusOf(test)).toBe(status);
    expect(test.broker.isStreamOpen).toBe(false);
  });

  it('a frame that cannot be read → the books are repaired from the lists', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await runStreamOnce(test, async () => {
      test.broker.isMuted = true;
      test.broker.fill(ORDER_ID, 100, 145);
      test.broker.pushUnreadable('{"stream":');
      await until(async () => (await standingOf(test)) === 'filled 100');
    });
  });

  it('single frames are missing → the next one shows it, and they are fetched', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    await runStreamOnce(test, async () => {
      test.broker.isMuted = true;
      test.broker.fill(ORDER_ID, 40, 145);
      test.broker.isMuted = false;
      test.broker.fill(ORDER_ID, 10, 145);
      await until(async () => (await standingOf(test)) === 'partially_filled 50');
    });
    const kinds = (await test.world.reader.fills.byOrder(ORDER_ID)).map(({ kind }) => kind);
    expect(kinds).toEqual(['execution', 'execution']);
  });

  it('a frame of an order that nobody of us placed → looked up and observed', async () => {
    const test = await openTestWorld();
    await runStreamOnce(test, async () => {
      test.broker.place(requestOfTest({ clientOrderId: idOf('by-hand') }));
      test.broker.fill('by-hand', 10, 145);
      const isThere = async (): Promise<boolean> =>
        (await test.world.reader.orders.byClientOrderId('by-hand')) !== null;
      await until(isThere);
    });
    expect((await rowOf(test, 'by-hand')).order.intent.strategy).toBe('external');
  });

  it('one bad frame in a batch → the others are booked, then the stream begins anew', async () => {
    const test = await openTestWorld();
    const other = idOf('ord-test-SPY-2-entry');
    await placeOrder(test.world, inputOf());
    await placeOrder(test.world, inputOf({ clientOrderId: other }));
    test.broker.isMuted = true;
    const good = test.broker.fill(ORDER_ID, 100, 145);
    const behind = test.broker.fill(other, 100, 145);
    test.broker.isMuted = false;
    const bad = {
      ...good,
      get raw(): string {
        throw new Error('a frame that breaks us');
      },
    };
    const attempt = new AbortController();
    const heartbeats: string[] = [];
    test.broker.areActivitiesLagging = true;
    test.broker.isLagging = true;
    const run = runTradeUpdates(test.world, {
      signal: attempt.signal,
      heartbeat: (details) => heartbeats.push(details),
    });
    const ended = run.catch(String);
    await until(() => heartbeats.length > 0);
    test.broker.push(bad);
    test.broker.push(behind);
    expect(await ended).toContain('a frame that breaks us');
    expect(await standingOf(test, other)).toBe('filled 100');
    expect(await statusOf(test)).toBe('2 down');
  });
});

describe('applyUpdates', () => {
  it('a stream that was replaced → its frames are refused, nothing is written', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const update = test.broker.fill(ORDER_ID, 100, 145);
    await expect(applyUpdates(test.world, 0, [update])).rejects.toThrow('superseded');
    expect(await standingOf(test)).toBe('accepted 0');
    expect(await test.world.reader.brokerEvents.byId(update.eventId ?? '')).toBeNull();
  });

  it('each frame → kept as it came, with what it came to', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const fill = test.broker.fill(ORDER_ID, 40, 145);
    const strange = test.broker.become(ORDER_ID, 'melted');
    test.broker.place(requestOfTest({ clientOrderId: idOf('by-hand') }));
    const foreign = test.broker.fill('by-hand', 1, 145);
    await applyAll(test, [fill, fill, strange, foreign]);
    const kept = async (id: string | null) => test.world.reader.brokerEvents.byId(id ?? '');
    expect(await kept(fill.eventId)).toMatchObject({ outcome: 'applied', raw: fill.raw });
    expect(await kept(strange.eventId)).toMatchObject({ outcome: 'quarantined' });
    expect(await kept(foreign.eventId)).toMatchObject({ outcome: 'external' });
  });

  it('a frame without an id → kept under the hash of its body, once', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const fill = { ...test.broker.fill(ORDER_ID, 40, 145), eventId: null };
    await applyAll(test, [fill]);
    await applyAll(test, [fill]);
    expect(await test.world.reader.brokerEvents.byOrder(ORDER_ID)).toHaveLength(1);
    expect(await standingOf(test)).toBe('partially_filled 40');
  });

  it('a fill without its price → not guessed: to be repaired', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const fill = { ...test.broker.fill(ORDER_ID, 40, 145), price: null };
    expect((await applyAll(test, [fill])).toRepair).toEqual([fill]);
    expect(await test.world.reader.fills.count()).toBe(0);
  });
});

describe('order looks', () => {
  it('each look that decides nothing → a longer pause, up to half a minute', () => {
    let nowMs = 0;
    const looks = createOrderLooks(() => nowMs);
    looks.add('one');
    const pauses = Array.from({ length: 7 }, () => {
      expect(looks.due()).toEqual(['one']);
      looks.undecided('one');
      looks.add('one'); // A frame in between: it goes on waiting.
      const pauseMs = looks.nextInMs() ?? 0;
      nowMs += pauseMs - 1;
      expect(looks.due()).toEqual([]);
      nowMs += 1;
      return pauseMs;
    });
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('decided → nothing waits; a new frame → due at once', () => {
    const looks = createOrderLooks(() => 5);
    looks.add('one');
    looks.decided('one');
    expect(looks.nextInMs()).toBeNull();
    looks.add('one');
    expect(looks.nextInMs()).toBe(0);
  });
});

describe('event inbox', () => {
  const item = (number: number) =>
    ({ kind: 'unreadable', raw: String(number), reason: 'test' }) as const;

  it('items → in order, as many as asked; closed → what is left, then nothing', async () => {
    const inbox = createEventInbox();
    [1, 2, 3].forEach((number) => inbox.append(item(number)));
    inbox.close();
    expect((await inbox.take(2)).map(({ kind }) => kind)).toHaveLength(2);
    expect(await inbox.take(2)).toEqual([item(3)]);
    expect(await inbox.take(2)).toEqual([]);
  });

  it('woken while it waits → empty, and open', async () => {
    const inbox = createEventInbox();
    const taken = inbox.take(5);
    inbox.wake();
    expect(await taken).toEqual([]);
    expect(inbox.isClosed()).toBe(false);
  });

  it('empty → waits for the next item', async () => {
    const inbox = createEventInbox();
    const taken = inbox.take(5);
    inbox.append(item(1));
    expect(await taken).toEqual([item(1)]);
  });
});
