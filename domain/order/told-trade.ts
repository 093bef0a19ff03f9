import { type EpochMs, type Price, type Quantity, quantity } from '../values/index.js';
import type { Piece } from './planned-fill.js';

/** What one frame of the broker has told of a trade. */
export interface ToldTrade {
  readonly executionId: string | null;
  /** The trade that a bust takes back, or that a correction replaces, where it is named. */
  readonly previousExecutionId: string | null;
  readonly price: Price;
  /** Of this trade alone. */
  readonly quantity: Quantity;
  /** What the whole order had filled behind it. */
  readonly cumulative: Quantity;
  readonly atMs: EpochMs;
}

/** Such a frame, and what has happened to the trade. */
export interface ToldFrame extends ToldTrade {
  readonly kind: 'execution' | 'bust' | 'correct';
}

/** A trade, where a frame has told it. */
export interface HeardTrade extends Piece {
  readonly executionId: string | null;
  readonly atMs: EpochMs;
}

/**
 * The trades that frames have told, in the order in which they were heard, by the names that frames
 * give them: those that stand, and those that another frame has taken back or corrected. A frame
 * that was heard twice counts once; one that names nothing changes nothing.
 */
export function heardTrades(heard: readonly ToldFrame[]): {
  readonly standing: readonly HeardTrade[];
  readonly gone: readonly HeardTrade[];
} {
  const changed = new Set(
    heard.flatMap(({ kind, previousExecutionId }) =>
      kind === 'execution' ? [] : (previousExecutionId ?? []),
    ),
  );
  const [standing, gone] = [new Map<string, HeardTrade>(), new Map<string, HeardTrade>()];
  for (const frame of heard) {
    if (frame.kind === 'bust') continue;
    const name = frame.executionId ?? `${frame.atMs}/${frame.cumulative}`;
    (changed.has(name) ? gone : standing).set(name, tradeOf(frame));
  }
  return { standing: [...standing.values()], gone: [...gone.values()] };
}

function tradeOf(frame: ToldFrame): HeardTrade {
  const { price, executionId, atMs } = frame;
  // Behind a correction the order may have filled less than the trade that was corrected.
  const cumulativeBefore = quantity(Math.max(0, frame.cumulative - frame.quantity));
  const cumulativeAfter = quantity(cumulativeBefore + frame.quantity);
  return { cumulativeBefore, cumulativeAfter, price, executionId, atMs };
}
