import type { BooksTransaction, FillRow } from '../../adapters/store/port.js';
import type { Order } from '../../domain/order/index.js';
import { applyFill, flatPosition, type PositionChange } from '../../domain/position/index.js';
import { countLosingStreak, foldTrade, netPnl, type Trade } from '../../domain/trade/index.js';
import { addUsd, assert, quantity } from '../../domain/values/index.js';
import { postFill } from './post-fill.js';

/**
 * Posts a new fill: fill, position, trade, cash, totals and the day's counters, in the caller's
 * transaction. The order itself is written by the caller, which has moved it already. A fill that
 * takes the place of an earlier one goes through `rebookFill`.
 */
export async function bookFill(
  transaction: BooksTransaction,
  order: Order,
  fill: FillRow,
): Promise<void> {
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
  const { position, realized } = change;
  await postFill(transaction, { fill, before, position, realized });
  const closed = await writeTrade(transaction, { order, fill, change });
  if (closed !== null) await countClosedTrade(transaction, closed);
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
