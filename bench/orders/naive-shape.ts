import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { createOrderActivities } from '../../activities/order/order.activities.js';
import type { Drivers } from '../../activities/world.js';
import { openTemporalDrivers } from '../../workers/temporal-drivers.js';
import { startAndAwaitAnswer } from '../../workers/start-and-await-answer.js';
import { NAMESPACE, type OrderInput, type OrderView } from '../../workflows/contract/index.js';
import { createNaiveActivities } from './naive-activities.js';
import { EMPTY_WORKFLOW, NAIVE_ACTIVITY_QUEUE, NAIVE_QUEUE } from './naive-queues.js';
import type { BenchStack } from './stack.js';

/** The shape to compare with, ready to be started. */
export interface NaiveShape {
  readonly startOrder: Drivers['startOrder'];
  readonly startAndAwaitAnswer: (input: OrderInput) => Promise<OrderView>;
  /** Starts an empty workflow, eagerly as all are, and waits for its result. */
  runEmpty(workflowId: string): Promise<void>;
  close(): Promise<void>;
}

const compiled = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/**
 * Starts the naive shape's Workers beside the real ones: the same workflow, options and eager
 * start, but `placeOrder` cut in three by an interceptor, on a queue with a Worker of its own.
 */
export async function openNaiveShape(stack: BenchStack): Promise<NaiveShape> {
  const { world, connection } = stack;
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: compiled('./naive-workflows.js'),
    workflowInterceptorModules: [compiled('./naive-interceptors.js')],
    logger: new DefaultLogger('WARN'),
  });
  const shared = { connection, namespace: NAMESPACE };
  const workers = await Promise.all([
    Worker.create({
      ...shared,
      workflowBundle,
      taskQueue: NAIVE_QUEUE,
      activities: { ...createOrderActivities(world) },
      maxCachedWorkflows: 2_000,
      workflowTaskPollerBehavior: { type: 'autoscaling', initial: 4, minimum: 1, maximum: 10 },
    }),
    Worker.create({
      ...shared,
      taskQueue: NAIVE_ACTIVITY_QUEUE,
      activities: { ...createNaiveActivities(world) },
    }),
  ]);
  const runs = workers.map((worker) => worker.run());
  const client = clientOnNaiveQueue(stack);
  const { account, mode } = world;
  const drivers = openTemporalDrivers({ client, account, mode, isInWorkerProcess: true });
  return {
    startOrder: drivers.startOrder,
    startAndAwaitAnswer: (input) => startAndAwaitAnswer({ client, mode }, input),
    runEmpty: async (workflowId) => {
      const options = { workflowId, taskQueue: NAIVE_QUEUE, requestEagerStart: true };
      const handle = await client.workflow.start(EMPTY_WORKFLOW, options);
      await handle.result();
    },
    close: async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.all(runs);
    },
  };
}

/** The real drivers start the naive workflow: only the queue is another. */
function clientOnNaiveQueue({ connection }: BenchStack): Client {
  return new Client({
    connection,
    namespace: NAMESPACE,
    interceptors: {
      workflow: [
        {
          startWithDetails: (input, next) =>
            next({ ...input, options: { ...input.options, taskQueue: NAIVE_QUEUE } }),
          startUpdateWithStart: (input, next) => {
            const workflowStartOptions = { ...input.workflowStartOptions, taskQueue: NAIVE_QUEUE };
            return next({ ...input, workflowStartOptions });
          },
        },
      ],
    },
  });
}
