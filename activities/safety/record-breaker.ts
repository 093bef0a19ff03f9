import type { BreakerEventRow } from '../../adapters/store/port.js';
import type { World } from '../world.js';

/**
 * Keeps a change of a circuit breaker, and tells a person when the broker went away or came back.
 */
export async function recordBreakerChange(
  world: World,
  change: Pick<BreakerEventRow, 'endpointClass' | 'fromState' | 'toState' | 'reason'>,
): Promise<void> {
  const atWallMs = world.wallClock.nowMs();
  const isOpen = change.toState === 'open';
  await world.books.transaction(world.account, async (transaction) => {
    await transaction.recordBreakerEvent({ ...change, atWallMs });
    if (!isOpen && change.toState !== 'closed') return; // Half open is on its way to either.
    await transaction.alerts.record({
      alertId: `breaker/${change.endpointClass}/${atWallMs}`,
      type: 'api_connectivity',
      severity: isOpen ? 'warning' : 'info',
      title: `Broker ${change.endpointClass} calls: circuit ${change.toState}`,
      message: change.reason,
      metadata: JSON.stringify(change),
      atMs: world.marketClock.nowMs(),
      recordedAtWallMs: atWallMs,
      acknowledgedBy: null,
    });
  });
}
