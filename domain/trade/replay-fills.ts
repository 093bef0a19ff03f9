import { applyFill, flatPosition, type Position } from '../position/index.js';
import type { EpochMs } from '../values/index.js';
import { foldTrade, type TradeFill } from './fold-trade.js';
import type { Trade, TradeInProgress } from './trade.js';

/** What fills of one symbol add up to. */
export interface Replay {
  readonly position: Position;
  /** Closed round trips, in the order in which they closed. */
  readonly closed: readonly Trade[];
  readonly inProgress: TradeInProgress | null;
}

/**
 * The position and the round trips of a symbol from all of its fills, by the very steps that booked
 * them one by one: what is left after a fill was taken back is what would be there without it.
 */
export function replayFills(
  symbol: string,
  fills: readonly TradeFill[],
  beganAtMs: EpochMs,
): Replay {
  const closed: Trade[] = [];
  let position = flatPosition(symbol, beganAtMs);
  let inProgress: TradeInProgress | null = null;
  for (const fill of fills) {
    const change = applyFill(position, fill);
    const trades = foldTrade(inProgress, fill, change);
    position = change.position;
    if (trades.closed !== null) closed.push(trades.closed);
    ({ inProgress } = trades);
  }
  return { position, closed, inProgress };
}
