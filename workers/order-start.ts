import { orderQueue, type OrderInput, orderWorkflowId } from '../workflows/contract/index.js';
import { summaryOf } from './order-summary.js';
import { orderAttributes } from './search-attributes.js';

/** How the driver of an order is started, whoever starts it. */
export function orderStart(input: OrderInput, mode: string) {
  const { intent } = input;
  return {
    workflowId: orderWorkflowId(intent.account, intent.clientOrderId),
    taskQueue: orderQueue(intent.account),
    args: [input],
    // An order that the broker has reopened needs a second driver, though the first has ended.
    workflowIdReusePolicy: input.isResumed ? 'ALLOW_DUPLICATE' : 'ALLOW_DUPLICATE_FAILED_ONLY',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: summaryOf(intent),
    staticDetails: `${intent.reason} (${intent.strategy})`,
    typedSearchAttributes: orderAttributes(intent, mode),
  } as const;
}
