import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { LifecycleActivities } from '../activities/lifecycle/lifecycle.activities.js';
import { brokerQueue } from './contract/ids.js';
import type { LifecycleStep, ShutdownInput, ShutdownResult } from './contract/lifecycle.js';

/**
 * Takes the account down: no new orders, working ones by policy and verified at the broker, the
 * last word in the books.
 */
export async function shutdown(input: ShutdownInput): Promise<ShutdownResult> {
  // Each step may be repeated; the deadline is in the input, so that a repeat does not start it
  // anew. A step that fails is tried for as long as the run waits for it, half a minute.
  const lifecycle = proxyActivities<LifecycleActivities>({
    taskQueue: brokerQueue(input.account),
    startToCloseTimeout: '60s',
    retry: {
      initialInterval: '250ms',
      backoffCoefficient: 2,
      maximumInterval: '2s',
      maximumAttempts: 20,
    },
  });
  const steps: LifecycleStep[] = [];
  const note = (step: LifecycleStep): boolean => {
    steps.push(step);
    setCurrentDetails(steps.map(({ name, message }) => `- **${name}**: ${message}`).join('\n'));
    return step.outcome === 'superseded';
  };
  if (note(await lifecycle.refuseNewOrders(input))) {
    return { outcome: 'superseded', ordersLeft: [], steps };
  }
  const ordersLeft = await lifecycle.settleOrders(input);
  const last = await lifecycle.persistFinalState(input, ordersLeft);
  note(last);
  if (ordersLeft.length > 0) return { outcome: 'orders_left', ordersLeft, steps };
  return { outcome: last.outcome === 'unsettled' ? 'unsettled' : 'stopped', ordersLeft, steps };
}
