import type { BrokerOrder } from '../../adapters/broker/port.js';
import type { BooksTransaction } from '../../adapters/store/port.js';
import {
  createOrder,
  IN_FLIGHT_STATES,
  type OrderClass,
  type OrderIntent,
  type OrderType,
  parseClientOrderId,
  type TimeInForce,
} from '../../domain/order/index.js';
import { epochMs } from '../../domain/values/index.js';
import { appendOwnEvent } from '../order/append-event.js';
import { applyEvidence, type AppliedEvidence } from '../order/apply-evidence.js';
import { enterAsLeg } from '../order/complete-group.js';
import { enterLegs } from '../order/enter-legs.js';
import { snapshotEvidence } from '../order/evidence.js';
import { repairOrder } from '../order/repair-order.js';
import type { World } from '../world.js';

/**
 * The strategy name of orders that somebody else placed on the account. Strategies never touch
 * them.
 */
export const EXTERNAL_STRATEGY = 'external';

const CLASSES: readonly OrderClass[] = ['bracket', 'oco', 'oto'];
const TYPES: readonly string[] = ['market', 'limit', 'stop', 'stop_limit'] satisfies OrderType[];
const TIMES: readonly string[] = ['day', 'gtc', 'ioc', 'fok', 'opg', 'cls'] satisfies TimeInForce[];

/**
 * Enters an order that Ordinis did not place into the books, so that its exposure and fills count:
 * observed, belonging to no strategy. While an order of the symbol is submitting or unknown it is
 * left for later: it may be ours.
 */
export async function adoptExternalOrder(world: World, shown: BrokerOrder): Promise<void> {
  if (await enterAsLeg(world, shown)) {
    await repairOrder(world, shown, 'reconciliation');
    return;
  }
  const intent = externalIntent(world, shown);
  if (intent === null) {
    world.log.error({ brokerOrderId: shown.brokerOrderId }, 'external order cannot be represented');
    return;
  }
  const group = intent.orderClass === 'simple' ? null : await withLegs(world, shown);
  world.crashPoint('before-adoption');
  const adopted = await world.books.transaction(world.account, (transaction) =>
    adopt(transaction, world, { intent, shown: group ?? shown }),
  );
  world.crashPoint('after-adoption');
  if (adopted === null) return;
  const row = await world.reader.orders.byClientOrderId(intent.clientOrderId);
  if (row !== null) await repairOrder(world, shown, 'reconciliation');
}

async function adopt(
  transaction: BooksTransaction,
  world: World,
  { intent, shown }: { readonly intent: OrderIntent; readonly shown: BrokerOrder },
): Promise<AppliedEvidence | null> {
  const inFlight = await transaction.orders.inStates(
    [...IN_FLIGHT_STATES, 'pending_replace'],
    shown.symbol,
  );
  if (inFlight.length > 0) return null;
  const order = createOrder(intent, world.marketClock.nowMs());
  const created = await transaction.orders.create({
    order,
    correlationId: `external-${shown.brokerOrderId}`,
    parent: null,
    replaces: null,
    lastError: null,
    rawBody: shown.raw,
  });
  if (created === 'repeated') return null;
  const event = { kind: 'adopted_external', brokerOrderId: shown.brokerOrderId };
  await appendOwnEvent(transaction, world, {
    before: null,
    after: order,
    event,
    source: 'reconciliation',
  });
  await transaction.alerts.record({
    alertId: `external/${shown.brokerOrderId}`,
    type: 'position_reconciliation',
    severity: 'warning',
    title: `An order that Ordinis did not place: ${shown.side} ${shown.symbol}`,
    message: `broker order ${shown.brokerOrderId} is observed and counts for exposure`,
    metadata: JSON.stringify({ brokerOrderId: shown.brokerOrderId }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  });
  world.crashPoint('in-adoption');
  const applied = await applyEvidence(
    transaction,
    world,
    snapshotEvidence('reconciliation', shown),
  );
  if (applied.outcome !== 'no_order') {
    await enterLegs(transaction, world, { parent: applied.row, shown });
  }
  return applied;
}

/** Lists show each order of a group alone; a look at the one that the others hang on shows all. */
async function withLegs(world: World, shown: BrokerOrder): Promise<BrokerOrder | null> {
  return shown.legs.length > 0 ? shown : world.broker.orderById(shown.brokerOrderId);
}

/**
 * The intent that somebody must have had. Null: by amount or of a kind that the books cannot hold.
 */
function externalIntent(world: World, shown: BrokerOrder): OrderIntent | null {
  const clientOrderId = parseClientOrderId(shown.clientOrderId);
  const isKnown = TYPES.includes(shown.type) && TIMES.includes(shown.timeInForce);
  if (clientOrderId === null || shown.quantity === null || !isKnown) return null;
  const nowAtMs = world.marketClock.nowMs();
  return {
    account: world.account,
    clientOrderId,
    strategy: EXTERNAL_STRATEGY,
    leg: 'external',
    symbol: shown.symbol,
    side: shown.side,
    quantity: shown.quantity,
    type: shown.type as OrderType,
    limitPrice: shown.limitPrice,
    stopPrice: shown.stopPrice,
    timeInForce: shown.timeInForce as TimeInForce,
    extendedHours: shown.extendedHours,
    orderClass: CLASSES.find((name) => name === shown.orderClass) ?? 'simple',
    takeProfit: null,
    stopLoss: null,
    purpose: 'entry',
    decidedAtMs: nowAtMs,
    validUntilMs: epochMs(nowAtMs),
    decisionPrice: null,
    reason: 'placed outside of Ordinis',
  };
}
