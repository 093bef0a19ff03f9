import type { BrokerOrder } from '../../adapters/broker/port.js';
import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import {
  brokerOrderIdOf,
  createOrder,
  type ExitLeg,
  exitLegOfType,
  type OrderIntent,
  type OrderType,
  parseClientOrderId,
  type TimeInForce,
} from '../../domain/order/index.js';
import { assert } from '../../domain/values/index.js';
import type { World } from '../world.js';
import { appendOwnEvent } from './append-event.js';
import { applyEvidence } from './apply-evidence.js';
import { snapshotEvidence } from './evidence.js';
import { parkOrder } from './park-order.js';
import { postStart, resumedInput } from './driver-input.js';

/**
 * Enters the legs that the broker shows under an order, once each by their broker order ids: orders
 * of their own, of their parent's strategy, each with a driver. What became of a leg that the books
 * hold already is told by its own evidence; one that was adopted alone gets its parent. A leg that
 * they cannot hold parks its parent.
 */
export async function enterLegs(
  transaction: BooksTransaction,
  world: World,
  { parent, shown }: { readonly parent: OrderRow; readonly shown: BrokerOrder },
): Promise<void> {
  for (const leg of shown.legs) {
    const held = await transaction.orders.byBrokerOrderId(leg.brokerOrderId);
    if (held !== null) {
      await giveParent(transaction, world, { parent, held });
      continue;
    }
    if (await isEntered(transaction, leg)) {
      await applyEvidence(transaction, world, snapshotEvidence('answer', leg));
      continue;
    }
    const intent = legIntent(parent.order.intent, leg);
    if (typeof intent === 'string') {
      const { clientOrderId } = parent.order.intent;
      await parkOrder(transaction, world, { clientOrderId, reason: intent });
      continue;
    }
    await enterLeg(transaction, world, { parent, leg, intent });
  }
}

/** A leg that was adopted alone, before anybody knew what it hangs on, is an exit of its group. */
async function giveParent(
  transaction: BooksTransaction,
  world: World,
  { parent, held }: { readonly parent: OrderRow; readonly held: OrderRow },
): Promise<void> {
  const { clientOrderId } = held.order.intent;
  if (held.parent !== null) return;
  const [entry] = await transaction.orders.eventsOf(clientOrderId);
  if (entry?.kind !== 'adopted_external') return;
  const parentId = parent.order.intent.clientOrderId;
  await transaction.orders.becomeLeg(held.order, parentId);
  const after = await transaction.orders.byClientOrderId(clientOrderId);
  assert(after !== null, `expected order ${clientOrderId} in the books`);
  const event = { kind: 'leg_joined', parent: parentId };
  const line = { before: held.order, after: after.order, event, source: 'reconciliation' } as const;
  await appendOwnEvent(transaction, world, line);
}

/** Entered by an earlier look, under its id alone. */
async function isEntered(transaction: BooksTransaction, leg: BrokerOrder): Promise<boolean> {
  const known = await transaction.orders.byClientOrderId(leg.clientOrderId);
  return known !== null && brokerOrderIdOf(known.order) === null;
}

async function enterLeg(
  transaction: BooksTransaction,
  world: World,
  entered: {
    readonly parent: OrderRow;
    readonly leg: BrokerOrder;
    readonly intent: OrderIntent;
  },
): Promise<void> {
  const { parent, leg, intent } = entered;
  const { clientOrderId } = intent;
  const order = createOrder(intent, world.marketClock.nowMs());
  const row: OrderRow = {
    order,
    correlationId: parent.correlationId,
    parent: parent.order.intent.clientOrderId,
    replaces: null,
    lastError: null,
    rawBody: leg.raw,
  };
  const created = await transaction.orders.create(row);
  assert(created === 'recorded', `expected leg ${clientOrderId} of another broker order, found it`);
  const event = { kind: 'leg_entered', parent: row.parent, brokerOrderId: leg.brokerOrderId };
  await appendOwnEvent(transaction, world, { before: null, after: order, event, source: 'answer' });
  await applyEvidence(transaction, world, snapshotEvidence('answer', leg));
  await postStart(transaction, resumedInput(world, row));
}

/** The wish that a leg stands for; a text says why the books cannot hold it. */
function legIntent(parent: OrderIntent, leg: BrokerOrder): OrderIntent | string {
  const clientOrderId = parseClientOrderId(leg.clientOrderId);
  if (clientOrderId === null) return `the id of leg ${leg.brokerOrderId} cannot be kept`;
  const type = leg.type as OrderType;
  const role = exitLegOfType(type);
  if (role === null) return `leg ${leg.clientOrderId} is of type ${leg.type}: no exit of a group`;
  return {
    ...parent,
    clientOrderId,
    leg: role,
    symbol: leg.symbol,
    side: leg.side,
    quantity: leg.quantity ?? parent.quantity,
    amount: null,
    type,
    limitPrice: leg.limitPrice,
    stopPrice: leg.stopPrice,
    timeInForce: leg.timeInForce as TimeInForce,
    extendedHours: leg.extendedHours,
    takeProfit: null,
    stopLoss: null,
    purpose: 'exit',
    decisionPrice: role === 'profit' ? leg.limitPrice : leg.stopPrice,
    reason: REASONS[role],
  };
}

const REASONS: Readonly<Record<ExitLeg, string>> = {
  profit: 'the exit with a profit',
  stop: 'the exit that ends a loss',
};
