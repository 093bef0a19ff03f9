import { isBrokerFailure } from '../../adapters/broker/errors.js';
import { OPEN_STATES } from '../../domain/order/index.js';
import { valueAccount } from '../../domain/portfolio/index.js';
import { assert, formatUsd, type Price, ZERO_USD } from '../../domain/values/index.js';
import type { SessionInput } from '../../workflows/contract/lifecycle.js';
import { loadInstrument } from '../lifecycle/startup-steps.js';
import { pollOrder } from '../order/resolve-order.js';
import type { World } from '../world.js';

/**
 * What may be traded and sold short changes over night. What cannot be read stays as it was: the
 * broker judges each order by itself.
 */
export async function refreshInstruments(world: World): Promise<void> {
  for (const symbol of world.settings.symbols) {
    try {
      await loadInstrument(world, symbol);
    } catch (error) {
      if (!isBrokerFailure(error)) throw error;
      world.log.warn(
        { symbol, reason: error.message },
        'instruments stay as they were read before',
      );
      return;
    }
  }
}

/**
 * Opens the day's row with the equity that its losses are counted from. A repeat keeps what is
 * there.
 */
export async function openTradingDay(world: World, input: SessionInput): Promise<string> {
  return world.books.transaction(world.account, async (transaction) => {
    const known = await transaction.tradingDays.byDate(input.marketDate);
    if (known !== null) return `goes on with equity ${formatUsd(known.lastEquity)}`;
    const positions = await transaction.positions.active();
    const marks = new Map<string, Price>();
    for (const { symbol, lastPrice } of positions) {
      if (lastPrice !== null) marks.set(symbol, lastPrice);
    }
    const valued = valueAccount(transaction.account.get().cash, positions, marks);
    assert(valued.ok, 'expected every position to carry the price of its last fill or mark');
    const { equity } = valued.valuation;
    const before = await transaction.tradingDays.latest();
    await transaction.tradingDays.put({
      date: input.marketDate,
      startEquity: equity,
      peakEquity: equity,
      lastEquity: equity,
      realizedPnl: ZERO_USD,
      tradesClosed: 0,
      losingStreak: before?.losingStreak ?? 0,
      ordersAdmitted: 0,
      ordersDenied: 0,
      startedAtMs: world.marketClock.nowMs(),
      summarizedAtMs: null,
    });
    return `opened with equity ${formatUsd(equity)}`;
  });
}

const DAY_ORDER_TRIES = 20;
const DAY_ORDER_PAUSE_MS = 100;

/** After the close: asks the broker about every day order until it has told its end. */
export async function closeDayOrders(world: World): Promise<readonly string[]> {
  for (let tries = 0; ; tries += 1) {
    const open = await world.reader.orders.inStates(OPEN_STATES);
    const left = open.filter(({ order }) => order.intent.timeInForce !== 'gtc');
    if (left.length === 0 || tries >= DAY_ORDER_TRIES) {
      return left.map(({ order }) => order.intent.clientOrderId);
    }
    for (const { order } of left) {
      if (order.progress.state !== 'created') await pollOrder(world, order.intent.clientOrderId);
    }
    await world.wallClock.sleep(DAY_ORDER_PAUSE_MS);
  }
}
