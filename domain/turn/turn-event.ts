import type { ClientOrderId } from '../order/index.js';
import type { EpochMs } from '../values/index.js';
import type { TurnOrder, TurnReason } from './turn.js';

/** What can happen to a turn. Each is decided from the books by `nextTurnStep`. */
export type TurnEvent =
  /** Orders were found in the way. They are canceled after this is in the books. */
  | {
      readonly kind: 'cancel_began';
      readonly removed: readonly ClientOrderId[];
      /** Null: none of them protects. */
      readonly bareSinceWallMs: EpochMs | null;
    }
  /** The position is without its protection for longer than it may be; a person is told. */
  | { readonly kind: 'gap_told'; readonly atWallMs: EpochMs }
  /** Nothing is in the way any more, and something is left to close. */
  | {
      readonly kind: 'exit_began';
      readonly attempt: number;
      readonly exit: TurnOrder;
      readonly atWallMs: EpochMs;
    }
  /** The position is flat. */
  | { readonly kind: 'entry_began' }
  /** It cannot be closed, and what protected it is put back. */
  | {
      readonly kind: 'cover_began';
      readonly covers: readonly TurnOrder[];
      readonly reason: TurnReason;
    }
  | { readonly kind: 'entry_filled' }
  /** The old side is gone, and the other will not be opened by this turn. */
  | { readonly kind: 'entry_dropped'; readonly reason: TurnReason }
  /** The old side stays, protected as it was. */
  | { readonly kind: 'position_kept'; readonly reason: TurnReason }
  /** The old side stays, and its protection could not be put back. */
  | { readonly kind: 'left_bare'; readonly reason: TurnReason };

export const TURN_EVENTS = [
  'cancel_began',
  'gap_told',
  'exit_began',
  'entry_began',
  'cover_began',
  'entry_filled',
  'entry_dropped',
  'position_kept',
  'left_bare',
] as const satisfies readonly TurnEvent['kind'][];

export type TurnEventKind = TurnEvent['kind'];
