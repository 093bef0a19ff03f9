import type { OrderRow } from '../../../adapters/store/port.js';
import type { ExchangeJournal } from '../exchange/exchange-journal.js';
import type { AbsenceProof } from './absence-proof.js';

const ENDS_OF_THE_BROKER: readonly string[] = ['canceled', 'expired', 'replaced', 'refused'];
/** An order that has ended like this never gives its place to another one. */
const ENDS_IN_PLACE: readonly string[] = ['canceled', 'expired', 'filled'];

/**
 * What an end of an order must stand on at the commit that books it: one that the broker told, on
 * every fill that led to it, or its exposure is forgotten before it is counted; one that nobody
 * told, on the whole proof that the broker never had the order.
 */
export class OrderEnds {
  readonly #journal: ExchangeJournal;
  readonly #proof: AbsenceProof;

  constructor(journal: ExchangeJournal, proof: AbsenceProof) {
    this.#journal = journal;
    this.#proof = proof;
  }

  /** What is wrong with the end that this commit has booked. */
  faultsOf(row: OrderRow, stateOf: (clientOrderId: string) => string, atMs: number) {
    const { intent, progress } = row.order;
    if (ENDS_OF_THE_BROKER.includes(progress.state)) return this.#unbookedFills(row);
    if (progress.state !== 'abandoned') return [];
    // The place of an order that has ended in it can never be taken.
    if (row.replaces !== null && ENDS_IN_PLACE.includes(stateOf(row.replaces))) return [];
    return this.#proof
      .lacks(intent.clientOrderId, atMs)
      .map((lack) => `I6: ${intent.clientOrderId} is abandoned, and ${lack}`);
  }

  #unbookedFills({ order }: OrderRow): readonly string[] {
    const { clientOrderId } = order.intent;
    const filled = this.#journal.ofClient(clientOrderId)?.filledNanos ?? 0n;
    if (filled <= BigInt(order.filledQuantity)) return [];
    const booked = `${order.progress.state} with ${order.filledQuantity} booked`;
    return [`I2: ${clientOrderId} ends ${booked}, the broker filled ${filled}`];
  }
}
