import type { ClientOrderId, OrderIntent } from '../order/index.js';
import type { EpochMs, Quantity } from '../values/index.js';

/** Every state of a turn, in the order of a life. */
export const TURN_STATES = [
  'planned',
  'canceling',
  'closing',
  'covering',
  'opening',
  'turned',
  'closed_only',
  'kept',
  'uncovered',
] as const;

export type TurnState = (typeof TURN_STATES)[number];

/** States of turns that still have something to do. */
export const OPEN_TURN_STATES = [
  'planned',
  'canceling',
  'closing',
  'covering',
  'opening',
] as const satisfies readonly TurnState[];

/**
 * States in which the old position is on its way out: its strategy has nothing to say about the
 * symbol.
 */
export const TURNING_STATES: readonly TurnState[] = ['planned', 'canceling', 'closing', 'covering'];

/** What a turn is to do. Fixed for ever once it is in the books. */
export interface TurnPlan {
  /** Derived from the decision like a client order id; the orders' correlation id. */
  readonly turnId: ClientOrderId;
  /** The leg of the signal, from which the legs of the orders are made. */
  readonly leg: string;
  /** The side that is closed. */
  readonly fromSide: 'long' | 'short';
  /** The order that opens the other side, complete with its id, its size and its validity. */
  readonly entry: OrderIntent;
}

/** What a turn took out of the way of its exit. */
export interface Removal {
  /** Orders that it asked to cancel, whatever became of them. */
  readonly removed: readonly ClientOrderId[];
  /** Wall time since which the position is without the protection. Null: it had none. */
  readonly bareSinceWallMs: EpochMs | null;
  /** Wall time at which a person was told that this takes too long. */
  readonly alertedAtWallMs: EpochMs | null;
}

/** An order that a turn asked for. */
export interface TurnOrder {
  readonly clientOrderId: ClientOrderId;
  readonly quantity: Quantity;
}

/** Why a turn ended short of its aim. */
export interface TurnReason {
  /** Stable: a code of its own, or that of the order that was denied or refused. */
  readonly code: string;
  readonly message: string;
}

/** What a state knows. Each state has exactly the fields it can have. */
export type TurnProgress =
  /** In the books; nothing was touched. */
  | { readonly state: 'planned' }
  /** Orders in the way are being canceled. */
  | ({ readonly state: 'canceling' } & Removal)
  /** The exit is asked for, or works. */
  | ({
      readonly state: 'closing';
      /** From 1: how often an exit was asked for. */
      readonly attempt: number;
      readonly exit: TurnOrder;
      readonly exitBeganAtWallMs: EpochMs;
    } & Removal)
  /** The position could not be closed; its protection is put back. */
  | ({
      readonly state: 'covering';
      readonly covers: readonly TurnOrder[];
      readonly reason: TurnReason;
    } & Removal)
  /** The old side is closed; the entry is asked for, or works. */
  | { readonly state: 'opening' }
  /** The other side is held. */
  | { readonly state: 'turned' }
  /** The old side is closed; the other was not opened. */
  | { readonly state: 'closed_only'; readonly reason: TurnReason }
  /** The old side is held as before, with the protection that it had. */
  | { readonly state: 'kept'; readonly reason: TurnReason }
  /** The old side is held, wholly or in part, without the protection that it had. */
  | {
      readonly state: 'uncovered';
      readonly reason: TurnReason;
      readonly bareSinceWallMs: EpochMs;
    };

/** One state that a turn has been in. */
export interface TurnMilestone {
  readonly state: TurnState;
  /** Market time. */
  readonly atMs: EpochMs;
}

/** A plan that takes a position through zero, and how far it got. */
export interface Turn {
  readonly plan: TurnPlan;
  /** Rises by one with each change. */
  readonly version: number;
  readonly progress: TurnProgress;
  /** Every state so far, oldest first; one entry for each time it was entered. */
  readonly history: readonly TurnMilestone[];
  readonly createdAtMs: EpochMs;
  readonly updatedAtMs: EpochMs;
}

/** Whether nothing is left to do. */
export function isTurnOver({ progress }: Turn): boolean {
  return !(OPEN_TURN_STATES as readonly TurnState[]).includes(progress.state);
}

/** What a turn has taken out of the way and not yet made up for; null where it has not. */
export function removalOf({ progress }: Turn): Removal | null {
  return 'removed' in progress ? progress : null;
}

/** Wall time since which the position is without its protection; null: it is not. */
export function bareSinceOf({ progress }: Turn): EpochMs | null {
  return 'bareSinceWallMs' in progress ? progress.bareSinceWallMs : null;
}

/** Why it ended short of its aim, or puts protection back; null where there is nothing to say. */
export function turnReasonOf({ progress }: Turn): TurnReason | null {
  return 'reason' in progress ? progress.reason : null;
}
