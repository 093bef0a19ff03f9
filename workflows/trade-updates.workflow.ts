import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { StreamActivities } from '../activities/stream/stream.activities.js';
import { streamQueue } from './contract/ids.js';
import type { TradeUpdatesInput } from './contract/lifecycle.js';

/**
 * Keeps the broker's trade updates stream open for as long as the account trades. Each attempt of
 * the one long activity is a connection; Temporal's retry policy is the pause before the next.
 */
export async function tradeUpdates(input: TradeUpdatesInput): Promise<void> {
  // Every attempt begins with a repair from REST, so that nothing of the gap before it is lost.
  const { runTradeUpdates } = proxyActivities<StreamActivities>({
    taskQueue: streamQueue(input.account),
    startToCloseTimeout: '30 days',
    heartbeatTimeout: '10s',
    summary: 'broker trade updates',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
  });
  while (!workflowInfo().continueAsNewSuggested) await runTradeUpdates();
  await continueAsNew<typeof tradeUpdates>(input);
}
