import {
  ApplicationFailure,
  ActivityFailure,
  proxyActivities,
  setCurrentDetails,
} from '@temporalio/workflow';
import type { LifecycleActivities } from '../activities/lifecycle/lifecycle.activities.js';
import { brokerQueue } from './contract/ids.js';
import type { LifecycleInput, LifecycleStep, StartupResult } from './contract/lifecycle.js';

/** Brings the account up; start is recovery. Nothing is placed before the last step. */
export async function startup(input: LifecycleInput): Promise<StartupResult> {
  // Every step looks before it acts, and may be repeated; what a person must mend is not retried.
  const lifecycle = proxyActivities<LifecycleActivities>({
    taskQueue: brokerQueue(input.account),
    startToCloseTimeout: '120s',
    retry: {
      initialInterval: '500ms',
      backoffCoefficient: 2,
      maximumInterval: '5s',
      maximumAttempts: 6,
    },
  });
  const steps: LifecycleStep[] = [];
  const order = [
    lifecycle.prepareDatabase,
    lifecycle.meetAccount,
    lifecycle.checkKillSwitch,
    lifecycle.reconcileAtStartup,
    lifecycle.openComponents,
    lifecycle.becomeRunning,
  ];
  for (const run of order) {
    try {
      const step = await run(input);
      steps.push(step);
      setCurrentDetails(steps.map(({ name, message }) => `- **${name}**: ${message}`).join('\n'));
      if (step.outcome === 'superseded') return { outcome: 'superseded', steps };
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      const message = messageOf(error);
      steps.push({ name: error.activityType, outcome: 'failed', message });
      return { outcome: 'failed', steps };
    }
  }
  const isHalted = steps.at(-1)?.message === 'halted';
  return { outcome: isHalted ? 'halted' : 'running', steps };
}

function messageOf(error: ActivityFailure): string {
  return error.cause instanceof ApplicationFailure || error.cause instanceof Error
    ? error.cause.message
    : error.message;
}
