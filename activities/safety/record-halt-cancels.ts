import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import { NOTHING_SAID } from '../order/append-event.js';
import type { AskedCancel, CancelReport } from './cancel-for-halt.js';
import type { HaltWorld } from './engage-halt.js';

const KIND = 'cancel_by_halt';
/** The cancels themselves are told meanwhile, and wait for the books. */
const AT_ONCE = 50;

/** What the broker was asked to cancel orders for. */
export interface HaltCancels {
  readonly asked: readonly AskedCancel[];
  /** The causes of the halt, or the shutdown, that asked. */
  readonly cause: string;
  /** For people. */
  readonly why: string;
}

/**
 * What the broker was asked for: where one request took everything and named no order, every order
 * that worked as it was asked.
 */
export function askedInBulk(
  { isUnnamed, asked }: CancelReport,
  workingIds: readonly string[],
): readonly AskedCancel[] {
  if (!isUnnamed) return asked;
  const named = new Set(asked.map(({ brokerOrderId }) => brokerOrderId));
  const others = workingIds.filter((brokerOrderId) => !named.has(brokerOrderId));
  const outcome = { kind: 'requested' } as const;
  return [...others.map((brokerOrderId) => ({ brokerOrderId, outcome, inBulk: true })), ...asked];
}

/**
 * Writes into the history of each order of ours that a halt, or a shutdown, asked the broker to
 * cancel it, alone or with everything that was open, and what the broker said. After the asking: a
 * halt waits for no books. What is asked again for the same cause with the same answer is one line.
 */
export async function recordHaltCancels(
  world: Pick<HaltWorld, 'account' | 'books' | 'wallClock' | 'marketClock'>,
  { asked, cause, why }: HaltCancels,
): Promise<void> {
  for (let first = 0; first < asked.length; first += AT_ONCE) {
    const some = asked.slice(first, first + AT_ONCE);
    await world.books.transaction(world.account, async (transaction) => {
      for (const { brokerOrderId, outcome, inBulk } of some) {
        const row = await transaction.orders.byBrokerOrderId(brokerOrderId);
        if (row === null) continue; // Somebody else's, or one whose answer is still under way.
        const detail = JSON.stringify({ ...outcome, inBulk, cause, why });
        await appendOnce(transaction, world, { row, detail });
      }
    });
  }
}

async function appendOnce(
  transaction: BooksTransaction,
  world: Pick<HaltWorld, 'wallClock' | 'marketClock'>,
  { row, detail }: { readonly row: OrderRow; readonly detail: string },
): Promise<void> {
  const { clientOrderId } = row.order.intent;
  const history = await transaction.orders.eventsOf(clientOrderId);
  if (history.some((line) => line.kind === KIND && line.detail === detail)) return;
  const { state } = row.order.progress;
  await transaction.orders.appendEvent({
    clientOrderId,
    kind: KIND,
    fromState: state,
    toState: state,
    outcome: 'moved',
    source: 'answer',
    detail,
    ...NOTHING_SAID,
    atMs: world.marketClock.nowMs(),
    recordedAtWallMs: world.wallClock.nowMs(),
  });
}
