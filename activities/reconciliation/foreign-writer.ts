import type { BrokerOrder } from '../../adapters/broker/port.js';
import { isDerivedByOrdinis } from '../../domain/order/index.js';
import { epochMs, parseInstant } from '../../domain/values/index.js';
import { engageHalt } from '../safety/engage-halt.js';
import type { World } from '../world.js';
import { EXTERNAL_STRATEGY } from './adopt-external-order.js';

/**
 * An order that bears an id of Ordinis and is in no books of ours was sent by another Ordinis on
 * this account, or by these books before a backup was restored. Who has sent before any other is
 * the elder and goes on, with a person told; who has not is the newcomer and halts. True: it
 * halted.
 */
export async function haltAsNewcomer(world: World, shown: BrokerOrder): Promise<boolean> {
  if (!isDerivedByOrdinis(shown.clientOrderId)) return false;
  const message =
    `order ${shown.clientOrderId} bears an id of Ordinis and is not in these books: another ` +
    'Ordinis trades on this account, or a backup was restored';
  if (await isElder(world, shown)) {
    await tellElder(world, shown, message);
    return false;
  }
  const open = await world.reader.halts.openCauses();
  if (open.some((cause) => cause.reason === 'account_blocked')) return true;
  await engageHalt(world, `foreign-writer-${shown.brokerOrderId}`, {
    reason: 'account_blocked',
    message,
    triggeredBy: 'ordinis',
    metadata: { brokerOrderId: shown.brokerOrderId, clientOrderId: shown.clientOrderId },
    // The orders of the other are not ours to cancel.
    cancel: 'none',
  });
  return true;
}

/**
 * Whether these books have sent before any other Ordinis has: before this order, and before every
 * order that the broker shows from earlier. The other may have been flat and idle for long, so that
 * its latest order says nothing of which of the two was first.
 */
async function isElder(world: World, shown: BrokerOrder): Promise<boolean> {
  if ((await world.reader.alerts.byId(alertIdOf(shown))) !== null) return true;
  const foreignAtMs = shown.submittedAt === null ? null : parseInstant(shown.submittedAt);
  const known = await world.reader.orders.decidedSince(epochMs(0));
  const sent = known
    .map(({ order }) => order)
    .filter(({ attempts, intent }) => attempts > 0 && intent.strategy !== EXTERNAL_STRATEGY);
  const firstAtMs = Math.min(...sent.map(({ createdAtMs }) => createdAtMs));
  if (sent.length === 0 || (foreignAtMs !== null && foreignAtMs <= firstAtMs)) return false;
  const ours = new Set<string>(sent.map(({ intent }) => intent.clientOrderId));
  const earlier = await world.broker.ordersSubmittedBefore(epochMs(firstAtMs));
  return !earlier.some(({ clientOrderId: id }) => isDerivedByOrdinis(id) && !ours.has(id));
}

function alertIdOf({ brokerOrderId }: BrokerOrder): string {
  return `foreign-writer/${brokerOrderId}`;
}

async function tellElder(world: World, shown: BrokerOrder, message: string): Promise<void> {
  await world.books.transaction(world.account, async (transaction) => {
    await transaction.alerts.record({
      alertId: alertIdOf(shown),
      type: 'position_reconciliation',
      severity: 'critical',
      title: 'Another Ordinis may trade on this account',
      message,
      metadata: JSON.stringify({ brokerOrderId: shown.brokerOrderId }),
      atMs: world.marketClock.nowMs(),
      recordedAtWallMs: world.wallClock.nowMs(),
      acknowledgedBy: null,
    });
  });
}
