import '../simulator/temporal/workflow-globals.js';
import { expect, it } from 'vitest';
import { DRIVER, startDriver } from './start-driver.js';

it('an order nobody hears of → asked about again after twice the time', async () => {
  const theatre = await startDriver(40_000);
  const timers = async (): Promise<readonly string[]> =>
    (await theatre.decisionsOf(DRIVER)).filter((line) => line.startsWith('timer'));
  try {
    await theatre.until(async () => (await timers()).length > 1);
    expect(await timers()).toEqual(['timer 40000', 'timer 80000']);
  } finally {
    theatre.close();
  }
});
