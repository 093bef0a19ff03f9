import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import {
  backupScheduleId,
  brokerQueue,
  reconciliationScheduleId,
} from '../workflows/contract/index.js';
import { BACKUP_WORKFLOW, RECONCILIATION_WORKFLOW } from '../workflows/contract/lifecycle.js';

const RECONCILE_EVERY = '60s';

/** Makes the schedules of an account, or lets those that are there go on. */
export async function ensureSchedules(client: Client, account: string): Promise<void> {
  const schedules = [reconciliationSchedule(account), backupSchedule(account)];
  await Promise.all(schedules.map((wish) => ensureSchedule(client, wish)));
}

/** Nothing is started by time while nobody runs. */
export async function pauseSchedules(client: Client, account: string): Promise<void> {
  for (const scheduleId of [reconciliationScheduleId(account), backupScheduleId(account)]) {
    await client.schedule.getHandle(scheduleId).pause('shutting down');
  }
}

/** Every minute, with a small window to catch up: a comparison of the past is worth nothing. */
function reconciliationSchedule(account: string): ScheduleOptions {
  const scheduleId = reconciliationScheduleId(account);
  return {
    scheduleId,
    spec: { intervals: [{ every: RECONCILE_EVERY, offset: '7s' }] },
    policies: {
      overlap: ScheduleOverlapPolicy.BUFFER_ONE,
      catchupWindow: '1m',
      pauseOnFailure: false,
    },
    action: {
      type: 'startWorkflow',
      workflowType: RECONCILIATION_WORKFLOW,
      workflowId: `${scheduleId}/scheduled`,
      taskQueue: brokerQueue(account),
      args: [{ account, trigger: 'schedule' }],
      workflowExecutionTimeout: '50s',
    },
  };
}

/** Daily; one that was missed while nothing ran is made up for once. */
function backupSchedule(account: string): ScheduleOptions {
  const scheduleId = backupScheduleId(account);
  return {
    scheduleId,
    spec: { intervals: [{ every: '1 day', offset: '5h' }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 day' },
    action: {
      type: 'startWorkflow',
      workflowType: BACKUP_WORKFLOW,
      workflowId: `${scheduleId}/daily`,
      taskQueue: brokerQueue(account),
      args: [{ account }],
      workflowExecutionTimeout: '1 hour',
    },
  };
}

async function ensureSchedule(client: Client, schedule: ScheduleOptions): Promise<void> {
  try {
    await client.schedule.create(schedule);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(schedule.scheduleId).unpause('running again');
  }
}
