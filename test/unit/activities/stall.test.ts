import { describe, expect, it } from 'vitest';
import { meetAccount } from '../../../activities/lifecycle/first-contact.js';
import { recoverFromStall } from '../../../activities/lifecycle/recover-from-stall.js';
import { placeOrder, sendOrder } from '../../../activities/order/place-order.js';
import { createStallGuard, type StallGuard } from '../../../activities/safety/stall-guard.js';
import { epochMs } from '../../../domain/values/index.js';
import { ACCOUNT, openTestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { auditOf, inputOf, ORDER_ID, rowOf, standingOf } from './order-of-test.js';

interface Clocks {
  readonly guard: StallGuard;
  /** Lets the process live, or not, while wall time goes. */
  readonly pass: (wallMs: number, monotonicMs?: number) => void;
  readonly market: { nowMs: number };
}

function openClocks(): Clocks {
  const now = { wallMs: 1_000_000, monotonicMs: 500 };
  const market = { nowMs: 7_000 };
  const guard = createStallGuard({
    wallClock: {
      nowMs: () => epochMs(now.wallMs),
      monotonicMs: () => now.monotonicMs,
    },
    marketClock: { nowMs: () => epochMs(market.nowMs) },
    everyMs: 1_000,
    gapMsMax: 10_000,
  });
  const pass = (wallMs: number, monotonicMs = wallMs): void => {
    now.wallMs += wallMs;
    now.monotonicMs += monotonicMs;
  };
  return { guard, pass, market };
}

describe('stall guard', () => {
  it('a beat each second, some late → no objection, nothing is void', () => {
    const { guard, pass } = openClocks();
    for (const ms of [1_000, 1_020, 9_000, 11_000]) {
      pass(ms);
      expect(guard.beat()).toBeNull();
      expect(guard.objection()).toBeNull();
    }
    expect(guard.voidThroughMs()).toBe(0);
  });

  it.each([
    ['the process stood still', 61_000, 61_000, /stood still for 60\.0 s/],
    ['the machine slept', 3_600_000, 1_000, /ran ahead of the process for 3599\.0 s/],
    ['the clock was put on', 12_000, 1_000, /ran ahead of the process for 11\.0 s/],
    ['the clock was put back', -20_000, 1_000, /put back for 21\.0 s/],
  ])('%s → the next look objects, before any beat', (_what, wallMs, monotonicMs, words) => {
    const { guard, pass, market } = openClocks();
    pass(wallMs, monotonicMs);
    expect(guard.objection()).toMatch(words);
    expect(guard.voidThroughMs()).toBe(market.nowMs);
    expect(guard.beat()).toMatchObject({ number: 1 });
    expect(guard.objection()).toMatch(words);
  });

  it('recovered → no objection, but what was decided stays void; another stall stays', () => {
    const { guard, pass, market } = openClocks();
    pass(60_000);
    const first = guard.beat();
    if (first === null) throw new Error('expected a stall');
    pass(60_000);
    market.nowMs = 8_000;
    expect(guard.beat()).toMatchObject({ number: 2 });
    guard.recovered(first);
    expect(guard.objection()).not.toBeNull();
    const second = guard.beat();
    if (second !== null) guard.recovered(second);
    expect(guard.objection()).toBeNull();
    expect(guard.voidThroughMs()).toBe(8_000);
  });
});

describe('sends after a stall', () => {
  it('decided before it → denied intent_expired, gate shut or open again', async () => {
    const test = await openTestWorld();
    test.advanceMarket(1_000);
    const { over } = test.stall();
    await placeOrder(test.world, inputOf());
    over();
    const second = idOf('second');
    await placeOrder(test.world, inputOf({ clientOrderId: second }));
    for (const id of [ORDER_ID, second]) {
      expect((await rowOf(test, id)).order.progress).toMatchObject({
        state: 'denied',
        code: 'intent_expired',
        message: expect.stringContaining('stood still'),
      });
    }
    expect(test.broker.calls).not.toContain('submitOrder');
  });

  it('decided after it → held until the books are repaired, then sent', async () => {
    const test = await openTestWorld();
    const { over } = test.stall();
    test.advanceMarket(1_000);
    const input = inputOf({ decidedAtMs: test.world.marketClock.nowMs() });
    await expect(placeOrder(test.world, input)).rejects.toThrow('stood still');
    over();
    expect((await placeOrder(test.world, input)).state).toBe('accepted');
  });

  it('it comes between the commit and the wire → not sent, and void', async () => {
    const test = await openTestWorld();
    test.advanceMarket(1_000);
    const input = inputOf({ decidedAtMs: test.world.marketClock.nowMs() });
    test.at('before-send', () => void test.stall());
    await expect(placeOrder(test.world, input)).rejects.toThrow('stood still');
    expect(test.broker.calls).not.toContain('submitOrder');
    expect(await standingOf(test)).toBe('created 0');
    await placeOrder(test.world, input);
    expect(await standingOf(test)).toBe('denied 0');
  });

  it('an unknown order → looked up, never sent again for the old decision', async () => {
    const test = await openTestWorld();
    test.broker.submits.push('drop_before');
    await placeOrder(test.world, inputOf());
    test.stall().over();
    await sendOrder(test.world, inputOf());
    expect(await standingOf(test)).toBe('unknown 0');
    expect(test.broker.calls.filter((call) => call === 'submitOrder')).toHaveLength(1);
  });
});

describe('the clock at the start', () => {
  it.each([
    ['ten seconds off the broker', 10_000, null],
    ['more than ten seconds behind it', -10_001, /found 10 s between them: set the clock/],
    ['minutes ahead of it', 300_000, /found 300 s between them/],
  ])('%s, at a broker whose time is ours → as it must be', async (_what, offMs, refusal) => {
    const test = await openTestWorld();
    const { atMs } = await test.broker.clock();
    const wallClock = { ...test.world.wallClock, nowMs: () => epochMs(atMs + offMs) };
    const met = meetAccount({ ...test.world, mode: 'paper', wallClock });
    if (refusal === null) await expect(met).resolves.toContain('PA0001');
    else await expect(met).rejects.toThrow(refusal);
    await expect(meetAccount({ ...test.world, wallClock })).resolves.toContain('PA0001');
  });
});

describe('recoverFromStall', () => {
  const stall = {
    kind: 'stood_still',
    gapMs: 60_000,
    foundAtMs: epochMs(0),
    number: 1,
  } as const;

  it('fills of the gap are booked before the gate opens; both ends are on record', async () => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    test.broker.isMuted = true;
    test.broker.fill(ORDER_ID, 100, 145);
    test.stall();
    const message = await recoverFromStall(test.world, stall);
    expect(message).toContain('books and broker agree');
    expect(await standingOf(test)).toBe('filled 100');
    expect(test.world.stall.objection()).toBeNull();
    expect(await auditOf(test)).toEqual(expect.arrayContaining(['stall_found', 'stall_over']));
  });

  it.each(['running', 'starting'] as const)(
    'the wall clock ran ahead while %s → the stream is listened to from now on',
    async (state) => {
      const test = await openTestWorld();
      const system = await test.world.reader.systemState.get();
      const before = await test.world.reader.streamState.get();
      if (system === null || before === null) throw new Error('expected a system that is up');
      await test.world.books.transaction(ACCOUNT, async (transaction) => {
        await transaction.systemState.set({ ...system, state });
      });
      test.advanceWall(60_000);
      await recoverFromStall(test.world, { ...stall, kind: 'slept' });
      expect(await test.world.reader.streamState.get()).toMatchObject({
        status: 'live',
        updatedAtWallMs: before.updatedAtWallMs + 60_000,
      });
    },
  );

  it('the broker cannot be read → the gate stays shut', async () => {
    const test = await openTestWorld();
    test.stall();
    test.broker.failing.add('fillActivitiesSince');
    await expect(recoverFromStall(test.world, stall)).rejects.toThrow('did not answer');
    expect(test.world.stall.objection()).not.toBeNull();
  });
});
