import type { TradeUpdate } from '../../adapters/broker/port.js';
import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import { assert } from '../../domain/values/index.js';
import { applyEvidence, applyEvidenceTo, type AppliedEvidence } from '../order/apply-evidence.js';
import { groupsLackingLegs } from '../order/complete-group.js';
import { inboxIdOf, streamEvidence, toldTradeOf } from '../order/evidence.js';
import { mayBeInFlight } from '../reconciliation/repair-shown.js';
import type { World } from '../world.js';

export interface UpdatesApplied {
  /** Orders at the broker that the books do not explain yet: to be looked up and repaired. */
  readonly toRepair: readonly TradeUpdate[];
}

/**
 * Books a batch of frames in one transaction: each is stored raw and applied. A batch of a stream
 * that has been replaced is refused by assertion of its epoch, so that a zombie writes nothing.
 */
export async function applyUpdates(
  world: World,
  streamEpoch: number,
  updates: readonly TradeUpdate[],
): Promise<UpdatesApplied> {
  world.crashPoint('before-booking');
  const applied = await world.books.transaction(world.account, async (transaction) => {
    const stream = await transaction.streamState.get();
    assert(stream?.streamEpoch === streamEpoch, `stream epoch ${streamEpoch} was superseded`);
    const results: { readonly update: TradeUpdate; readonly applied: AppliedEvidence }[] = [];
    // Frames of one order come close together: what one left is what the next one finds.
    const rows = new Map<string, OrderRow>();
    for (const update of updates) {
      const row = rows.get(update.order.clientOrderId) ?? null;
      const one = await applyUpdate(transaction, world, { update, row, streamEpoch });
      if (one.outcome !== 'no_order') rows.set(update.order.clientOrderId, one.row);
      results.push({ update, applied: one });
    }
    world.crashPoint('in-booking');
    return results;
  });
  world.crashPoint('after-booking');
  for (const result of applied) {
    if (result.applied.outcome !== 'no_order') world.notices.publish(result.applied.view);
  }
  const toRepair = applied
    .filter(({ applied: one }) => needsRepair(one))
    .map(({ update }) => update);
  return { toRepair };
}

/** An order that the books do not know is somebody else's only when it cannot be one of ours. */
async function strangerOf(
  transaction: BooksTransaction,
  { order }: TradeUpdate,
): Promise<'external' | 'unmatched'> {
  if (await mayBeInFlight(transaction, order.symbol)) return 'unmatched';
  // The frames of a group may come before the answer that shows its legs.
  return (await groupsLackingLegs(transaction, order)).length > 0 ? 'unmatched' : 'external';
}

function needsRepair(applied: AppliedEvidence): boolean {
  if (applied.outcome === 'no_order') return true;
  return applied.isMissingFills || applied.isHoldingMore || applied.isHoldingGuess;
}

async function applyUpdate(
  transaction: BooksTransaction,
  world: World,
  frame: {
    readonly update: TradeUpdate;
    readonly row: OrderRow | null;
    readonly streamEpoch: number;
  },
): Promise<AppliedEvidence> {
  const { update, row, streamEpoch } = frame;
  const evidence = streamEvidence(update, world.marketClock.nowMs());
  const applied =
    row === null
      ? await applyEvidence(transaction, world, evidence)
      : await applyEvidenceTo(transaction, world, { row, evidence });
  const outcome =
    applied.outcome === 'no_order' ? await strangerOf(transaction, update) : applied.outcome;
  await transaction.brokerEvents.record({
    eventId: inboxIdOf(update),
    source: 'stream',
    event: update.event,
    clientOrderId: update.order.clientOrderId,
    brokerOrderId: update.order.brokerOrderId,
    outcome,
    trade: toldTradeOf(evidence),
    raw: update.raw,
    streamEpoch,
    receivedAtWallMs: world.wallClock.nowMs(),
  });
  return applied;
}
