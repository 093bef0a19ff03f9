import type { Books } from './books.js';
import { checkFills } from './check-fills.js';
import { checkMoney } from './check-money.js';
import { checkOrders } from './check-orders.js';
import { checkAudit, checkNothingInvented, checkOutbox } from './check-records.js';
import { checkTurns } from './check-turns.js';
import type { Journal } from './journal.js';

/** The two sides to compare. */
export interface Sides {
  readonly books: Books;
  readonly journal: Journal;
}

/**
 * Compares the books of an account with the journal of its exchange, by arithmetic of its own. One
 * line for each violation; none: everything holds. The numbers (I1 …) name the invariants of the
 * design.
 */
export function check({ books, journal }: Sides): readonly string[] {
  return [
    ...checkOrders(books, journal),
    ...checkFills(books, journal),
    ...checkMoney(books, journal),
    ...checkAudit(books),
    ...checkOutbox(books),
    ...checkTurns(books),
    ...checkNothingInvented(books),
  ];
}
