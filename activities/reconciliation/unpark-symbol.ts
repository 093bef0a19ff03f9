import type { BooksTransaction } from '../../adapters/store/port.js';
import { ORDER_STATES } from '../../domain/order/index.js';
import { viewOf } from '../order/order-view.js';
import { NOTHING_SAID } from '../order/append-event.js';
import type { World } from '../world.js';

/** What lifting a park reaches of the outside: the books and the clocks. */
export type UnparkWorld = Pick<World, 'account' | 'wallClock' | 'marketClock'> & {
  readonly books: Pick<World['books'], 'transaction'>;
};

export interface UnparkRequest {
  readonly symbol: string;
  readonly operator: string;
  readonly reason: string;
}

export type UnparkAnswer =
  | {
      readonly outcome: 'unparked';
      readonly was: string | null;
      /** Client order ids of the symbol that were parked, too. */
      readonly orders: readonly string[];
    }
  | { readonly outcome: 'not_parked' | 'unknown_symbol' };

/**
 * Lifts the park of a symbol and of its orders, by a person with a name and a reason. Nothing is
 * corrected by it: what cannot be still cannot, and evidence of it parks again.
 */
export async function unparkSymbol(
  world: UnparkWorld,
  request: UnparkRequest,
): Promise<UnparkAnswer> {
  return world.books.transaction(world.account, async (transaction) => {
    const { symbol } = request;
    const instrument = await transaction.instruments.bySymbol(symbol);
    const orders = await unparkOrders(transaction, world, request);
    if (instrument === null && orders.length === 0) return { outcome: 'unknown_symbol' };
    const was = instrument?.parkedReason ?? null;
    if (was === null && orders.length === 0) return { outcome: 'not_parked' };
    if (instrument !== null) {
      await transaction.instruments.upsert({ ...instrument, parkedReason: null });
    }
    await record(transaction, world, { request, was, orders });
    return { outcome: 'unparked', was, orders };
  });
}

async function unparkOrders(
  transaction: BooksTransaction,
  world: UnparkWorld,
  { symbol, operator, reason }: UnparkRequest,
): Promise<readonly string[]> {
  const rows = await transaction.orders.inStates(ORDER_STATES, symbol);
  const parked = rows.filter(({ order }) => order.parkedReason !== null);
  for (const { order } of parked) {
    const { state } = order.progress;
    const { clientOrderId } = order.intent;
    const after = { ...order, parkedReason: null, version: order.version + 1 };
    await transaction.orders.update(after, order.version);
    await transaction.orders.appendEvent({
      clientOrderId,
      kind: 'unparked',
      fromState: state,
      toState: state,
      outcome: 'moved',
      source: 'operator',
      detail: JSON.stringify({ operator, reason, was: order.parkedReason }),
      ...NOTHING_SAID,
      atMs: world.marketClock.nowMs(),
      recordedAtWallMs: world.wallClock.nowMs(),
    });
    // Its driver shows that it needs attention no longer.
    const payload = JSON.stringify(viewOf({ order: after }));
    await transaction.outbox.post({ kind: 'signal_order', target: clientOrderId, payload });
  }
  return parked.map(({ order }) => order.intent.clientOrderId);
}

async function record(
  transaction: BooksTransaction,
  world: UnparkWorld,
  lifted: {
    readonly request: UnparkRequest;
    readonly was: string | null;
    readonly orders: readonly string[];
  },
): Promise<void> {
  const { request, was, orders } = lifted;
  const { symbol, operator, reason } = request;
  const recordedAtWallMs = world.wallClock.nowMs();
  await transaction.alerts.record({
    alertId: `unparked/${symbol}/${transaction.account.get().version}`,
    type: 'position_reconciliation',
    severity: 'warning',
    title: `${symbol} takes new entries again`,
    message: `by ${operator}: ${reason}`,
    metadata: JSON.stringify({ symbol, was, orders }),
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs,
    acknowledgedBy: null,
  });
  transaction.audit({
    actor: operator,
    kind: 'symbol_unparked',
    entity: symbol,
    body: JSON.stringify({ reason, was, orders }),
    atWallMs: recordedAtWallMs,
  });
}
