import { otherWishUnderId } from '../activities/order/deny-wish.js';
import { viewOf } from '../activities/order/order-view.js';
import { isClosed, stateOf } from '../domain/order/index.js';
import { formatQuantity, ZERO_QUANTITY } from '../domain/values/index.js';
import type { OrderView } from '../workflows/contract/order.js';
import { openReader } from './books-access.js';
import { denyDirectly } from './deny-directly.js';
import type { ManualOrder, Submitter } from './run-port.js';

/** The orders of which account, in which folder's books. */
export interface Submission extends Submitter {
  readonly account: string;
  readonly order: ManualOrder;
}

/**
 * Answers a wish by hand once: one under the id of another wish is denied and leaves one audit
 * line, an order that is over answers for itself, and anything else is asked for. Looks again after
 * the answer, since another wish may have taken the id in the meantime.
 */
export async function submitOnce(
  submission: Submission,
  ask: () => Promise<OrderView>,
): Promise<OrderView> {
  const { dataDirectory, account, order } = submission;
  const books = await openReader(dataDirectory);
  try {
    const { orders } = books.reader(account);
    const known = await orders.byClientOrderId(order.clientOrderId);
    const isOther = known !== null && otherWishUnderId(known.order.intent, order) !== null;
    const isOver = known !== null && isClosed(stateOf(known.order));
    const view = isOther || isOver ? viewOf(known) : await ask();
    const held = known ?? (await orders.byClientOrderId(order.clientOrderId));
    const denial = held === null ? null : otherWishUnderId(held.order.intent, order);
    return denial === null ? view : await deny(submission, denial);
  } finally {
    await books.close();
  }
}

async function deny(
  { dataDirectory, account, by: actor, order }: Submission,
  denial: NonNullable<ReturnType<typeof otherWishUnderId>>,
): Promise<OrderView> {
  const { clientOrderId, ...wish } = order;
  const denied = { ...denial, clientOrderId, actor, wish };
  await denyDirectly({ dataDirectory, account, denied });
  return {
    clientOrderId,
    state: 'denied',
    version: 0,
    brokerOrderId: null,
    quantity: formatQuantity(order.quantity),
    filledQuantity: formatQuantity(ZERO_QUANTITY),
    averagePrice: null,
    detail: `${denial.code}: ${denial.message}`,
    needsAttention: false,
  };
}
