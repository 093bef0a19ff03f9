import { createLifecycleActivities } from '../activities/lifecycle/lifecycle.activities.js';
import { createOrderActivities } from '../activities/order/order.activities.js';
import { createReconciliationActivities } from '../activities/reconciliation/reconciliation.activities.js';
import { createSafetyActivities } from '../activities/safety/safety.activities.js';
import { createSessionActivities } from '../activities/session/session.activities.js';
import { createStreamActivities } from '../activities/stream/stream.activities.js';
import { createTurnActivities } from '../activities/turn/turn.activities.js';
import type { World } from '../activities/world.js';
import { brokerQueue, orderQueue, safetyQueue, streamQueue } from '../workflows/contract/index.js';

/** A task queue and the activities that a process of the account takes from it. */
export interface ServedQueue {
  readonly taskQueue: string;
  readonly activities: object;
}

/** Which activities run on which queue of an account: the one place that says so. */
export function servedQueues(
  world: World,
): Readonly<Record<'orders' | 'broker' | 'safety' | 'stream', ServedQueue>> {
  const { account } = world;
  return {
    orders: {
      taskQueue: orderQueue(account),
      activities: { ...createOrderActivities(world), ...createTurnActivities(world) },
    },
    broker: {
      taskQueue: brokerQueue(account),
      activities: {
        ...createLifecycleActivities(world),
        ...createReconciliationActivities(world),
        ...createSessionActivities(world),
      },
    },
    safety: { taskQueue: safetyQueue(account), activities: { ...createSafetyActivities(world) } },
    stream: { taskQueue: streamQueue(account), activities: { ...createStreamActivities(world) } },
  };
}
