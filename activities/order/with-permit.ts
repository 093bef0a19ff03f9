import type { BooksTransaction } from '../../adapters/store/port.js';
import type { OrderIntent } from '../../domain/order/index.js';
import { failure } from '../failure.js';
import type { World } from '../world.js';
import { isTooOld } from './expiry.js';
import { readGate } from './gate.js';

/**
 * Runs an admission's transaction with the right to one request, taken first: nothing is written
 * for a send that may not be made now. Who is held at the gate takes no token, however often it
 * asks: the repair that opens the gate needs them. The transaction asks the gate again.
 */
export async function withPermit<Admission>(
  world: World,
  intent: OrderIntent,
  admit: (transaction: BooksTransaction) => Promise<Admission>,
): Promise<Admission> {
  const hold = await readGate(world.reader, world);
  if (hold !== null && !isTooOld(world, intent)) throw failure('NotTradingNow', hold.reason);
  const permit = world.submitPermit();
  if (!permit.granted) {
    const type = permit.reason.startsWith('circuit') ? 'BrokerCircuitOpen' : 'BrokerRateLimited';
    throw failure(type, permit.reason, { retryAfterMs: permit.retryAfterMs });
  }
  world.crashPoint('before-admission');
  return world.books.transaction(world.account, admit);
}
