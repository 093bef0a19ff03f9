import '../simulator/temporal/workflow-globals.js';
import { expect, it } from 'vitest';
import { viewOf } from '../../activities/order/order-view.js';
import { orderChanged } from '../../workflows/contract/index.js';
import { ORDER_ID, rowOf } from '../unit/activities/order-of-test.js';
import { applyAll } from '../unit/activities/stream-of-test.js';
import { DRIVER, startDriver } from './start-driver.js';

it('an order driver: filled in three pieces → whoever searches finds each of them', async () => {
  const theatre = await startDriver(60_000);
  const { test } = theatre;
  /** How much is filled, as each change of the search attributes says. */
  const searched = async (): Promise<readonly string[]> =>
    (await theatre.decisionsOf(DRIVER)).flatMap((line) => {
      const found = /OrdFilledQuantity=\[?([\d.]+)/.exec(line);
      return found?.[1] === undefined ? [] : [found[1]];
    });
  try {
    await theatre.until(async () => (await searched()).length > 0);
    for (const units of [40, 30, 30]) {
      await applyAll(test, [test.broker.fill(ORDER_ID, units, 145)]);
      await theatre.signal(DRIVER, orderChanged.name, viewOf(await rowOf(test)));
      const { length } = await searched();
      await theatre.until(async () => (await searched()).length > length);
    }
    expect(await searched()).toEqual(['0', '40', '70', '100']);
  } finally {
    theatre.close();
  }
});
