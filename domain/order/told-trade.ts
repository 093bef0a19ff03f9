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

/** A trade that stands by everything that frames have told, where it was told. */
export interface StandingTrade extends Piece {
  readonly executionId: string | null;
  readonly atMs: EpochMs;
}

/**
 * The trades that no frame has taken back or corrected, by the names that frames give them, in the
 * order in which they were heard. A frame that was heard twice counts once; one that names nothing
 * changes nothing.
 */
export function standingTrades(heard: readonly ToldFrame[]): readonly StandingTrade[] {
  const gone = new Set(
    heard.flatMap(({ kind, previousExecutionId }) =>
      kind === 'execution' ? [] : (previousExecutionId ?? []),
    ),
  );
  const standing = new Map<string, StandingTrade>();
  for (const frame of heard) {
    if (frame.kind === 'bust' || gone.has(frame.executionId ?? '')) continue;
    standing.set(frame.executionId ?? `${frame.atMs}/${frame.cumulative}`, standingOf(frame));
  }
  return [...standing.values()];
}

function standingOf(frame: ToldFrame): StandingTrade {
  const { price, executionId, atMs } = frame;
  // Behind a correction the order may have filled less than the trade that was corrected.
  const cumulativeBefore = quantity(Math.max(0, frame.cumulative - frame.quantity));
  const cumulativeAfter = quantity(cumulativeBefore + frame.quantity);
  return { cumulativeBefore, cumulativeAfter, price, executionId, atMs };
}
