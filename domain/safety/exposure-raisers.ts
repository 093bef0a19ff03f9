import type { Side } from '../order/index.js';
import { splitOrder } from '../risk/index.js';
import type { Quantity } from '../values/index.js';

export interface OpenOrderAtBroker {
  readonly brokerOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  /** What may still fill; null where the broker counts in money, which is always a raiser. */
  readonly remaining: Quantity | null;
  /**
   * An exit that waits for its group. It never adds to what the group can do: until its entry has
   * filled, or in the place of the other exit.
   */
  readonly isHeld: boolean;
}

/**
 * The open orders that can raise exposure, judged against the broker's own positions at the worst
 * case: orders of a symbol and side count in the order given, and the first that no longer only
 * reduces is a raiser, as is every one after it that does not fit. What is held counts nothing.
 */
export function exposureRaisers(
  orders: readonly OpenOrderAtBroker[],
  unitsBySymbol: ReadonlyMap<string, number>,
): readonly OpenOrderAtBroker[] {
  const kept: OpenOrderAtBroker[] = [];
  const raisers: OpenOrderAtBroker[] = [];
  for (const order of orders) {
    if (order.isHeld) continue;
    (isReducingBeside(kept, order, unitsBySymbol) ? kept : raisers).push(order);
  }
  return raisers;
}

function isReducingBeside(
  kept: readonly OpenOrderAtBroker[],
  order: OpenOrderAtBroker,
  unitsBySymbol: ReadonlyMap<string, number>,
): boolean {
  if (order.remaining === null) return false;
  const others = kept.flatMap((other) =>
    other.symbol === order.symbol && other.remaining !== null
      ? [{ side: other.side, remaining: other.remaining }]
      : [],
  );
  const split = splitOrder(unitsBySymbol.get(order.symbol) ?? 0, others, {
    side: order.side,
    remaining: order.remaining,
  });
  return split.opening === 0;
}
