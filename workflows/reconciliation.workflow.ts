import { proxyActivities } from '@temporalio/workflow';
import type { ReconciliationActivities } from '../activities/reconciliation/reconciliation.activities.js';
import { brokerQueue } from './contract/ids.js';
import type { ReconciliationInput, ReconciliationResult } from './contract/lifecycle.js';

/**
 * Compares the books with the broker once: on the Schedule, after orders have closed, or when
 * somebody asks.
 */
export async function reconciliation(input: ReconciliationInput): Promise<ReconciliationResult> {
  // Reads and records; the next run makes up for one that gave up.
  const { reconcile } = proxyActivities<ReconciliationActivities>({
    taskQueue: brokerQueue(input.account),
    startToCloseTimeout: '30s',
    summary: input.trigger,
    retry: { initialInterval: '1s', maximumAttempts: 3 },
  });
  return reconcile(input);
}
