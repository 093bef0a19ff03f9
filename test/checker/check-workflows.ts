import type { Books } from './books.js';

/** A workflow execution as the server lists it. */
export interface ListedWorkflow {
  readonly workflowId: string;
  /** `COMPLETED`, `RUNNING`, `FAILED` … */
  readonly status: string;
}

const CLOSED_STATES = [
  'filled',
  'canceled',
  'expired',
  'replaced',
  'refused',
  'denied',
  'abandoned',
];

/** Every order of the books has a workflow: completed when the order is closed, running if not. */
export function checkWorkflows(books: Books, listed: readonly ListedWorkflow[]): readonly string[] {
  const statuses = new Map<string, string[]>();
  for (const { workflowId, status } of listed) {
    statuses.set(workflowId, [...(statuses.get(workflowId) ?? []), status]);
  }
  return books.orders.flatMap((order) => {
    const id = `order/${books.account.account}/${order.client_order_id}`;
    const found = statuses.get(id) ?? [];
    const expected = CLOSED_STATES.includes(order.state) ? 'COMPLETED' : 'RUNNING';
    if (found.length > 0 && found.every((status) => status === expected)) return [];
    return [`workflow ${id} is ${found.join(', ') || 'missing'}, expected ${expected}`];
  });
}
