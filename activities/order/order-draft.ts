import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import { applyOrderEvent, type Order, type OrderEvent } from '../../domain/order/index.js';
import type { World } from '../world.js';
import { type Evidence, saidBy } from './evidence.js';

/**
 * An order on its way through one transaction: what it became, and what must be written with it.
 */
export interface Draft {
  order: Order;
  hasMoved: boolean;
  /** Why the evidence cannot be. Null: it can. */
  quarantine: string | null;
  /** The execution of the evidence is in the books, or has been and was taken back. */
  isToldBefore: boolean;
  /** The broker shows less than the books hold, and what it took back is not known. */
  isHoldingMore: boolean;
  /** Some of what the books hold of it is a guess, beside what was told just now. */
  isHoldingGuess: boolean;
}

/** One piece of evidence on its way into one order. */
export interface Step {
  readonly draft: Draft;
  readonly row: OrderRow;
  readonly evidence: Evidence;
}

/** Takes one event through the table and writes its line; true when the order moved. */
export async function move(
  transaction: BooksTransaction,
  world: World,
  step: Step & { readonly event: OrderEvent },
): Promise<boolean> {
  const { draft, evidence, event } = step;
  const applied = applyOrderEvent(draft.order, event, world.marketClock.nowMs());
  if (applied.outcome === 'repeated') return false;
  if (applied.outcome === 'impossible') {
    draft.quarantine = `${event.kind} in state ${draft.order.progress.state}: ${applied.why}`;
    return false;
  }
  await transaction.orders.appendEvent({
    clientOrderId: evidence.clientOrderId,
    kind: event.kind,
    fromState: draft.order.progress.state,
    toState: applied.order.progress.state,
    outcome: 'moved',
    source: evidence.source,
    detail: JSON.stringify(event),
    ...saidBy(evidence),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
  });
  draft.order = applied.order;
  draft.hasMoved = true;
  return true;
}
