import { proxyActivities, type WorkflowInterceptors } from '@temporalio/workflow';
import type { OrderInput, OrderView } from '../../workflows/contract/order.js';
import type { NaiveActivities } from './naive-activities.js';
import { NAIVE_ACTIVITY_QUEUE } from './naive-queues.js';

const steps = proxyActivities<NaiveActivities>({
  taskQueue: NAIVE_ACTIVITY_QUEUE,
  startToCloseTimeout: '15s',
  retry: { initialInterval: '250ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/**
 * Three regular activities where the order workflow asks for `placeOrder`: the whole difference.
 */
export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      scheduleActivity: (input, next) =>
        input.activityType === 'placeOrder'
          ? placeInSteps(input.args[0] as OrderInput)
          : next(input),
    },
  ],
});

async function placeInSteps(input: OrderInput): Promise<OrderView> {
  const admission = await steps.admitNaively(input);
  if (admission.kind === 'settled') return admission.view;
  const { order } = admission;
  return steps.recordNaively({ order, outcome: await steps.postNaively(order) });
}
