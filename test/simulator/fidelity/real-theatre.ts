import type { Client } from '@temporalio/client';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { NAMESPACE } from '../../../workflows/contract/index.js';
import { servedQueues } from '../../../workers/served-queues.js';
import type { TestWorld } from '../../support/test-world.js';
import { decisionsOfHistory } from './decisions.js';
import type { Theatre } from './theatre.js';

const LOOK_MS = 10;
const LASTS_MS_MAX = 60_000;

export interface RealGround {
  readonly connection: NativeConnection;
  readonly client: Client;
  readonly workflowBundle: { readonly code: string };
}

/** A real server with real Workers, on the same activities. */
export async function openRealTheatre(
  test: TestWorld,
  { connection, client, workflowBundle }: RealGround,
): Promise<Theatre & { close(): Promise<void> }> {
  const queues = Object.values(servedQueues(test.world));
  const options = { connection, namespace: NAMESPACE, workflowBundle };
  const workers = await Promise.all(
    queues.map(({ taskQueue, activities }) =>
      Worker.create({ ...options, taskQueue, activities: { ...activities } }),
    ),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    const endsAtMs = performance.now() + LASTS_MS_MAX;
    while (!(await isSo())) {
      if (performance.now() > endsAtMs) throw new Error('expected the script to come to its end');
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  };
  return {
    test,
    until,
    close: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
    },
    start: async ({ workflowType, workflowId, taskQueue, input }) => {
      const policy = { workflowIdConflictPolicy: 'TERMINATE_EXISTING' } as const;
      await client.workflow.start(workflowType, {
        workflowId,
        taskQueue,
        args: [input],
        ...policy,
      });
    },
    signal: async (workflowId, name, argument) => {
      await client.workflow.getHandle(workflowId).signal(name, argument);
    },
    update: async (workflowId, name, argument) => {
      try {
        return await client.workflow
          .getHandle(workflowId)
          .executeUpdate(name, { args: [argument] });
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) return error.cause?.message ?? '';
        throw error;
      }
    },
    decisionsOf: async (workflowId) =>
      decisionsOfHistory(await client.workflow.getHandle(workflowId).fetchHistory()),
  };
}
