import type { BrokerOrder } from '../../adapters/broker/port.js';
import type { BooksReader, OrderRow } from '../../adapters/store/port.js';
import {
  brokerOrderIdOf,
  exitLegsOf,
  type OrderState,
  WORKING_STATES,
} from '../../domain/order/index.js';
import type { World } from '../world.js';
import { enterLegs } from './enter-legs.js';

/** States of orders whose legs the broker may have made. */
const AT_BROKER: readonly OrderState[] = [
  ...WORKING_STATES,
  'filled',
  'canceled',
  'expired',
  'replaced',
  // After it was taken: refused in the answer, it has no broker order id.
  'refused',
];

/** Enters the legs of one of our groups that the books lack: the broker shows them under it. */
export async function completeGroup(world: World, clientOrderId: string): Promise<void> {
  const row = await world.reader.orders.byClientOrderId(clientOrderId);
  if (row !== null && (await isLackingLegs(world.reader, row))) await enterShownLegs(world, row);
}

/**
 * Looks for an order that no row explains among the legs of our groups of its symbol. `entered`: it
 * is one, and in the books now. `unread`: it may be, since a group that lacks legs cannot be read
 * as it is now.
 */
export async function enterAsLeg(
  world: World,
  shown: BrokerOrder,
): Promise<'entered' | 'none' | 'unread'> {
  if (!isOfGroup(shown)) return 'none';
  let isUnread = false;
  for (const row of await groupsLackingLegs(world.reader, shown)) {
    if (!(await enterShownLegs(world, row))) isUnread = true;
  }
  const isEntered = (await world.reader.orders.byBrokerOrderId(shown.brokerOrderId)) !== null;
  return isEntered ? 'entered' : isUnread ? 'unread' : 'none';
}

type Orders = Pick<BooksReader, 'orders'>;

/** Our groups that an order may be a leg of: of its symbol, with legs that the books lack. */
export async function groupsLackingLegs(
  reader: Orders,
  shown: Pick<BrokerOrder, 'orderClass' | 'symbol'>,
): Promise<readonly OrderRow[]> {
  if (!isOfGroup(shown)) return [];
  const groups: OrderRow[] = [];
  for (const row of await reader.orders.inStates(AT_BROKER, shown.symbol)) {
    if (await isLackingLegs(reader, row)) groups.push(row);
  }
  return groups;
}

/** Whether the order is one of several of a symbol, of which one hangs on another. */
export function isOfGroup({ orderClass }: Pick<BrokerOrder, 'orderClass'>): boolean {
  return orderClass !== '' && orderClass !== 'simple' && orderClass !== 'mleg';
}

async function isLackingLegs(reader: Orders, { order }: OrderRow): Promise<boolean> {
  const expected = exitLegsOf(order.intent).length;
  if (expected === 0 || brokerOrderIdOf(order) === null) return false;
  const held = await reader.orders.legsOf(order.intent.clientOrderId);
  return held.length < expected;
}

/** False: reads lag, or the group has moved on; the next look finds its legs. */
async function enterShownLegs(world: World, row: OrderRow): Promise<boolean> {
  const brokerOrderId = brokerOrderIdOf(row.order);
  const shown = brokerOrderId === null ? null : await world.broker.orderById(brokerOrderId);
  if (shown === null) return false;
  await world.books.transaction(world.account, (transaction) =>
    enterLegs(transaction, world, { parent: row, shown }),
  );
  const isWhole = shown.legs.length >= exitLegsOf(row.order.intent).length;
  return isWhole || shown.status === row.order.brokerStatus;
}
