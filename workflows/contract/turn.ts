import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { TurnState } from '../../domain/turn/turn.js';

export const TURN_WORKFLOW = 'turn';

/** Everything a turn's driver starts with. The books hold the plan and how far it got. */
export interface TurnInput {
  readonly account: string;
  readonly turnId: string;
  readonly symbol: string;
  readonly strategy: string;
  /** `TURN SPY long to short`: what a person reads first. */
  readonly summary: string;
}

/** What the driver is told of its turn. */
export interface TurnView {
  readonly turnId: string;
  readonly state: TurnState;
  readonly version: number;
  /** Nothing is left to do. */
  readonly isOver: boolean;
  /** `SPY long to short: closing`, and what it waits for or why it ended, for people. */
  readonly summary: string;
  /** The position is without its protection, and has been for too long, or the turn left it so. */
  readonly needsAttention: boolean;
  /** Wall time after which the books are looked at again, told or not. */
  readonly lookAgainMs: number;
}

/** From the outbox, after an order of the turn's symbol has ended. */
export const turnChanged = defineSignal('turnChanged');
export const turnView = defineQuery<TurnView | null>('view');
