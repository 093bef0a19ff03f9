import { sleep } from '@temporalio/workflow';
import type { OrderInput, OrderView } from '../../workflows/contract/order.js';
import type { TurnInput, TurnView } from '../../workflows/contract/turn.js';
import { order as today } from '../../workflows/order.workflow.js';
import { turn as turnToday } from '../../workflows/turn.workflow.js';

/** An order workflow that somebody changed without a patch: it waits before it places. */
export async function order(input: OrderInput): Promise<OrderView> {
  await sleep('1 second');
  return today(input);
}

/** A turn workflow that somebody changed without a patch: it waits before it looks. */
export async function turn(input: TurnInput): Promise<TurnView> {
  await sleep('1 second');
  return turnToday(input);
}
