import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { resolveOrder } from '../../../activities/order/resolve-order.js';
import { createStallGuard } from '../../../activities/safety/stall-guard.js';
import { steadyWallClock } from '../../../activities/safety/steady-wall-clock.js';
import type { WallClock } from '../../../activities/world.js';
import { epochMs } from '../../../domain/values/index.js';
import { openTestWorld } from '../../support/test-world.js';
import { inputOf, ORDER_ID } from './order-of-test.js';

const STALL_MS_MAX = 10_000;
const MINUTE_MS = 60_000;

/** A machine whose clock can be set, and the clock of a process on it. */
function openMachine(base: WallClock | null = null) {
  const now = { livedMs: 0.4, setMs: 0 };
  const livedMs = (): number => base?.monotonicMs() ?? now.livedMs;
  const machine: WallClock = {
    nowMs: () => epochMs((base?.nowMs() ?? 1_000_000 + Math.floor(now.livedMs)) + now.setMs),
    monotonicMs: livedMs,
    sleep: async () => undefined,
  };
  const steady = steadyWallClock(machine, STALL_MS_MAX);
  const guard = createStallGuard({
    wallClock: steady,
    marketClock: { nowMs: () => epochMs(7_000) },
    everyMs: 1_000,
    gapMsMax: STALL_MS_MAX,
  });
  return { now, machine, steady, guard };
}

describe('steady wall clock', () => {
  it.each([9_000, -9_000])('the machine’s clock is set by %i ms → it runs on', (setMs) => {
    const { now, steady, guard } = openMachine();
    now.livedMs += 1_000;
    now.setMs += setMs;
    expect(steady.nowMs()).toBe(1_001_000);
    expect(guard.beat()).toBeNull();
    now.livedMs += 1_000;
    expect(steady.nowMs()).toBe(1_002_000);
  });

  it.each([
    ['one step', [12_000]],
    ['two steps that add up', [6_000, 6_000]],
    ['back', [-12_000]],
    ['just beyond', [10_002]],
  ])('%s of more than a stall → it follows, and the guard finds it', (_name, steps) => {
    const { now, machine, steady, guard } = openMachine();
    const found = steps.map((setMs) => {
      now.livedMs += 1_000;
      now.setMs += setMs;
      return guard.beat();
    });
    expect(found.at(-1)).toMatchObject({ number: 1 });
    expect(steady.nowMs()).toBe(machine.nowMs());
  });
});

describe('an unknown order while the clock is set by less than a stall', () => {
  it('→ its five minutes and its minute are lived through', async () => {
    const test = await openTestWorld();
    const { now, steady } = openMachine(test.world.wallClock);
    const world = { ...test.world, wallClock: steady };
    test.broker.submits.push('drop_before');
    await placeOrder(world, inputOf());
    test.advanceMarket(121_000);
    test.advanceWall(MINUTE_MS);
    await resolveOrder(world, ORDER_ID);
    now.setMs += 9_000;
    test.advanceWall(4 * MINUTE_MS - 1);
    expect((await resolveOrder(world, ORDER_ID)).state).toBe('unknown');
    test.advanceWall(1);
    expect((await resolveOrder(world, ORDER_ID)).state).toBe('abandoned');
  });
});
