import type { BooksReader, FillRow, OrderRow } from '../../adapters/store/port.js';
import { parseMarketDate, tradingDay } from '../../domain/market/index.js';
import { isClosed, isWorking, liveFills, type OrderState } from '../../domain/order/index.js';
import { type Valuation, valueAccount } from '../../domain/portfolio/index.js';
import { slippageOf } from '../../domain/trade/index.js';
import {
  addUsd,
  assert,
  type EpochMs,
  formatUsd,
  type Price,
  quantity,
  type Usd,
  ZERO_USD,
} from '../../domain/values/index.js';
import type { SessionInput, SessionSummary } from '../../workflows/contract/lifecycle.js';
import type { World } from '../world.js';

/** The day in figures, from the books alone; marks the day as summarized. */
export async function summarizeDay(world: World, input: SessionInput): Promise<SessionSummary> {
  const { reader } = world;
  const { startedAtMs, postCloseAtMs } = await dayBounds(reader, input.marketDate);
  const orders = await reader.orders.decidedSince(startedAtMs);
  const fills = liveFills(await reader.fills.between(startedAtMs, postCloseAtMs));
  const trades = await reader.trades.closedBetween(startedAtMs, postCloseAtMs);
  const { equity, unrealizedPnl } = await valuationOf(world);
  const realized = addUsd(
    ...trades.map((trade) => trade.realizedPnl),
    await realizedOfOpen(reader),
  );
  await markSummarized(world, input.marketDate);
  return {
    marketDate: input.marketDate,
    symbols: input.symbols,
    orders: countOrders(orders.map(({ order }) => order.progress.state)),
    fills: fills.length,
    tradesClosed: trades.length,
    realizedPnlUsd: formatUsd(realized),
    unrealizedPnlUsd: formatUsd(unrealizedPnl),
    feesUsd: formatUsd(addUsd(...fills.map((fill) => fill.fee), ZERO_USD)),
    slippageUsd: formatUsd(slippageOfFills(fills, orders)),
    equityUsd: formatUsd(equity),
    discrepancies: await lastDiscrepancies(reader),
    alerts: await reader.alerts.count(),
  };
}

async function dayBounds(
  reader: BooksReader,
  text: string,
): Promise<{ readonly startedAtMs: EpochMs; readonly postCloseAtMs: EpochMs }> {
  const date = parseMarketDate(text);
  const day = date === null ? null : tradingDay(date);
  const row = await reader.tradingDays.byDate(text);
  assert(day !== null && row !== null, `expected the trading day ${text} in the books`);
  return { startedAtMs: row.startedAtMs, postCloseAtMs: day.postCloseAtMs };
}

async function valuationOf(world: World): Promise<Valuation> {
  const account = await world.reader.account();
  assert(account !== null, `expected account ${world.account} in the books`);
  const positions = await world.reader.positions.active();
  const marks = new Map<string, Price>();
  for (const { symbol, lastPrice } of positions) {
    if (lastPrice !== null) marks.set(symbol, lastPrice);
  }
  const valued = valueAccount(account.cash, positions, marks);
  assert(valued.ok, 'expected every position to carry the price of its last fill or mark');
  return valued.valuation;
}

/** What positions that are still open have realised by partial exits. */
async function realizedOfOpen(reader: BooksReader): Promise<Usd> {
  let sum = ZERO_USD;
  for (const { symbol } of await reader.positions.active()) {
    sum = addUsd(sum, (await reader.trades.openOf(symbol))?.realizedPnl ?? ZERO_USD);
  }
  return sum;
}

function slippageOfFills(fills: readonly FillRow[], orders: readonly OrderRow[]): Usd {
  const decided = new Map<string, Price | null>(
    orders.map(({ order }) => [order.intent.clientOrderId, order.intent.decisionPrice]),
  );
  const amounts = fills.map((fill) =>
    slippageOf({
      side: fill.side,
      quantity: quantity(fill.cumulativeAfter - fill.cumulativeBefore),
      notional: fill.notional,
      decisionPrice: decided.get(fill.clientOrderId) ?? null,
    }),
  );
  return addUsd(...amounts, ZERO_USD);
}

async function lastDiscrepancies(reader: BooksReader): Promise<number> {
  const [last] = await reader.reconciliation.recentRuns(1);
  if (last === undefined) return 0;
  return (await reader.reconciliation.discrepanciesOf(last.runId)).length;
}

function countOrders(states: readonly OrderState[]): SessionSummary['orders'] {
  const count = (state: OrderState): number => states.filter((one) => one === state).length;
  return {
    created: states.length,
    filled: count('filled'),
    canceled: count('canceled'),
    expired: count('expired'),
    refused: count('refused'),
    denied: count('denied'),
    unknown: states.filter((state) => !isClosed(state) && !isWorking(state)).length,
  };
}

async function markSummarized(world: World, date: string): Promise<void> {
  await world.books.transaction(world.account, async (transaction) => {
    const row = await transaction.tradingDays.byDate(date);
    if (row === null || row.summarizedAtMs !== null) return;
    const summarizedAtMs = world.marketClock.nowMs();
    await transaction.tradingDays.put({ ...row, summarizedAtMs });
  });
}
