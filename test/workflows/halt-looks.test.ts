import '../simulator/temporal/workflow-globals.js';
import { expect, it } from 'vitest';
import { placeOrder } from '../../activities/order/place-order.js';
import { KILL_SWITCH, startKillSwitch } from '../simulator/fidelity/kill-switch.js';
import { openSimulatedTheatre } from '../simulator/fidelity/simulated-theatre.js';
import { openTestWorld, type TestWorld } from '../support/test-world.js';
import { inputOf } from '../unit/activities/order-of-test.js';

/** The pauses of the kill switch between its looks, once a halt has led to so many of them. */
async function pausesOf(test: TestWorld, halt: object, count: number): Promise<readonly string[]> {
  const theatre = openSimulatedTheatre(test);
  const timers = async (): Promise<readonly string[]> =>
    (await theatre.decisionsOf(KILL_SWITCH)).filter((line) => line.startsWith('timer'));
  try {
    await startKillSwitch(theatre);
    await theatre.signal(KILL_SWITCH, 'halt', halt);
    await theatre.until(async () => (await timers()).length >= count);
    return await timers();
  } finally {
    theatre.close();
  }
}

it('a halt that an unknown order keeps open → looked at ever more rarely', async () => {
  const test = await openTestWorld();
  test.broker.submits.push('drop_before');
  await placeOrder(test.world, inputOf());
  const pausesMs = [...Array<number>(8).fill(1_000), 2_000, 3_000, 5_000, 10_000, 10_000];
  expect(await pausesOf(test, {}, 13)).toEqual(pausesMs.map((ms) => `timer ${ms}`));
});

it('only exits are let go on → nothing is waited for, and the watch is slow at once', async () => {
  const pauses = await pausesOf(await openTestWorld(), { reason: 'daily_loss' }, 3);
  expect(pauses).toEqual(['timer 30000', 'timer 30000', 'timer 30000']);
});
