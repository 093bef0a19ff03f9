import type { EpochMs } from '../../domain/values/index.js';
import type { StepOutcome } from './trading-step.js';

export type ClockMode = 'lockstep' | 'free';

/** What a client may ask of market time. */
export type ClockAction =
  /** The client is done with the step of this instant. */
  | { readonly action: 'done'; readonly throughMs: EpochMs }
  /** On to the next step now, whoever is not done; or step by step to an instant. */
  | { readonly action: 'step'; readonly toMs: EpochMs | null }
  /** Step by step to the first that changes an order or the session. */
  | { readonly action: 'next_event' }
  | { readonly action: 'pause' }
  | { readonly action: 'resume' }
  /** Market seconds a wall second; null = lockstep without waiting, or real time. */
  | { readonly action: 'speed'; readonly speed: number | null };

/** Market time of a running exchange. */
export interface MarketClock {
  readonly mode: ClockMode;
  readonly speed: number | null;
  readonly isPaused: boolean;
  /** The market instant at which a read is answered. Moves the market on when it is due. */
  nowMs(): EpochMs;
  /** The market instant of something that changes the account; never before an earlier one. */
  stampMs(): EpochMs;
  /**
   * Resolves when the action has taken effect, or after `patienceMs` of wall time if it has not by
   * then.
   */
  control(action: ClockAction, patienceMs: number): Promise<void>;
  close(): void;
}

/** A client that asks for more is answered with the step that was reached, and asks again. */
const STEPS_AT_ONCE_MAX = 20_000;

/**
 * Does the stepping of an action; says whether it was one that steps. The end of the run ends it.
 */
export function stepThrough(action: ClockAction, advance: () => StepOutcome): boolean {
  if (action.action !== 'step' && action.action !== 'next_event') return false;
  for (let count = 0; count < STEPS_AT_ONCE_MAX; count += 1) {
    const { step, orderEvents, isPhaseNew } = advance();
    const isReached =
      action.action === 'step'
        ? action.toMs === null || step.atMs >= action.toMs
        : orderEvents.length > 0 || isPhaseNew;
    if (isReached || step.phase === 'ended') break;
  }
  return true;
}
