import type { BooksTransaction, ReservationRow } from '../../adapters/store/port.js';
import {
  IN_FLIGHT_STATES,
  isClosed,
  type Order,
  remainingOf,
  WORKING_STATES,
} from '../../domain/order/index.js';
import { signedUnits, splitOrder, worstPrice, worstRemainders } from '../../domain/risk/index.js';
import {
  addUsd,
  averagePriceRounded,
  notionalRoundedUp,
  type Price,
  price,
  quantity,
  type Quantity,
  subtractUsd,
  ZERO_QUANTITY,
  ZERO_USD,
} from '../../domain/values/index.js';

/**
 * Brings an order's reservation to what may still open exposure, after a change of the order: the
 * whole of it is released at the end, a fill lowers it, and what a bust or a reopening has given
 * back to the market is held back again.
 */
export async function adjustReservation(
  transaction: BooksTransaction,
  before: Order,
  after: Order,
): Promise<void> {
  const hasClosed = isClosed(after.progress.state);
  const hasReopened = isClosed(before.progress.state) && !hasClosed;
  if (hasReopened || (!hasClosed && after.filledQuantity < before.filledQuantity)) {
    await restoreReservation(transaction, before, after);
  } else if (hasClosed || after.filledQuantity > before.filledQuantity) {
    await shrinkReservation(transaction, after, hasClosed);
  }
}

/**
 * Lowers an order's reservation to what may still open exposure; the whole of it is released when
 * the order ends.
 */
export async function shrinkReservation(
  transaction: BooksTransaction,
  order: Order,
  hasClosed: boolean,
): Promise<void> {
  const held = await transaction.reservations.byOrder(order.intent.clientOrderId);
  if (held === null) return;
  const opening = hasClosed
    ? ZERO_QUANTITY
    : quantity(Math.min(held.openingQuantity, remainingOf(order)));
  await writeReservation(transaction, order, { held, opening, unitPrice: held.unitPrice });
}

/** As an admission would reserve now, at the worst price that is known. */
async function restoreReservation(
  transaction: BooksTransaction,
  before: Order,
  after: Order,
): Promise<void> {
  const { clientOrderId, symbol, side } = after.intent;
  const position = await transaction.positions.bySymbol(symbol);
  const open = await transaction.orders.inStates([...IN_FLIGHT_STATES, ...WORKING_STATES], symbol);
  const others = worstRemainders(
    open.filter(({ order }) => order.intent.clientOrderId !== clientOrderId),
  );
  const units = position === null ? 0 : signedUnits(position.side, position.quantity);
  const remainder = { side, remaining: remainingOf(after) };
  const { opening } = splitOrder(units, others, remainder);
  const held = await transaction.reservations.byOrder(clientOrderId);
  const known = [position?.lastPrice ?? null, after.intent.decisionPrice, averageOf(before)];
  const unitPrice = held?.unitPrice ?? worstPrice(after.intent, highest(known));
  // Without any price nothing can be held back; the order itself still counts as open.
  if (unitPrice === null || unitPrice === 'beyond') return;
  await writeReservation(transaction, after, { held, opening, unitPrice });
}

async function writeReservation(
  transaction: BooksTransaction,
  { intent }: Order,
  wanted: {
    /** What the books hold back for the order until now. */
    readonly held: ReservationRow | null;
    readonly opening: Quantity;
    readonly unitPrice: Price;
  },
): Promise<void> {
  const { clientOrderId, symbol, side } = intent;
  const { held, opening: openingQuantity, unitPrice } = wanted;
  const amount = notionalRoundedUp(unitPrice, openingQuantity);
  if (openingQuantity === 0) await transaction.reservations.delete(clientOrderId);
  else {
    const row = { clientOrderId, symbol, side, openingQuantity, unitPrice, amount };
    await transaction.reservations.put(row);
  }
  const { reserved } = transaction.account.get();
  const freed = subtractUsd(reserved, held?.amount ?? ZERO_USD);
  transaction.account.set({ reserved: addUsd(freed, amount) });
}

function averageOf({ filledQuantity, filledNotional }: Order): Price | null {
  if (filledQuantity === 0 || filledNotional <= 0) return null;
  return averagePriceRounded(filledNotional, filledQuantity);
}

function highest(prices: readonly (Price | null)[]): Price | null {
  const known = prices.filter((candidate) => candidate !== null);
  return known.length === 0 ? null : price(Math.max(...known));
}
