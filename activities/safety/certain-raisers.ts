import type { OrderRow } from '../../adapters/store/port.js';
import { brokerOrderIdOf, remainingOf, WORKING_STATES } from '../../domain/order/index.js';
import { signedUnits } from '../../domain/risk/index.js';
import { type OpenOrderAtBroker, exposureRaisers } from '../../domain/safety/exposure-raisers.js';
import type { HaltWorld } from './engage-halt.js';

/** The leg of orders that somebody else has placed: what they were meant for nobody has told us. */
const EXTERNAL_LEG = 'external';

/**
 * Orders of ours that raise exposure whatever the broker would show: meant as entries, and beyond
 * what the books hold to reduce. For when the broker cannot be read.
 */
export async function certainRaisers(
  world: Pick<HaltWorld, 'account' | 'books'>,
): Promise<readonly OpenOrderAtBroker[]> {
  return world.books.transaction(world.account, async ({ orders, positions }) => {
    const rows = await orders.inStates(WORKING_STATES);
    const held = await positions.active();
    const units = new Map(held.map((one) => [one.symbol, signedUnits(one.side, one.quantity)]));
    const raisers = exposureRaisers(rows.flatMap(asOpenOrder), units);
    const entries = new Set(rows.filter(isEntry).map(({ order }) => brokerOrderIdOf(order)));
    return raisers.filter(({ brokerOrderId }) => entries.has(brokerOrderId));
  });
}

function isEntry({ order: { intent } }: OrderRow): boolean {
  return intent.purpose === 'entry' && intent.leg !== EXTERNAL_LEG;
}

function asOpenOrder({ order }: OrderRow): readonly OpenOrderAtBroker[] {
  const brokerOrderId = brokerOrderIdOf(order);
  if (brokerOrderId === null) return [];
  const { symbol, side } = order.intent;
  const isHeld = order.progress.state === 'held';
  return [{ brokerOrderId, symbol, side, remaining: remainingOf(order), isHeld }];
}
