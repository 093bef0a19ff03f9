import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type NativeConnection, Worker } from '@temporalio/worker';
import type { World } from '../activities/world.js';
import { NAMESPACE } from '../workflows/contract/index.js';
import { servedQueues } from './served-queues.js';

/** The Workers of one account, polling. */
export interface TaskWorkers {
  /** Lets what runs finish, within the grace time, and stops polling. */
  shutdown(): Promise<void>;
  /** Rejects when a Worker dies of itself. */
  readonly failed: Promise<never>;
}

const WORKFLOWS_CACHED_MAX = 2_000;
const GRACE_TIME = '5s';
const FORCE_TIME = '15s';

/** Starts the four Workers on one connection: orders, broker, safety on its own, and the stream. */
export async function startTaskWorkers(
  connection: NativeConnection,
  world: World,
): Promise<TaskWorkers> {
  const code = readFileSync(bundlePath(), 'utf8');
  const workflowBundle = { code };
  const shared = {
    connection,
    namespace: NAMESPACE,
    shutdownGraceTime: GRACE_TIME,
    shutdownForceTime: FORCE_TIME,
    stickyQueueScheduleToStartTimeout: '2s',
  } as const;
  const { orders, broker, safety, stream } = servedQueues(world);
  const workers = await Promise.all([
    Worker.create({
      ...shared,
      ...orders,
      workflowBundle,
      maxCachedWorkflows: WORKFLOWS_CACHED_MAX,
      workflowTaskPollerBehavior: { type: 'autoscaling', initial: 4, minimum: 1, maximum: 10 },
    }),
    Worker.create({ ...shared, ...broker, workflowBundle, maxCachedWorkflows: 50 }),
    Worker.create({ ...shared, ...safety, workflowBundle, maxCachedWorkflows: 10 }),
    Worker.create({ ...shared, ...stream, maxConcurrentActivityTaskExecutions: 2 }),
  ]);
  const runs = workers.map((worker) => worker.run());
  const failed = new Promise<never>((_resolve, reject) => {
    for (const run of runs) run.catch(reject);
  });
  // Observed by whoever awaits `failed`; never an unhandled rejection.
  failed.catch(() => undefined);
  return {
    failed,
    shutdown: async () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(runs);
    },
  };
}

/** Compiled beside the program by the build. */
function bundlePath(): string {
  return fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
}
