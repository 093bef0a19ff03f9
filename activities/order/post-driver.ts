import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import type { OrderInput } from '../../workflows/contract/index.js';
import type { World } from '../world.js';

/** Promises an order its driver, in the transaction that enters it into the books. */
export async function postDriver(
  transaction: BooksTransaction,
  world: World,
  { order: { intent }, correlationId }: Pick<OrderRow, 'order' | 'correlationId'>,
): Promise<void> {
  const input: OrderInput = {
    intent,
    correlationId,
    isResumed: true,
    pollIntervalMs: world.settings.pollIntervalMs,
  };
  await transaction.outbox.post({
    kind: 'start_order',
    target: intent.clientOrderId,
    payload: JSON.stringify(input),
  });
}
