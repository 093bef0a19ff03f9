import type { BrokerOrder } from '../../adapters/broker/port.js';
import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import {
  createOrder,
  IN_FLIGHT_STATES,
  MANUAL_STRATEGY,
  type OrderClass,
  type OrderIntent,
  type OrderType,
  parseClientOrderId,
  type TimeInForce,
} from '../../domain/order/index.js';
import { haltModeOf } from '../../domain/safety/halt-request.js';
import { epochMs } from '../../domain/values/index.js';
import { appendOwnEvent } from '../order/append-event.js';
import { applyEvidence } from '../order/apply-evidence.js';
import { enterAsLeg } from '../order/complete-group.js';
import { enterLegs } from '../order/enter-legs.js';
import { snapshotEvidence } from '../order/evidence.js';
import { postStart, resumedInput } from '../order/driver-input.js';
import { repairOrder, type RepairSource } from '../order/repair-order.js';
import { newRow } from '../order/settle-admission.js';
import { engageCommitted } from '../safety/engage-committed.js';
import { writeCause } from '../safety/engage-halt.js';
import type { ExternalOrderPolicy, World } from '../world.js';
import { reportUnrepresentable } from './unrepresentable-order.js';

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
 * observed, belonging to no strategy, with the legs that it is shown with. While an order of the
 * symbol is submitting or unknown it is left for later: it may be ours. False: it was left.
 */
export async function adoptExternalOrder(
  world: World,
  shown: BrokerOrder,
  source: RepairSource,
): Promise<boolean> {
  const leg = await enterAsLeg(world, shown);
  if (leg === 'unread') return false;
  if (leg === 'entered') {
    await repairOrder(world, shown, source);
    return true;
  }
  const intent = externalIntent(world, shown);
  if (typeof intent === 'string') {
    await reportUnrepresentable(world, shown, intent);
    return true;
  }
  world.crashPoint('before-adoption');
  const adopted = await world.books.transaction(world.account, (transaction) =>
    adopt(transaction, world, { intent, shown }),
  );
  world.crashPoint('after-adoption');
  if (adopted === 'left') return false;
  await engageCommitted(world, causeIdOf(shown));
  const row = await world.reader.orders.byClientOrderId(intent.clientOrderId);
  if (row !== null) await repairOrder(world, shown, source);
  return true;
}

async function adopt(
  transaction: BooksTransaction,
  world: World,
  { intent, shown }: { readonly intent: OrderIntent; readonly shown: BrokerOrder },
): Promise<'adopted' | 'left'> {
  const inFlight = await transaction.orders.inStates(
    [...IN_FLIGHT_STATES, 'pending_replace'],
    shown.symbol,
  );
  if (inFlight.length > 0) return 'left';
  const order = createOrder(intent, world.marketClock.nowMs());
  const correlationId = `external-${shown.brokerOrderId}`;
  const row = { ...newRow(world, { intent, correlationId }), order, rawBody: shown.raw };
  const created = await transaction.orders.create(row);
  if (created === 'repeated') return 'adopted';
  const event = { kind: 'adopted_external', brokerOrderId: shown.brokerOrderId };
  await appendOwnEvent(transaction, world, {
    before: null,
    after: order,
    event,
    source: 'reconciliation',
  });
  await actByPolicy(transaction, world, { row, shown });
  world.crashPoint('in-adoption');
  const applied = await applyEvidence(
    transaction,
    world,
    snapshotEvidence('reconciliation', shown),
  );
  if (applied.outcome !== 'no_order') {
    await enterLegs(transaction, world, { parent: applied.row, shown });
  }
  return 'adopted';
}

/** Tells of the order, and does what the setting says beside counting it. */
async function actByPolicy(
  transaction: BooksTransaction,
  world: World,
  { row, shown }: { readonly row: OrderRow; readonly shown: BrokerOrder },
): Promise<void> {
  const { externalOrders } = world.settings;
  const { brokerOrderId, side, symbol } = shown;
  const what = `broker order ${brokerOrderId} counts for exposure`;
  await transaction.alerts.record({
    alertId: `external/${brokerOrderId}`,
    type: 'position_reconciliation',
    severity: 'warning',
    title: `An order that Ordinis did not place: ${side} ${symbol}`,
    message: `${what}; by the setting it is ${POLICY_WORDS[externalOrders]}`,
    metadata: JSON.stringify({ brokerOrderId }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
    acknowledgedBy: null,
  });
  if (externalOrders === 'adopt') await postStart(transaction, resumedInput(world, row));
  if (externalOrders !== 'halt') return;
  const request = {
    reason: 'reconciliation',
    message: `an order that Ordinis did not place: ${side} ${symbol}, ${brokerOrderId}`,
    triggeredBy: 'ordinis',
    metadata: { brokerOrderId },
    cancel: 'keep-protection',
  } as const;
  const mode = haltModeOf(request.reason);
  await writeCause(transaction, world, { causeId: causeIdOf(shown), request, mode });
}

/** Of the halt that the order is, where the setting says so. */
function causeIdOf({ brokerOrderId }: BrokerOrder): string {
  return `external-${brokerOrderId}`;
}

const POLICY_WORDS: Readonly<Record<ExternalOrderPolicy, string>> = {
  observe: 'observed: it belongs to nobody here',
  adopt: 'adopted as an order of a person here',
  halt: 'a reason to halt',
};

/**
 * The intent that somebody must have had. A text says why the books cannot hold the order.
 */
function externalIntent(world: World, shown: BrokerOrder): OrderIntent | string {
  const clientOrderId = parseClientOrderId(shown.clientOrderId);
  if (clientOrderId === null) return 'of an id that cannot be kept';
  if (shown.orderClass === 'mleg') return 'of several legs';
  if (shown.quantity === null) return 'by amount';
  if (!TYPES.includes(shown.type)) return `of type ${shown.type}`;
  if (!TIMES.includes(shown.timeInForce)) return `of time in force ${shown.timeInForce}`;
  const isAdopted = world.settings.externalOrders === 'adopt';
  const nowAtMs = world.marketClock.nowMs();
  return {
    account: world.account,
    clientOrderId,
    strategy: isAdopted ? MANUAL_STRATEGY : EXTERNAL_STRATEGY,
    leg: 'external',
    symbol: shown.symbol,
    side: shown.side,
    quantity: shown.quantity,
    amount: null,
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
