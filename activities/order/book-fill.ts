import type { BooksTransaction, FillRow, PositionRow } from '../../adapters/store/port.js';
import type { Order } from '../../domain/order/index.js';
import { applyFill, flatPosition, type PositionChange } from '../../domain/position/index.js';
import { countLosingStreak, foldTrade, netPnl, type Trade } from '../../domain/trade/index.js';
import {
  addUsd,
  assert,
  negateUsd,
  notionalRoundedUp,
  quantity,
  subtractUsd,
  type Usd,
  ZERO_USD,
} from '../../domain/values/index.js';

/**
 * Posts a new fill: fill, position, trade, cash, totals and the day's counters, in the caller's
 * transaction. The order itself is written by the caller, which has moved it already.
 */
export async function bookFill(
  transaction: BooksTransaction,
  order: Order,
  fill: FillRow,
): Promise<Trade | null> {
  const recorded = await transaction.fills.record(fill);
  assert(recorded === 'recorded', `expected fill ${fill.fillId} to be new, found it booked`);
  const before = await transaction.positions.bySymbol(fill.symbol);
  const change = applyFill(before ?? flatPosition(fill.symbol, fill.atMs), {
    symbol: fill.symbol,
    side: fill.side,
    quantity: quantity(fill.cumulativeAfter - fill.cumulativeBefore),
    price: fill.price,
    notional: fill.notional,
    atMs: fill.atMs,
  });
  await writePosition(transaction, { before, change, fill });
  const closed = await writeTrade(transaction, { order, fill, change });
  writeTotals(transaction, { before, change, fill });
  if (closed !== null) await countClosedTrade(transaction, closed);
  return closed;
}

interface Booking {
  readonly before: PositionRow | null;
  readonly change: PositionChange;
  readonly fill: FillRow;
}

async function writePosition(transaction: BooksTransaction, booking: Booking): Promise<void> {
  const { before, change, fill } = booking;
  await transaction.positions.upsert({
    ...change.position,
    lastPrice: fill.price,
    lastPriceAtMs: fill.atMs,
  });
  await transaction.positions.recordChange({
    changeId: fill.fillId,
    symbol: fill.symbol,
    cause: fill.kind === 'reversal' ? 'reversal' : 'fill',
    sideBefore: before?.side ?? 'flat',
    quantityBefore: before?.quantity ?? quantity(0),
    costBasisBefore: before?.costBasis ?? ZERO_USD,
    sideAfter: change.position.side,
    quantityAfter: change.position.quantity,
    costBasisAfter: change.position.costBasis,
    realized: change.realized,
    evidence: JSON.stringify({ fillId: fill.fillId, source: fill.source }),
    atMs: fill.atMs,
  });
}

async function writeTrade(
  transaction: BooksTransaction,
  booking: { readonly order: Order; readonly fill: FillRow; readonly change: PositionChange },
): Promise<Trade | null> {
  const { order, fill, change } = booking;
  const open = await transaction.trades.openOf(fill.symbol);
  const inProgress = open === null ? null : { ...open, closedAtMs: null };
  const folded = foldTrade(
    inProgress,
    {
      fillId: fill.fillId,
      strategy: fill.strategy,
      symbol: fill.symbol,
      side: fill.side,
      quantity: quantity(fill.cumulativeAfter - fill.cumulativeBefore),
      price: fill.price,
      notional: fill.notional,
      fee: fill.fee,
      decisionPrice: order.intent.decisionPrice,
      atMs: fill.atMs,
    },
    change,
  );
  if (folded.closed !== null) await transaction.trades.record(folded.closed);
  if (folded.inProgress !== null) await transaction.trades.record(folded.inProgress);
  return folded.closed;
}

function writeTotals(transaction: BooksTransaction, booking: Booking): void {
  const { change, fill } = booking;
  const totals = transaction.account.get();
  const moved = fill.side === 'buy' ? negateUsd(fill.notional) : fill.notional;
  transaction.account.set({
    cash: subtractUsd(addUsd(totals.cash, moved), fill.fee),
    fees: addUsd(totals.fees, fill.fee),
    realizedPnl: addUsd(totals.realizedPnl, change.realized),
    longCostBasis: addUsd(totals.longCostBasis, costShift('long', booking)),
    shortCostBasis: addUsd(totals.shortCostBasis, costShift('short', booking)),
  });
}

/** How much the fill moved the cost of what is held on one side. */
function costShift(side: 'long' | 'short', { before, change }: Booking): Usd {
  const costOf = (holding: Pick<PositionRow, 'side' | 'costBasis'> | null): Usd =>
    holding?.side === side ? holding.costBasis : ZERO_USD;
  return subtractUsd(costOf(change.position), costOf(before));
}

async function countClosedTrade(transaction: BooksTransaction, trade: Trade): Promise<void> {
  const day = await transaction.tradingDays.latest();
  // Before the first session nothing counts by day; the trade itself is booked.
  if (day === null) return;
  await transaction.tradingDays.put({
    ...day,
    realizedPnl: addUsd(day.realizedPnl, netPnl(trade)),
    tradesClosed: day.tradesClosed + 1,
    losingStreak: countLosingStreak(day.losingStreak, netPnl(trade)),
  });
}

/**
 * Lowers an order's reservation to what may still open exposure; the whole of it is released when
 * the order ends.
 */
export async function shrinkReservation(
  transaction: BooksTransaction,
  order: Order,
  isClosed: boolean,
): Promise<void> {
  const { clientOrderId } = order.intent;
  const held = await transaction.reservations.byOrder(clientOrderId);
  if (held === null) return;
  const remaining = quantity(order.intent.quantity - order.filledQuantity);
  const openingQuantity = isClosed
    ? quantity(0)
    : quantity(Math.min(held.openingQuantity, remaining));
  const amount = notionalRoundedUp(held.unitPrice, openingQuantity);
  if (openingQuantity === 0) await transaction.reservations.delete(clientOrderId);
  else await transaction.reservations.put({ ...held, openingQuantity, amount });
  const { reserved } = transaction.account.get();
  transaction.account.set({ reserved: addUsd(subtractUsd(reserved, held.amount), amount) });
}
