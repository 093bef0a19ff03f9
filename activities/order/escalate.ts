import type { BooksTransaction } from '../../adapters/store/port.js';
import type { Order } from '../../domain/order/index.js';
import type { World } from '../world.js';

/** After how long an order that waits for proof is told to a person, once each. */
const ESCALATIONS_MS = [60_000, 5 * 60_000, 30 * 60_000, 4 * 3_600_000];

/**
 * Tells a person that an order has waited for the broker: after a minute, and again ever more
 * rarely. `subject` names the waiting, so that each one escalates by itself.
 */
export async function escalate(
  transaction: BooksTransaction,
  world: World,
  waiting: {
    readonly order: Order;
    readonly subject: string;
    readonly waitedMs: number;
    readonly title: string;
    readonly message: string;
  },
): Promise<void> {
  const { order, subject, waitedMs, title, message } = waiting;
  const level = ESCALATIONS_MS.filter((afterMs) => waitedMs >= afterMs).length;
  if (level === 0) return;
  const { clientOrderId, symbol } = order.intent;
  await transaction.alerts.record({
    alertId: `${subject}/${level}`,
    type: 'api_connectivity',
    severity: 'critical',
    title,
    message: `${message} for ${Math.round(waitedMs / 1_000)} s; it counts as filled at its worst`,
    metadata: JSON.stringify({ clientOrderId, symbol }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  });
}
