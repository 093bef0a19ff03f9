import type { MarketStep } from '../../adapters/broker/port.js';
import { valueAccount } from '../../domain/portfolio/index.js';
import { maxUsd, type Price } from '../../domain/values/index.js';
import type { World } from '../world.js';

/**
 * Values what is held at the close of the step's bars and keeps the day's equity and its highest
 * end of a minute. A position without a mark leaves the figures as they were.
 */
export async function markToMarket(world: World, step: MarketStep): Promise<void> {
  const closes = new Map<string, Price>(step.bars.map((bar) => [bar.symbol, bar.close]));
  await world.books.transaction(world.account, async (transaction) => {
    const day = await transaction.tradingDays.byDate(step.marketDate);
    if (day === null) return;
    const positions = await transaction.positions.active();
    const marks = new Map<string, Price>();
    for (const position of positions) {
      const mark = closes.get(position.symbol) ?? position.lastPrice;
      if (mark === null) continue;
      marks.set(position.symbol, mark);
      if (mark === position.lastPrice) continue;
      await transaction.positions.upsert({
        ...position,
        lastPrice: mark,
        lastPriceAtMs: step.atMs,
      });
    }
    const valued = valueAccount(transaction.account.get().cash, positions, marks);
    if (!valued.ok) return;
    const lastEquity = valued.valuation.equity;
    const peakEquity = maxUsd(day.peakEquity, lastEquity);
    if (lastEquity !== day.lastEquity) {
      await transaction.tradingDays.put({ ...day, lastEquity, peakEquity });
    }
  });
}
