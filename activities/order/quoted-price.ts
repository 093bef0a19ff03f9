import type { OrderIntent } from '../../domain/order/index.js';
import type { Price } from '../../domain/values/index.js';
import type { World } from '../world.js';

/**
 * The far side of a quote that is fresh in market time; asks the broker when the board has none.
 */
export async function quotedPrice(world: World, intent: OrderIntent): Promise<Price | null> {
  const onBoard = freshFarSide(world, intent);
  if (onBoard !== null) return onBoard;
  const quotes = await world.marketData.latestQuotes([intent.symbol]);
  for (const quote of quotes.values()) world.quotes.put(quote);
  return freshFarSide(world, intent);
}

function freshFarSide(world: World, { symbol, side }: OrderIntent): Price | null {
  const quote = world.quotes.quote(symbol);
  if (quote === null) return null;
  const ageMs = world.marketClock.nowMs() - quote.atMs;
  if (ageMs > world.settings.quoteAgeMsMax) return null;
  return side === 'buy' ? quote.askPrice : quote.bidPrice;
}
