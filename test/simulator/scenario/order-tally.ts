import type { OrderIntent } from '../../../domain/order/index.js';

/** In the books, at the end of each run, legs and replacements too. */
export const ORDERS_LEAST = 20;

/** Of what the books do not have their broker's word of yet. */
const ON_THE_WAY: readonly string[] = ['none', 'created', 'submitting'];

export interface OrderTallyParts {
  /** How many orders the books have. */
  readonly inBooks: () => number;
  /** In which state the books have an order. */
  readonly stateOf: (clientOrderId: string) => string;
}

/** Counts what is in the books and what is still to come there, so that a run wishes no more. */
export class OrderTally {
  readonly #parts: OrderTallyParts;
  readonly #onTheWay = new Map<string, number>();

  constructor(parts: OrderTallyParts) {
    this.#parts = parts;
  }

  wanted({ clientOrderId, takeProfit, stopLoss, orderClass }: OrderIntent): void {
    const exits = (takeProfit === null ? 0 : 1) + (stopLoss === null ? 0 : 1);
    this.#onTheWay.set(clientOrderId, orderClass === 'oco' ? exits - 1 : exits);
  }

  areEnough(): boolean {
    return this.#parts.inBooks() + this.#coming() >= ORDERS_LEAST;
  }

  #coming(): number {
    let coming = 0;
    for (const [clientOrderId, legs] of this.#onTheWay) {
      const state = this.#parts.stateOf(clientOrderId);
      if (!ON_THE_WAY.includes(state)) this.#onTheWay.delete(clientOrderId);
      else coming += state === 'none' ? 1 + legs : legs;
    }
    return coming;
  }
}
