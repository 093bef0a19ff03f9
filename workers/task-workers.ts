import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type NativeConnection, Worker } from '@temporalio/worker';
import type { World } from '../activities/world.js';
import { NAMESPACE } from '../workflows/contract/index.js';
import { servedQueues } from './served-queues.js';

/** The Workers of one account. */
export interface TaskWorkers {
  /** Lets the drivers of orders and turns run; resolves when their Worker does. */
  startDriving(): Promise<void>;
  /** Lets what runs finish, within the grace time, and stops polling. */
  shutdown(): Promise<void>;
  /** Rejects when a Worker dies of itself. */
  readonly failed: Promise<never>;
}

const WORKFLOWS_CACHED_MAX = 2_000;
const GRACE_TIME = '5s';
const FORCE_TIME = '15s';

/**
 * Starts Workers on one connection: broker and stream, which a start needs, then safety on its own
 * while the start goes on. That of the orders is made last and waits for `startDriving`: after a
 * crash every open order has a driver that wants to go on, and a start that shares the processor
 * with a thousand of them takes longer than need be. No order moves before the safety Worker runs.
 */
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
  const first = await Promise.all([
    Worker.create({ ...shared, ...broker, workflowBundle, maxCachedWorkflows: 50 }),
    Worker.create({ ...shared, ...stream, maxConcurrentActivityTaskExecutions: 2 }),
  ]);
  const workers: Worker[] = [];
  const runs: Promise<void>[] = [];
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  // Observed by whoever awaits `failed`; never an unhandled rejection.
  failed.catch(() => undefined);
  const run = (worker: Worker): void => {
    workers.push(worker);
    const running = worker.run();
    running.catch(fail);
    runs.push(running);
  };
  for (const worker of first) run(worker);
  const makeOthers = async (): Promise<Worker> => {
    run(await Worker.create({ ...shared, ...safety, workflowBundle, maxCachedWorkflows: 10 }));
    return Worker.create({
      ...shared,
      ...orders,
      workflowBundle,
      maxCachedWorkflows: WORKFLOWS_CACHED_MAX,
      workflowTaskPollerBehavior: { type: 'autoscaling', initial: 4, minimum: 1, maximum: 10 },
    });
  };
  const made = makeOthers();
  made.catch((error: unknown) => fail(error));
  return {
    failed,
    startDriving: async () => run(await made),
    shutdown: async () => {
      const driving = await made.catch(() => null);
      // One that never ran would keep the connection: it ends by running.
      if (driving?.getState() === 'INITIALIZED') run(driving);
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(runs);
    },
  };
}

/** Compiled beside the program by the build. */
function bundlePath(): string {
  return fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
}
