import { brokerOrderIdOf, canOverfill } from '../../domain/order/index.js';
import { formatQuantity } from '../../domain/values/index.js';
import type { World } from '../world.js';

/**
 * Cancels a replacement that can fill more than was wished, since the order it replaced had filled
 * in part when it gave its place away: the broker gives a replacement the whole quantity again. A
 * person is told; what is left of the wish is ordered by whoever asked for the replacement, if they
 * still wait.
 */
export async function guardAgainstOverfill(world: World, clientOrderId: string): Promise<void> {
  const row = await world.reader.orders.byClientOrderId(clientOrderId);
  if (row === null || row.replaces === null) return;
  const old = await world.reader.orders.byClientOrderId(row.replaces);
  const brokerOrderId = brokerOrderIdOf(row.order);
  if (old === null || brokerOrderId === null || !canOverfill(old.order, row.order)) return;
  await world.books.transaction(world.account, async (transaction) => {
    await transaction.alerts.record({
      alertId: `overfill/${clientOrderId}`,
      type: 'risk_breach',
      severity: 'critical',
      title: `Replacement ${clientOrderId} is canceled: it could fill more than was wished`,
      message:
        `${row.replaces} had filled ${formatQuantity(old.order.filledQuantity)} when it was ` +
        `replaced by an order of ${formatQuantity(row.order.orderedQuantity)}`,
      metadata: JSON.stringify({ clientOrderId, symbol: row.order.intent.symbol }),
      atMs: world.marketClock.nowMs(),
      recordedAtWallMs: world.wallClock.nowMs(),
      acknowledgedBy: null,
    });
  });
  await world.broker.cancelOrder(brokerOrderId);
}
