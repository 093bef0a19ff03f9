import type { BooksTransaction, FillRow, TradeRow } from '../../adapters/store/port.js';
import { liveFillsInPlace } from '../../domain/order/index.js';
import {
  countLosingStreak,
  netPnl,
  type Replay,
  replayFills,
  type Trade,
  type TradeFill,
} from '../../domain/trade/index.js';
import {
  addUsd,
  assert,
  epochMs,
  quantity,
  subtractUsd,
  type Usd,
  ZERO_USD,
} from '../../domain/values/index.js';
import { postFill } from './post-fill.js';

/**
 * Posts reversals and the fills that take their places, all of one symbol, in the caller's
 * transaction. Average cost cannot be undone by a fill the other way, so position and trades are
 * made anew from all fills that count, in the order in which they happened: what is left is what
 * would be there if the books had never heard anything else.
 */
export async function rebookFills(
  transaction: BooksTransaction,
  symbol: string,
  rows: readonly FillRow[],
): Promise<void> {
  const trades = await transaction.trades.ofSymbol(symbol);
  const streakBefore = await losingStreakOf(transaction);
  for (const row of rows) await rebookFill(transaction, row);
  const { closed, inProgress } = await replayOf(transaction, symbol);
  const made: readonly TradeRow[] = inProgress === null ? closed : [...closed, inProgress];
  await rewriteTrades(transaction, trades, made);
  await recount(transaction, { before: trades.filter(isClosedTrade), after: closed, streakBefore });
}

async function rebookFill(transaction: BooksTransaction, fill: FillRow): Promise<void> {
  const recorded = await transaction.fills.record(fill);
  assert(recorded === 'recorded', `expected fill ${fill.fillId} to be new, found it booked`);
  const before = await transaction.positions.bySymbol(fill.symbol);
  assert(before !== null, `expected a position of ${fill.symbol} to rebook`);
  const replay = await replayOf(transaction, fill.symbol);
  const updatedAtMs = epochMs(Math.max(before.updatedAtMs, replay.position.updatedAtMs));
  const position = { ...replay.position, updatedAtMs };
  const realized = subtractUsd(position.realizedPnl, before.realizedPnl);
  await postFill(transaction, { fill, before, position, realized });
}

async function replayOf(transaction: BooksTransaction, symbol: string): Promise<Replay> {
  const live = liveFillsInPlace(await transaction.fills.ofSymbol(symbol));
  return replayFills(symbol, await tradeFillsOf(transaction, live), epochMs(0));
}

async function tradeFillsOf(
  transaction: BooksTransaction,
  fills: readonly FillRow[],
): Promise<readonly TradeFill[]> {
  const decisionPrices = new Map<string, TradeFill['decisionPrice']>();
  for (const { clientOrderId } of fills) {
    if (decisionPrices.has(clientOrderId)) continue;
    const row = await transaction.orders.byClientOrderId(clientOrderId);
    assert(row !== null, `expected order ${clientOrderId} of a fill in the books`);
    decisionPrices.set(clientOrderId, row.order.intent.decisionPrice);
  }
  return fills.map((fill) => ({
    fillId: fill.fillId,
    strategy: fill.strategy,
    symbol: fill.symbol,
    side: fill.side,
    quantity: quantity(fill.cumulativeAfter - fill.cumulativeBefore),
    price: fill.price,
    notional: fill.notional,
    fee: fill.fee,
    decisionPrice: decisionPrices.get(fill.clientOrderId) ?? null,
    atMs: fill.atMs,
  }));
}

/** Trades follow from fills: those that no fill makes any more are gone, the others are as made. */
async function rewriteTrades(
  transaction: BooksTransaction,
  known: readonly TradeRow[],
  made: readonly TradeRow[],
): Promise<void> {
  const madeIds = new Set(made.map((trade) => trade.tradeId));
  for (const { tradeId } of known) {
    if (!madeIds.has(tradeId)) await transaction.trades.delete(tradeId);
  }
  for (const trade of made) {
    const written = known.find(({ tradeId }) => tradeId === trade.tradeId);
    if (JSON.stringify(written) !== JSON.stringify(trade)) await transaction.trades.record(trade);
  }
}

function isClosedTrade(trade: TradeRow): trade is Trade {
  return trade.closedAtMs !== null;
}

/**
 * The day on which a trade is taken back or turns out otherwise is the day that has its loss or its
 * gain, as the day's equity has it. A streak that a person has reset meanwhile stays reset.
 */
async function recount(
  transaction: BooksTransaction,
  counted: {
    readonly before: readonly Trade[];
    readonly after: readonly Trade[];
    readonly streakBefore: number;
  },
): Promise<void> {
  const day = await transaction.tradingDays.latest();
  if (day === null) return;
  const { before, after, streakBefore } = counted;
  const streakAfter = await losingStreakOf(transaction);
  await transaction.tradingDays.put({
    ...day,
    realizedPnl: addUsd(day.realizedPnl, subtractUsd(netOf(after), netOf(before))),
    tradesClosed: Math.max(0, day.tradesClosed + after.length - before.length),
    losingStreak: day.losingStreak === streakBefore ? streakAfter : day.losingStreak,
  });
}

function netOf(trades: readonly Trade[]): Usd {
  return addUsd(...trades.map(netPnl), ZERO_USD);
}

async function losingStreakOf(transaction: BooksTransaction): Promise<number> {
  const closed = await transaction.trades.closedBetween(
    epochMs(0),
    epochMs(Number.MAX_SAFE_INTEGER),
  );
  return closed.filter(isClosedTrade).reduce((streak, trade) => {
    return countLosingStreak(streak, netPnl(trade));
  }, 0);
}
