import { NOTHING_SAID } from '../order/append-event.js';
import type { AskedCancel } from './cancel-for-halt.js';
import type { HaltWorld } from './engage-halt.js';

/**
 * Writes into the history of each order of ours that a halt, or a shutdown, asked the broker to
 * cancel it, and what the broker said. After the asking: a halt waits for no books.
 */
export async function recordHaltCancels(
  world: Pick<HaltWorld, 'account' | 'books' | 'wallClock' | 'marketClock'>,
  asked: readonly AskedCancel[],
): Promise<void> {
  if (asked.length === 0) return;
  await world.books.transaction(world.account, async (transaction) => {
    for (const { brokerOrderId, outcome } of asked) {
      const row = await transaction.orders.byBrokerOrderId(brokerOrderId);
      if (row === null) continue; // Somebody else's, or one whose answer is still under way.
      const { state } = row.order.progress;
      await transaction.orders.appendEvent({
        clientOrderId: row.order.intent.clientOrderId,
        kind: 'cancel_by_halt',
        fromState: state,
        toState: state,
        outcome: 'moved',
        source: 'answer',
        detail: JSON.stringify(outcome),
        ...NOTHING_SAID,
        atMs: world.marketClock.nowMs(),
        recordedAtWallMs: world.wallClock.nowMs(),
      });
    }
  });
}
