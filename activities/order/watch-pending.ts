import type { BrokerOrder } from '../../adapters/broker/port.js';
import type { OrderState } from '../../domain/order/index.js';
import type { OrderView } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { escalate } from './escalate.js';
import { endIdleCancel, endIdleReplacement } from './undo-replacement.js';

/** No transaction for an order that has just begun to pend. */
const WATCHED_AFTER_MS = 60_000;
const PENDING: readonly OrderState[] = ['pending_cancel', 'pending_replace'];

/**
 * Tells a person of an order whose cancel or replacement the broker does not decide, unless it
 * works the order as if nobody had asked for either: then so do the books.
 */
export async function watchPending(
  world: World,
  view: OrderView,
  shown: BrokerOrder,
): Promise<void> {
  if (!PENDING.includes(view.state)) return;
  const history = await world.reader.orders.eventsOf(view.clientOrderId);
  const began = history.findLast((line) => line.fromState !== line.toState);
  if (began === undefined || began.toState !== view.state) return;
  const waitedMs = world.wallClock.nowMs() - began.recordedAtWallMs;
  if (waitedMs < WATCHED_AFTER_MS) return;
  await world.books.transaction(world.account, async (transaction) => {
    const row = await transaction.orders.byClientOrderId(view.clientOrderId);
    if (row === null || row.order.progress.state !== view.state) return;
    if (await endIdleReplacement(transaction, world, { row, shown })) return;
    if (await endIdleCancel(transaction, world, { row, shown })) return;
    await escalate(transaction, world, {
      order: row.order,
      subject: `${view.state}/${view.clientOrderId}/${began.sequence}`,
      waitedMs,
      title: `The broker does not decide about order ${view.clientOrderId}`,
      message: view.state.replace('_', ' '),
    });
  });
}
