import type { BooksTransaction } from '../../adapters/store/port.js';
import { isWorking, stateOf } from '../../domain/order/index.js';
import type { World } from '../world.js';
import { announceTurnedDown } from './announce-change.js';
import { type Evidence, saidBy } from './evidence.js';
import type { Draft } from './order-draft.js';

/**
 * Keeps that the broker has turned a cancel down, and tells it. `hasMoved`: the order pended, and
 * its history has the event. Where nothing has shown it pend, the order stays as it is; but a
 * request that was answered with yes is over all the same.
 */
export async function noteTurnedDown(
  transaction: BooksTransaction,
  world: World,
  told: { readonly draft: Draft; readonly evidence: Evidence; readonly hasMoved: boolean },
): Promise<void> {
  const { draft, evidence, hasMoved } = told;
  const state = stateOf(draft.order);
  if (!isWorking(state)) return;
  if (!hasMoved) {
    const { clientOrderId, brokerOrderId } = evidence;
    const said = saidBy(evidence);
    const history = await transaction.orders.eventsOf(clientOrderId);
    const isKept = history.some(
      ({ kind, brokerEventId }) =>
        kind === 'cancel_rejected' && brokerEventId === said.brokerEventId,
    );
    if (isKept) return;
    await transaction.orders.appendEvent({
      clientOrderId,
      kind: 'cancel_rejected',
      fromState: state,
      toState: state,
      outcome: 'repeated',
      source: evidence.source,
      detail: JSON.stringify({ kind: 'cancel_rejected', brokerOrderId }),
      ...said,
      atMs: world.marketClock.nowMs(),
      recordedAtWallMs: world.wallClock.nowMs(),
    });
  }
  await announceTurnedDown(transaction, world, draft.order);
}
