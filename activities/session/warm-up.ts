import { type Bar, previousTradingDay, tradingDay } from '../../domain/market/index.js';
import { epochMs, ZERO_QUANTITY } from '../../domain/values/index.js';
import { sessionView } from '../../strategies/session-view.js';
import type { FeedContext } from './session-context.js';

const FLAT = { side: 'flat', quantity: ZERO_QUANTITY } as const;

/**
 * Brings the strategies to where they were: the last bars before the open, as many as they need,
 * then every bar of the day up to `untilMs`. What they say meanwhile has been said before, and is
 * dropped.
 */
export async function warmUp(context: FeedContext, untilMs: number): Promise<void> {
  const { world, input, day, strategy } = context;
  const before = tradingDay(previousTradingDay(day.date).date);
  const fromMs = strategy.warmUpBars > 0 && before !== null ? before.openAtMs : day.openAtMs;
  const bars = await world.marketData.minuteBars({
    symbols: input.symbols,
    fromMs,
    untilMs: epochMs(untilMs),
  });
  for (const symbol of input.symbols) {
    const ofSymbol = bars.filter((bar) => bar.symbol === symbol);
    const earlier = before === null ? [] : ofSymbol.filter((bar) => isWithin(bar, before));
    const today = ofSymbol.filter((bar) => isWithin(bar, day));
    const history = strategy.warmUpBars > 0 ? earlier.slice(-strategy.warmUpBars) : [];
    for (const bar of [...history, ...today]) replay(context, bar);
  }
}

function isWithin(
  bar: Bar,
  day: { readonly openAtMs: number; readonly closeAtMs: number },
): boolean {
  return bar.startAtMs >= day.openAtMs && bar.endAtMs <= day.closeAtMs;
}

function replay({ strategy, states, day }: FeedContext, bar: Bar): void {
  const { state } = strategy.onBar({
    state: states.get(bar.symbol) ?? strategy.initialState,
    bar,
    position: FLAT,
    openOrders: [],
    isTurning: false,
    session: sessionView(day, bar.endAtMs),
  });
  states.set(bar.symbol, state);
}
