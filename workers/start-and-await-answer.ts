import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/client';
import {
  ORDER_WORKFLOW,
  orderAnswered,
  type OrderInput,
  type OrderView,
  orderView,
  orderWorkflowId,
} from '../workflows/contract/index.js';
import { orderStart } from './order-start.js';

/**
 * Starts an order's driver and resolves with what the broker or we have answered, or that nobody
 * can tell: one request to Temporal, whatever comes in between. Of an order whose driver has ended,
 * the last it knew.
 */
export async function startAndAwaitAnswer(
  { client, mode }: { readonly client: Client; readonly mode: string },
  input: OrderInput,
): Promise<OrderView> {
  const { args, ...start } = orderStart(input, mode);
  const operation = new WithStartWorkflowOperation(ORDER_WORKFLOW, { ...start, args: [...args] });
  try {
    return await client.workflow.executeUpdateWithStart(orderAnswered, {
      startWorkflowOperation: operation,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { account, clientOrderId } = input.intent;
    const ended = client.workflow.getHandle(orderWorkflowId(account, clientOrderId));
    const view = await ended.query(orderView);
    if (view === null) throw error;
    return view;
  }
}
