import type { BrokerOrder } from '../../adapters/broker/port.js';
import { IN_FLIGHT_STATES } from '../../domain/order/index.js';
import { enterAsLeg } from '../order/complete-group.js';
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
  return (await adoptExternalOrder(world, shown, source)) ? 'external' : 'later';
}

/** Whether an order of the symbol is submitting, unknown or pending replace. */
export async function mayBeInFlight(
  books: Pick<World['reader'], 'orders'>,
  symbol: string,
): Promise<boolean> {
  const inFlight = await books.orders.inStates([...IN_FLIGHT_STATES, 'pending_replace'], symbol);
  return inFlight.length > 0;
}
