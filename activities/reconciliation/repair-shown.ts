import type { BrokerOrder } from '../../adapters/broker/port.js';
import { IN_FLIGHT_STATES } from '../../domain/order/index.js';
import { type EpochMs, epochMs, parseInstant } from '../../domain/values/index.js';
import { enterAsLeg, isOfGroup } from '../order/complete-group.js';
import { repairOrder, type RepairSource } from '../order/repair-order.js';
import type { World } from '../world.js';
import { adoptExternalOrder } from './adopt-external-order.js';
import { haltAsNewcomer } from './foreign-writer.js';

/** `later`: nobody can say yet whose the order is, so it must be looked at again. */
export type ShownRepair = 'own' | 'external' | 'later';

/**
 * Brings the books to an order that the broker shows: one of ours is repaired, another is entered
 * as external. While an order of the symbol is in flight it may be that one, and is left.
 */
export async function repairShown(
  world: World,
  shown: BrokerOrder,
  source: RepairSource = 'reconciliation',
): Promise<ShownRepair> {
  const row = await world.reader.orders.byClientOrderId(shown.clientOrderId);
  if (row !== null) {
    await repairOrder(world, shown, source);
    return 'own';
  }
  // A leg of one of our groups is ours, whatever else is in flight: waiting for that would be in
  // vain, since its own fills are what nobody can explain until it is here.
  const leg = await enterAsLeg(world, shown);
  if (leg === 'entered') {
    await repairOrder(world, shown, source);
    return 'own';
  }
  if (leg === 'unread') return 'later';
  if (await mayBeInFlight(world.reader, shown.symbol)) return 'later';
  await haltAsNewcomer(world, shown);
  const whole = isOfGroup(shown) ? await withLegs(world, shown) : shown;
  if (await hasEnteredWithItsGroup(world, whole)) {
    await repairOrder(world, whole, source);
    return 'external';
  }
  return (await adoptExternalOrder(world, whole, source)) ? 'external' : 'later';
}

/** Lists show each order of a group alone; a look at the one that the others hang on shows all. */
async function withLegs(world: World, shown: BrokerOrder): Promise<BrokerOrder> {
  if (shown.legs.length > 0) return shown;
  return (await world.broker.orderById(shown.brokerOrderId)) ?? shown;
}

/**
 * A leg works on when the order that it hangs on has filled, and is listed alone. That one comes
 * first, or each exit of the group would count for itself. All that have filled enter at once, so
 * that a list of many legs costs one list of recent orders.
 */
async function hasEnteredWithItsGroup(world: World, shown: BrokerOrder): Promise<boolean> {
  if (!isOfGroup(shown) || shown.legs.length > 0) return false;
  for (const order of await world.broker.ordersSubmittedSince(await sinceOf(world, shown))) {
    if (order.orderClass !== shown.orderClass || order.filledQuantity === 0) continue;
    if ((await world.reader.orders.byClientOrderId(order.clientOrderId)) !== null) continue;
    const whole = await withLegs(world, order);
    if (whole.legs.length > 0) await repairShown(world, whole);
  }
  return (await world.reader.orders.byClientOrderId(shown.clientOrderId)) !== null;
}

/** What was submitted with an order, or since the last repair; nothing older than the books. */
async function sinceOf(world: World, { submittedAt }: BrokerOrder): Promise<EpochMs> {
  const account = await world.reader.account();
  const stream = await world.reader.streamState.get();
  const nowAtMs = world.marketClock.nowMs();
  const submittedAtMs = parseInstant(submittedAt ?? '') ?? nowAtMs;
  const sinceMs = Math.min(submittedAtMs, stream?.repairedThroughMs ?? nowAtMs) - OVERLAP_MS;
  return epochMs(Math.max(sinceMs, account?.createdAtMs ?? 0));
}

/** The broker stamps in market time, and its lists lag. */
const OVERLAP_MS = 10 * 60_000;

/** Whether an order of the symbol is submitting, unknown or pending replace. */
export async function mayBeInFlight(
  books: Pick<World['reader'], 'orders'>,
  symbol: string,
): Promise<boolean> {
  const inFlight = await books.orders.inStates([...IN_FLIGHT_STATES, 'pending_replace'], symbol);
  return inFlight.length > 0;
}
