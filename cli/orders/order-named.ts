import type { BooksReader, OrderRow } from '../../adapters/store/port.js';
import { isClosed, OPEN_STATES, revisionBaseOf, stateOf } from '../../workers/reference.js';
import { withBooks } from '../data-folder.js';
import { CommandFailure } from '../failure.js';
import type { CommonFlags, Shell } from '../shell.js';

export interface NamedOrder {
  readonly account: string;
  readonly row: OrderRow;
  /** Of an order that is over: the open order of the same wish; null: none is. */
  readonly inItsPlace: string | null;
}

/** The order that a person has named, with its account; a `CommandFailure` where there is none. */
export async function orderNamed(
  shell: Shell,
  flags: CommonFlags,
  clientOrderId: string,
): Promise<NamedOrder> {
  return withBooks(shell, flags, async ({ account: { account }, reader }) => {
    const row = await reader.orders.byClientOrderId(clientOrderId);
    if (row !== null) return { account, row, inItsPlace: await openInPlaceOf(reader, row) };
    throw new CommandFailure([
      `expected an order ${clientOrderId} of account ${account}, found none; ` +
        'see "npx ordinis orders --open"',
    ]);
  });
}

/** That an order is over, and what a person who wants its wish to end must know. */
export function overText(state: string, inItsPlace: string | null): string {
  const over = `the order is ${state} already`;
  return inItsPlace === null
    ? over
    : `${over}, and ${inItsPlace} works in its place: name that one`;
}

/** A replacement bears a revision of the first id; one of somebody else names what it replaces. */
async function openInPlaceOf(reader: BooksReader, { order }: OrderRow): Promise<string | null> {
  if (!isClosed(stateOf(order))) return null;
  const { clientOrderId: id, symbol } = order.intent;
  const open = await reader.orders.inStates(OPEN_STATES, symbol);
  const found = open.find(
    ({ order: other, replaces }) =>
      replaces === id || revisionBaseOf(other.intent.clientOrderId) === revisionBaseOf(id),
  );
  return found?.order.intent.clientOrderId ?? null;
}
