import type { BooksTransaction, EvidenceSource } from '../../adapters/store/port.js';
import type { Order } from '../../domain/order/index.js';
import type { World } from '../world.js';

/** Appends one line to the order's history: what happened, from where to where. */
export async function appendOwnEvent(
  transaction: BooksTransaction,
  world: World,
  line: {
    readonly before: Order | null;
    readonly after: Order;
    readonly event: { readonly kind: string };
    readonly source: EvidenceSource;
  },
): Promise<void> {
  const { before, after, event, source } = line;
  await transaction.orders.appendEvent({
    clientOrderId: after.intent.clientOrderId,
    kind: event.kind,
    fromState: before?.progress.state ?? null,
    toState: after.progress.state,
    outcome: before === after ? 'repeated' : 'moved',
    source,
    detail: JSON.stringify(event),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
  });
}
