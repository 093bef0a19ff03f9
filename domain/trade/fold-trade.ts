import type { PositionChange, PositionFill } from '../position/index.js';
import {
  addQuantity,
  addUsd,
  epochMs,
  notionalRounded,
  type Price,
  proportionRounded,
  type Quantity,
  subtractUsd,
  type Usd,
  ZERO_QUANTITY,
  ZERO_USD,
} from '../values/index.js';
import type { Trade, TradeInProgress } from './trade.js';

/** A fill as far as trades care. */
export interface TradeFill extends PositionFill {
  readonly fillId: string;
  readonly strategy: string;
  readonly fee: Usd;
  /** The price that its order was decided at. Null: none was known. */
  readonly decisionPrice: Price | null;
}

/** The round trips of a symbol after one more fill. */
export interface TradeChange {
  /** The trade that this fill closed. */
  readonly closed: Trade | null;
  /** The trade that is open now. */
  readonly inProgress: TradeInProgress | null;
}

/**
 * Carries the open round trip of a symbol through a fill, given what `applyFill` made of that fill.
 * Flat or a flip closes it; the rest of a flip opens the next, and its fee and slippage are shared
 * by quantity, so that the trades' sums equal the fills' to the micro-dollar. A fill that reduces a
 * holding without a known round trip (an opening balance, an adjustment) makes no trade.
 */
export function foldTrade(
  inProgress: TradeInProgress | null,
  fill: TradeFill,
  change: PositionChange,
): TradeChange {
  const shares = shareOut(fill, change);
  const isOver = change.closedQuantity > 0 && sideChanged(change);
  const reduced =
    inProgress !== null && shares.closing !== null
      ? withExit(inProgress, fill, { ...shares.closing, realized: change.realized })
      : inProgress;
  const remaining = isOver ? null : reduced;
  return {
    closed: isOver && reduced !== null ? close(reduced, fill) : null,
    inProgress: shares.opening === null ? remaining : withEntry(remaining, fill, shares.opening),
  };
}

/** The part of a fill that closes or opens. */
interface Share {
  readonly quantity: Quantity;
  readonly notional: Usd;
  readonly fee: Usd;
  readonly slippage: Usd;
}

function sideChanged(change: PositionChange): boolean {
  return change.position.side === 'flat' || change.openedQuantity > 0;
}

function shareOut(
  fill: TradeFill,
  change: PositionChange,
): { readonly closing: Share | null; readonly opening: Share | null } {
  const slippage = slippageOf(fill);
  const closing: Share = {
    quantity: change.closedQuantity,
    notional: change.closedNotional,
    fee: proportionRounded(fill.fee, change.closedQuantity, fill.quantity),
    slippage: proportionRounded(slippage, change.closedQuantity, fill.quantity),
  };
  const opening: Share = {
    quantity: change.openedQuantity,
    notional: change.openedNotional,
    fee: subtractUsd(fill.fee, closing.fee),
    slippage: subtractUsd(slippage, closing.slippage),
  };
  return {
    closing: closing.quantity > 0 ? closing : null,
    opening: opening.quantity > 0 ? opening : null,
  };
}

/** How much worse than its decision price a fill was, in money; negative when it was better. */
export function slippageOf(
  fill: Pick<TradeFill, 'side' | 'quantity' | 'notional' | 'decisionPrice'>,
): Usd {
  if (fill.decisionPrice === null) return ZERO_USD;
  const decided = notionalRounded(fill.decisionPrice, fill.quantity);
  return fill.side === 'buy'
    ? subtractUsd(fill.notional, decided)
    : subtractUsd(decided, fill.notional);
}

function withEntry(trade: TradeInProgress | null, fill: TradeFill, share: Share): TradeInProgress {
  const before = trade ?? begin(fill);
  return {
    ...before,
    entryQuantity: addQuantity(before.entryQuantity, share.quantity),
    entryNotional: addUsd(before.entryNotional, share.notional),
    fees: addUsd(before.fees, share.fee),
    slippage: addUsd(before.slippage, share.slippage),
    entryFillIds: [...before.entryFillIds, fill.fillId],
  };
}

function withExit(
  trade: TradeInProgress,
  fill: TradeFill,
  share: Share & { readonly realized: Usd },
): TradeInProgress {
  return {
    ...trade,
    exitQuantity: addQuantity(trade.exitQuantity, share.quantity),
    exitNotional: addUsd(trade.exitNotional, share.notional),
    realizedPnl: addUsd(trade.realizedPnl, share.realized),
    fees: addUsd(trade.fees, share.fee),
    slippage: addUsd(trade.slippage, share.slippage),
    exitFillIds: [...trade.exitFillIds, fill.fillId],
  };
}

/** Fills can arrive out of order: a trade never closes before it opened. */
function close(trade: TradeInProgress, fill: TradeFill): Trade {
  return { ...trade, closedAtMs: epochMs(Math.max(trade.openedAtMs, fill.atMs)) };
}

function begin(fill: TradeFill): TradeInProgress {
  return {
    tradeId: fill.fillId,
    symbol: fill.symbol,
    strategy: fill.strategy,
    side: fill.side === 'buy' ? 'long' : 'short',
    entryQuantity: ZERO_QUANTITY,
    entryNotional: ZERO_USD,
    exitQuantity: ZERO_QUANTITY,
    exitNotional: ZERO_USD,
    realizedPnl: ZERO_USD,
    fees: ZERO_USD,
    slippage: ZERO_USD,
    entryFillIds: [],
    exitFillIds: [],
    openedAtMs: fill.atMs,
    closedAtMs: null,
  };
}
