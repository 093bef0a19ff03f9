import type { OrderIntent, OrderType } from './order-intent.js';

/** The names of the legs that the broker makes of a group's exits. */
export type ExitLeg = 'profit' | 'stop';

/**
 * The legs that the broker makes beside the order itself: both exits of a bracket, the one exit of
 * an oto, the stop of an oco. None for a simple order and for a leg.
 */
export function exitLegsOf(intent: OrderIntent): readonly ExitLeg[] {
  const profit: readonly ExitLeg[] =
    intent.takeProfit !== null && intent.orderClass !== 'oco' ? ['profit'] : [];
  const stop: readonly ExitLeg[] = intent.stopLoss === null ? [] : ['stop'];
  return intent.orderClass === 'simple' ? [] : [...profit, ...stop];
}

/** An exit of a group: the broker keeps it at what the entry has filled and no other exit sold. */
export function isExitOfGroup({ orderClass, purpose }: OrderIntent): boolean {
  return orderClass !== 'simple' && purpose === 'exit';
}

/** Which exit a leg of this type is. Null: no exit of a group has such a type. */
export function exitLegOfType(type: OrderType): ExitLeg | null {
  if (type === 'limit') return 'profit';
  return type === 'stop' || type === 'stop_limit' ? 'stop' : null;
}
