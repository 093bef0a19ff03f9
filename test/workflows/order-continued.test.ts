import '../simulator/temporal/workflow-globals.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { viewOf } from '../../activities/order/order-view.js';
import { cancelOrder, orderChanged } from '../../workflows/contract/index.js';
import { ORDER_ID, rowOf, standingOf } from '../unit/activities/order-of-test.js';
import { applyAll } from '../unit/activities/stream-of-test.js';
import { DRIVER, startDriver } from './start-driver.js';

/** Some polls of an order that rests. */
const HISTORY_EVENTS_MAX = 40;

let theatre: Awaited<ReturnType<typeof startDriver>>;

beforeEach(async () => {
  theatre = await startDriver(100, { historyEventsMax: HISTORY_EVENTS_MAX });
});

afterEach(() => theatre.close());

/** Waits until another run of the same driver has begun, and has placed nothing. */
async function untilContinued(): Promise<void> {
  let before = 0;
  await theatre.until(async () => {
    const { length } = await theatre.decisionsOf(DRIVER);
    const isAnew = length < before;
    before = length;
    return isAnew;
  });
}

it('an order rests for long → its driver goes on as a new run, nothing is sent again', async () => {
  await untilContinued();
  const { broker } = theatre.test;
  expect(broker.calls.filter((call) => call === 'submitOrder')).toHaveLength(1);
  await applyAll(theatre.test, [broker.fill(ORDER_ID, 100, 145)]);
  await theatre.signal(DRIVER, orderChanged.name, viewOf(await rowOf(theatre.test)));
  const decided = async (): Promise<readonly string[]> => theatre.decisionsOf(DRIVER);
  await theatre.until(async () => (await decided()).some((line) => line.startsWith('completed')));
  expect(await standingOf(theatre.test)).toBe('filled 100');
});

it('a cancel that is asked of the new run → reaches the broker', async () => {
  await untilContinued();
  const request = { requestedBy: 'alice', reason: 'enough' };
  const answer = await theatre.update(DRIVER, cancelOrder.name, request);
  expect(answer).toMatchObject({ outcome: 'requested' });
});
