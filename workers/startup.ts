import type { Client } from '@temporalio/client';
import { askAgainForLost, ensureDrivers } from '../activities/lifecycle/ensure-driver.js';
import { recordStartupError } from '../activities/lifecycle/startup-steps.js';
import type { World } from '../activities/world.js';
import { brokerQueue, startupWorkflowId } from '../workflows/contract/index.js';
import { STARTUP_WORKFLOW, type StartupResult } from '../workflows/contract/lifecycle.js';
import { type StartEvent, StartRefused } from './start-options.js';

/**
 * Runs the startup workflow of this epoch to its end. A step that failed is one line, the books say
 * `error`, and nothing trades.
 */
export async function runStartup(
  client: Client,
  world: World,
  onEvent: (event: StartEvent) => void,
): Promise<'running' | 'halted'> {
  try {
    return await throughSteps(client, world, onEvent);
  } catch (error) {
    await leaveError(world, error);
    throw error;
  }
}

/** Never rejects: that the start has failed, and why, must be told in any case. */
async function leaveError(world: World, failed: unknown): Promise<void> {
  try {
    await recordStartupError(world, failed instanceof Error ? failed.message : String(failed));
  } catch (error) {
    world.log.error({ error: String(error) }, 'the books do not say that the start has failed');
  }
}

async function throughSteps(
  client: Client,
  world: World,
  onEvent: (event: StartEvent) => void,
): Promise<'running' | 'halted'> {
  const { account, bootEpoch } = world;
  const handle = await client.workflow.start(STARTUP_WORKFLOW, {
    workflowId: startupWorkflowId(account, bootEpoch),
    taskQueue: brokerQueue(account),
    args: [{ account, bootEpoch }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `start ${bootEpoch} of ${account}`,
  });
  const result: StartupResult = await handle.result();
  for (const step of result.steps) {
    onEvent({ kind: 'step', name: step.name, message: step.message });
  }
  if (result.outcome === 'running' || result.outcome === 'halted') return result.outcome;
  const failed = result.steps.at(-1);
  throw new StartRefused(`startup: ${failed?.name ?? 'no step'}: ${failed?.message ?? ''}`, 1);
}

/**
 * Gives open orders and turns that have lost their driver theirs again, once the system runs, and
 * orders that were never begun: new orders need not wait until Temporal has told which of a
 * thousand run. Never rejects: where it fails the next reconciliation does the first, and the next
 * start both.
 */
export async function restoreDrivers(world: World): Promise<void> {
  try {
    await ensureDrivers(world);
    await askAgainForLost(world);
  } catch (error) {
    world.log.error({ error: String(error) }, 'drivers are left to the next reconciliation');
  }
}
