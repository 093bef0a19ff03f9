import type { BooksTransaction, EvidenceSource } from '../../adapters/store/port.js';
import type { Order } from '../../domain/order/index.js';
import type { World } from '../world.js';

/** Of events with which nothing was said to or by the broker. */
export const NOTHING_SAID = { raw: null, brokerEventId: null } as const;

/** Appends one line to the order's history: what happened, from where to where. */
export async function appendOwnEvent(
  transaction: BooksTransaction,
  world: World,
  line: {
    readonly before: Order | null;
    readonly after: Order;
    readonly event: { readonly kind: string };
    readonly source: EvidenceSource;
    /** What was asked or answered with it, as it was. */
    readonly raw?: string | null;
  },
): Promise<void> {
  const { before, after, event, source, raw = null } = line;
  await transaction.orders.appendEvent({
    clientOrderId: after.intent.clientOrderId,
    kind: event.kind,
    fromState: before?.progress.state ?? null,
    toState: after.progress.state,
    outcome: before === after ? 'repeated' : 'moved',
    source,
    detail: JSON.stringify(event),
    ...NOTHING_SAID,
    raw,
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
  });
}
