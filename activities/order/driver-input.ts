import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import type { OrderInput } from '../../workflows/contract/index.js';
import type { World } from '../world.js';

type Wish = Pick<OrderInput, 'intent' | 'correlationId'>;

/** What the driver of an order begins with that is in no books yet. */
export function newOrderInput(world: World, { intent, correlationId }: Wish): OrderInput {
  return {
    intent,
    correlationId,
    isResumed: false,
    pollIntervalMs: world.settings.pollIntervalMs,
  };
}

/** The same for an order of the books, which may have had a driver before. */
export function resumedInput(
  world: World,
  { order: { intent }, correlationId }: Pick<OrderRow, 'order' | 'correlationId'>,
): OrderInput {
  return { ...newOrderInput(world, { intent, correlationId }), isResumed: true };
}

/** Promises an order its driver, in the transaction that asks for it or enters it. */
export async function postStart(transaction: BooksTransaction, input: OrderInput): Promise<void> {
  await transaction.outbox.post({
    kind: 'start_order',
    target: input.intent.clientOrderId,
    payload: JSON.stringify(input),
  });
}
