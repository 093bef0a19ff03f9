import type { EpochMs } from '../../domain/values/index.js';

export type ClockMode = 'lockstep' | 'free';

/** What a client may ask of market time. */
export type ClockAction =
  /** The client is done with the step of this instant. */
  | { readonly action: 'done'; readonly throughMs: EpochMs }
  /** On to the next step now, whoever is not done. */
  | { readonly action: 'step' }
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
