import type { BooksTransaction } from '../../adapters/store/port.js';
import type { OrderView } from '../../workflows/contract/index.js';
import type { World } from '../world.js';

/**
 * Runs a transaction and, once it has committed, tells waiting code of this process about the order
 * it returned.
 */
export async function publishAfter<
  Result extends { readonly view: OrderView } | { readonly outcome: 'no_order' },
>(world: World, write: (transaction: BooksTransaction) => Promise<Result>): Promise<Result> {
  const result = await world.books.transaction(world.account, write);
  if ('view' in result) world.notices.publish(result.view);
  return result;
}
