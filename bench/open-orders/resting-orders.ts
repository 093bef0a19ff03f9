import type { OrderIntent } from '../../domain/order/index.js';
import { price } from '../../domain/values/index.js';
import { legOf, marketIntent, orderInput } from '../orders/lanes.js';
import type { BenchStack } from '../orders/stack.js';

/** A symbol that nothing else of the bench trades. */
export const RESTING_SYMBOL = 'REST';
export const TRADED_SYMBOL = 'TRADED';

/** Far below any price of the made-up market: these orders never fill. */
const LIMIT_NANOS = 1_000_000_000;
const IN_FLIGHT = 32;

/**
 * Sends orders that rest, some at a time, and resolves when the books hold all as accepted. They
 * are numbered from `first` on.
 */
export async function placeResting(stack: BenchStack, count: number, first = 0): Promise<void> {
  let next = first;
  const sendOn = async (): Promise<void> => {
    while (next < first + count) {
      const intent = restingIntent(stack, next);
      next += 1;
      await placeOne(stack, intent);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sendOn));
}

export function restingIntent({ world }: BenchStack, number: number): OrderIntent {
  const order = { symbol: RESTING_SYMBOL, side: 'buy', leg: `r${legOf(number)}` } as const;
  return { ...marketIntent(world, order), type: 'limit', limitPrice: price(LIMIT_NANOS) };
}

async function placeOne({ world }: BenchStack, intent: OrderIntent): Promise<void> {
  const accepted = new Promise<void>((resolve, reject) => {
    const unsubscribe = world.notices.subscribe(({ clientOrderId, state, detail }) => {
      if (clientOrderId !== intent.clientOrderId || state === 'submitting') return;
      unsubscribe();
      if (state === 'accepted') resolve();
      else reject(new Error(`expected a resting order, found it ${state} ${detail ?? ''}`));
    });
  });
  await world.drivers.startOrder(orderInput(world, intent));
  await accepted;
}
