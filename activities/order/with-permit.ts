import type { BooksTransaction } from '../../adapters/store/port.js';
import { failure } from '../failure.js';
import type { World } from '../world.js';

/**
 * Runs an admission's transaction with the right to one request, taken first: nothing is written
 * for a send that may not be made now. The right is given back where nothing will be sent.
 */
export async function withPermit<Admission extends { readonly kind: string }>(
  world: World,
  admit: (transaction: BooksTransaction) => Promise<Admission>,
): Promise<Admission> {
  const permit = world.submitPermit();
  if (!permit.granted) {
    const type = permit.reason.startsWith('circuit') ? 'BrokerCircuitOpen' : 'BrokerRateLimited';
    throw failure(type, permit.reason, { retryAfterMs: permit.retryAfterMs });
  }
  let isUsed = false;
  try {
    world.crashPoint('before-admission');
    const admission = await world.books.transaction(world.account, admit);
    isUsed = admission.kind === 'send';
    return admission;
  } finally {
    if (!isUsed) permit.giveBack();
  }
}
