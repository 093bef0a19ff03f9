import { proxyActivities } from '@temporalio/workflow';
import type { SessionActivities } from '../activities/session/session.activities.js';
import { brokerQueue } from './contract/ids.js';
import type { BackupInput } from './contract/lifecycle.js';

/**
 * One verified backup of the books, on the daily Schedule. Sessions make their own before the open.
 */
export async function backup(input: BackupInput): Promise<string> {
  // A second copy does no harm; old ones go by the retention rule.
  const { backUpBooks } = proxyActivities<SessionActivities>({
    taskQueue: brokerQueue(input.account),
    startToCloseTimeout: '10 minutes',
    retry: { initialInterval: '10s', maximumAttempts: 5 },
  });
  return backUpBooks();
}
