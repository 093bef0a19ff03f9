import '../simulator/temporal/workflow-globals.js';
import { ORDER_WORKFLOW, orderQueue, orderWorkflowId } from '../../workflows/contract/index.js';
import { openSimulatedTheatre } from '../simulator/fidelity/simulated-theatre.js';
import type { Theatre } from '../simulator/fidelity/theatre.js';
import type { ServerWeather } from '../simulator/temporal/server-weather.js';
import { ACCOUNT, openTestWorld } from '../support/test-world.js';
import { inputOf, ORDER_ID } from '../unit/activities/order-of-test.js';

export const DRIVER = orderWorkflowId(ACCOUNT, ORDER_ID);

/** The driver of the order of the tests on the simulated runtime, just started. */
export async function startDriver(
  pollIntervalMs: number,
  weather: Partial<ServerWeather> = {},
): Promise<ReturnType<typeof openSimulatedTheatre>> {
  const theatre = openSimulatedTheatre(await openTestWorld(), weather);
  await startIn(theatre, pollIntervalMs);
  return theatre;
}

/** The same in a world that a test has prepared. */
export async function startIn({ start }: Theatre, pollIntervalMs: number): Promise<void> {
  const input = { ...inputOf(), pollIntervalMs };
  const taskQueue = orderQueue(ACCOUNT);
  await start({ workflowType: ORDER_WORKFLOW, workflowId: DRIVER, taskQueue, input });
}
