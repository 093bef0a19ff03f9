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

const TURN_ENDS = ['turned', 'closed_only', 'kept', 'uncovered'];

/**
 * Every order and every turn of the books has a workflow: completed when nothing is left to do,
 * running if not. An order that was denied needs none: it was at its end with its first commit, and
 * whoever asked for it, as the driver of the order that it was to replace, has the answer.
 */
export function checkWorkflows(books: Books, listed: readonly ListedWorkflow[]): readonly string[] {
  const statuses = new Map<string, string[]>();
  for (const { workflowId, status } of listed) {
    statuses.set(workflowId, [...(statuses.get(workflowId) ?? []), status]);
  }
  const { account } = books.account;
  const wanted = [
    ...books.orders.map(({ client_order_id, state }) => ({
      id: `order/${account}/${client_order_id}`,
      isOver: CLOSED_STATES.includes(state),
      isNeeded: state !== 'denied',
    })),
    ...books.turns.map(({ turn_id, state }) => ({
      id: `turn/${account}/${turn_id}`,
      isOver: TURN_ENDS.includes(state),
      isNeeded: true,
    })),
  ];
  return wanted.flatMap(({ id, isOver, isNeeded }) => {
    const found = statuses.get(id) ?? [];
    const expected = isOver ? 'COMPLETED' : 'RUNNING';
    const isThere = found.length > 0 || !isNeeded;
    if (isThere && found.every((status) => status === expected)) return [];
    return [`workflow ${id} is ${found.join(', ') || 'missing'}, expected ${expected}`];
  });
}
