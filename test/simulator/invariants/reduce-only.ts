import type { BooksReader, OrderRow } from '../../../adapters/store/port.js';
import {
  IN_FLIGHT_STATES,
  type OrderState,
  revisionBaseOf,
  stateOf,
  WORKING_STATES,
} from '../../../domain/order/index.js';
import { worstRemainders } from '../../../domain/risk/index.js';
import type { HaltMode } from './halt-rules.js';

export interface ReduceOnlyParts {
  readonly reader: BooksReader;
  readonly nowMs: () => number;
}

/** A send that had begun before the halt is on the wire by then, or never. */
const SEND_WINDOW_MS = 1_000;
const OPEN_STATES: readonly OrderState[] = [...IN_FLIGHT_STATES, ...WORKING_STATES];

/**
 * I7 for the milder halt: once reduce-only is committed, no order is sent that opens or enlarges a
 * position. Judged by the books of the commit that begins the send, as whoever sends must judge:
 * everything open on its side fills first. A position that they have not heard of yet is not its
 * matter.
 */
export class ReduceOnly {
  readonly #parts: ReduceOnlyParts;
  readonly #raising = new Set<string>();
  #sinceMs: number | null = null;
  #judged = 0;

  constructor(parts: ReduceOnlyParts) {
    this.#parts = parts;
  }

  /** How many sends have begun under it. */
  get judged(): number {
    return this.#judged;
  }

  /** What is wrong with the sends that begin in this commit, of all the orders that it has left. */
  async commitFaults(
    mode: HaltMode,
    sends: readonly OrderRow[],
    orders: readonly OrderRow[],
  ): Promise<readonly string[]> {
    const isInForce = mode === 'reduce_only';
    this.#sinceMs = isInForce ? (this.#sinceMs ?? this.#parts.nowMs()) : null;
    const faults: string[] = [];
    for (const send of sends) {
      const { clientOrderId } = send.order.intent;
      const isRaising = await this.#isRaising(send, orders);
      if (isRaising) this.#raising.add(clientOrderId);
      else this.#raising.delete(clientOrderId);
      if (isInForce) this.#judged += 1;
      if (isInForce && isRaising) faults.push(`I7: ${clientOrderId} is admitted in reduce-only`);
    }
    return faults;
  }

  /** What is wrong with a send that leaves now. */
  sendFaults(clientOrderId: string): readonly string[] {
    if (this.#sinceMs === null || !this.#raising.has(clientOrderId)) return [];
    const isLate = this.#parts.nowMs() - this.#sinceMs > SEND_WINDOW_MS;
    return isLate ? [`I7: ${clientOrderId} is sent in reduce-only, and can raise exposure`] : [];
  }

  async #isRaising({ order, parent }: OrderRow, orders: readonly OrderRow[]): Promise<boolean> {
    // A leg in the place of another closes what its entry has opened, or will.
    if (parent !== null) return false;
    const { clientOrderId, symbol, side, quantity } = order.intent;
    // What an order takes the place of is free for it.
    const chain = revisionBaseOf(clientOrderId);
    const others = orders.filter(
      (other) =>
        other.order.intent.symbol === symbol &&
        OPEN_STATES.includes(stateOf(other.order)) &&
        revisionBaseOf(other.parent ?? other.order.intent.clientOrderId) !== chain,
    );
    const ahead = worstRemainders(others)
      .filter((other) => other.side === side)
      .reduce((sum, { remaining }) => sum + BigInt(remaining), 0n);
    const position = await this.#parts.reader.positions.bySymbol(symbol);
    const isAgainst = position?.side === (side === 'sell' ? 'long' : 'short');
    const held = isAgainst ? BigInt(position.quantity) : 0n;
    return BigInt(quantity) > (held > ahead ? held - ahead : 0n);
  }
}
