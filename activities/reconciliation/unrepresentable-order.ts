import type { BrokerOrder } from '../../adapters/broker/port.js';
import type { World } from '../world.js';

/**
 * Tells of an order at the broker that the books cannot hold (by amount, trailing, of several
 * symbols): what it can do is not counted, so its symbol takes no new risk until a person has
 * looked, and the next reconciliation halts over what nothing explains. Told once.
 */
export async function reportUnrepresentable(
  world: World,
  shown: BrokerOrder,
  why: string,
): Promise<void> {
  const { brokerOrderId, symbol } = shown;
  const message = `broker order ${brokerOrderId} (${shown.side} ${symbol}) is ${why}`;
  await world.books.transaction(world.account, async (transaction) => {
    const recorded = await transaction.alerts.record({
      alertId: `unrepresentable/${brokerOrderId}`,
      type: 'position_reconciliation',
      severity: 'critical',
      title: `An order that the books cannot hold: ${symbol} takes no new risk`,
      message,
      metadata: JSON.stringify({ brokerOrderId, symbol }),
      atMs: world.marketClock.nowMs(),
      recordedAtWallMs: world.wallClock.nowMs(),
      acknowledgedBy: null,
    });
    if (recorded === 'repeated') return;
    const instrument = await transaction.instruments.bySymbol(symbol);
    if (instrument !== null) {
      await transaction.instruments.upsert({ ...instrument, parkedReason: message });
    }
    transaction.audit({
      actor: 'ordinis',
      kind: 'order_unrepresentable',
      entity: brokerOrderId,
      body: shown.raw,
      atWallMs: world.wallClock.nowMs(),
    });
  });
}
