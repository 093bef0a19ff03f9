import { sleep } from '@temporalio/workflow';
import type { OrderInput, OrderView } from '../../workflows/contract/order.js';
import { order as today } from '../../workflows/order.workflow.js';

/** An order workflow that somebody changed without a patch: it waits before it places. */
export async function order(input: OrderInput): Promise<OrderView> {
  await sleep('1 second');
  return today(input);
}
