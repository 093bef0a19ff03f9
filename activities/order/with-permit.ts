import type { BooksTransaction } from '../../adapters/store/port.js';
import { failure } from '../failure.js';
import type { World } from '../world.js';

/**
 * Runs an admission's transaction with the right to one request, taken first: nothing is written
 * for a send that may not be made now.
 */
export async function withPermit<Admission>(
  world: World,
  admit: (transaction: BooksTransaction) => Promise<Admission>,
): Promise<Admission> {
  const permit = world.submitPermit();
  if (!permit.granted) {
    const type = permit.reason.startsWith('circuit') ? 'BrokerCircuitOpen' : 'BrokerRateLimited';
    throw failure(type, permit.reason, { retryAfterMs: permit.retryAfterMs });
  }
  world.crashPoint('before-admission');
  return world.books.transaction(world.account, admit);
}
