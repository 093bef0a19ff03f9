import type { BrokerOrder } from '../../adapters/broker/port.js';
import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import {
  applyOrderEvent,
  eventOfBrokerStatus,
  OPEN_STATES,
  type Order,
  type OrderEvent,
  type OrderState,
  stateOf,
} from '../../domain/order/index.js';
import { assert } from '../../domain/values/index.js';
import type { World } from '../world.js';
import { announceChange, announceTurnedDown } from './announce-change.js';
import { appendOwnEvent } from './append-event.js';
import { isOlder } from './newness.js';

const REPLACE_UNDONE: OrderEvent = { kind: 'replace_undone' };

/** Ends that prove that an order never took the place of another. */
const NEVER_IN_PLACE: readonly OrderState[] = ['refused', 'denied', 'abandoned'];

/**
 * Lets an order work on whose replacement is proven never to come, in the transaction that proved
 * it. Does nothing for an order that replaces none, or whose original has moved on already.
 */
export async function undoReplacement(
  transaction: BooksTransaction,
  world: World,
  replacement: OrderRow,
): Promise<void> {
  if (replacement.replaces === null) return;
  if (!NEVER_IN_PLACE.includes(stateOf(replacement.order))) return;
  const row = await transaction.orders.byClientOrderId(replacement.replaces);
  assert(row !== null, `expected order ${replacement.replaces} in the books`);
  await workOn(transaction, world, { row, event: REPLACE_UNDONE });
}

/**
 * Lets an order work on that waits for a replacement which nobody makes: the broker works it as it
 * is, and no replacement of ours is open. A report that a replacement pends may come after the one
 * that it was turned down, and with the same stamp. True: it works again.
 */
export async function endIdleReplacement(
  transaction: BooksTransaction,
  world: World,
  { row, shown }: { readonly row: OrderRow; readonly shown: BrokerOrder },
): Promise<boolean> {
  const { clientOrderId, symbol } = row.order.intent;
  if (stateOf(row.order) !== 'pending_replace') return false;
  if (!isAsBefore(shown)) return false;
  const open = await transaction.orders.inStates(OPEN_STATES, symbol);
  if (open.some(({ replaces }) => replaces === clientOrderId)) return false;
  return (await workOn(transaction, world, { row, event: REPLACE_UNDONE })) !== null;
}

/**
 * Lets an order work on whose cancel the broker has turned down unheard: it shows the order at
 * work, and not as of before the cancel pended. True: it works again.
 */
export async function endIdleCancel(
  transaction: BooksTransaction,
  world: World,
  { row, shown }: { readonly row: OrderRow; readonly shown: BrokerOrder },
): Promise<boolean> {
  const { brokerOrderId } = shown;
  if (stateOf(row.order) !== 'pending_cancel') return false;
  if (!isAsBefore(shown)) return false;
  if (isOlder(row.order, shown.updatedAt)) return false;
  const event = { kind: 'cancel_rejected', brokerOrderId } as const;
  const order = await workOn(transaction, world, { row, event });
  if (order !== null) await announceTurnedDown(transaction, world, order);
  return order !== null;
}

/** The broker works the order, or has it wait for its group, as if nothing had been asked. */
function isAsBefore({ status }: BrokerOrder): boolean {
  const event = eventOfBrokerStatus(status);
  return event === 'reported_accepted' || event === 'reported_held';
}

/** The order as it works then. Null: it has moved on already. */
async function workOn(
  transaction: BooksTransaction,
  world: World,
  { row, event }: { readonly row: OrderRow; readonly event: OrderEvent },
): Promise<Order | null> {
  const before = row.order;
  const applied = applyOrderEvent(before, event, world.marketClock.nowMs());
  if (applied.outcome !== 'moved') return null;
  const after = applied.order;
  await transaction.orders.update(after, before.version);
  await appendOwnEvent(transaction, world, { before, after, event, source: 'ordinis' });
  await announceChange(transaction, world, { before, after });
  return after;
}
