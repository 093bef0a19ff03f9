import '../simulator/temporal/workflow-globals.js';
import { expect, it } from 'vitest';
import { ORDER_WORKFLOW, orderQueue, orderWorkflowId } from '../../workflows/contract/index.js';
import { openSimulatedTheatre } from '../simulator/fidelity/simulated-theatre.js';
import { ACCOUNT, openTestWorld } from '../support/test-world.js';
import { inputOf, ORDER_ID } from '../unit/activities/order-of-test.js';

const ORDER = orderWorkflowId(ACCOUNT, ORDER_ID);

it('an order nobody hears of → asked about again after twice the time', async () => {
  const theatre = openSimulatedTheatre(await openTestWorld());
  const timers = async (): Promise<readonly string[]> =>
    (await theatre.decisionsOf(ORDER)).filter((line) => line.startsWith('timer'));
  try {
    const input = { ...inputOf(), pollIntervalMs: 40_000 };
    const taskQueue = orderQueue(ACCOUNT);
    await theatre.start({ workflowType: ORDER_WORKFLOW, workflowId: ORDER, taskQueue, input });
    await theatre.until(async () => (await timers()).length > 1);
    expect(await timers()).toEqual(['timer 40000', 'timer 80000']);
  } finally {
    theatre.close();
  }
});
