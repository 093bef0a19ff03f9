import { type EpochMs, epochMs } from '../../domain/values/index.js';
import { type ClockAction, type MarketClock, stepThrough } from './market-clock.js';
import type { TradingSteps } from './trading-step.js';
import { STEP_MS, type StepOutcome } from './trading-step.js';

/**
 * How long a client takes to see a bar and send an order, in market time: the same on a slow
 * machine.
 */
const LATENCY_MS = 50;

export interface ClockInput {
  readonly steps: TradingSteps;
  readonly speed: number | null;
  /** The latest market instant that anything was stamped with. */
  readonly lastStampedMs: () => EpochMs;
  /** Moves the market to its next step. */
  readonly advance: () => StepOutcome;
}

/**
 * Market time that stands still until the client is done with a step. Within a step each change is
 * stamped one millisecond after the one before, so the speed of the machine decides nothing.
 */
export class LockstepClock implements MarketClock {
  readonly mode = 'lockstep';
  isPaused = false;
  speed: number | null;
  private steppedAtWallMs = performance.now();
  private pending: { readonly settled: Promise<void>; readonly settle: () => void } | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly input: ClockInput) {
    this.speed = input.speed;
  }

  nowMs(): EpochMs {
    const earliest = this.input.steps.current.atMs + LATENCY_MS;
    return epochMs(Math.max(earliest, this.input.lastStampedMs()));
  }

  stampMs(): EpochMs {
    const stepAtMs = this.input.steps.current.atMs;
    const next = Math.max(stepAtMs + LATENCY_MS, this.input.lastStampedMs() + 1);
    return epochMs(Math.min(next, stepAtMs + STEP_MS - 1));
  }

  async control(action: ClockAction, patienceMs: number): Promise<void> {
    if (action.action === 'done') {
      if (action.throughMs === this.input.steps.current.atMs) await this.done(patienceMs);
      return;
    }
    stepThrough(action, () => this.advance());
    if (action.action === 'pause') this.isPaused = true;
    if (action.action === 'resume') this.isPaused = false;
    if (action.action === 'speed') this.speed = action.speed;
    this.schedule();
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.pending?.settle();
  }

  private async done(patienceMs: number): Promise<void> {
    this.pending ??= makePending();
    const { settled } = this.pending;
    this.schedule();
    let patience: NodeJS.Timeout | undefined;
    const outOfPatience = new Promise<void>((resolve) => {
      patience = setTimeout(resolve, patienceMs);
    });
    await Promise.race([settled, outOfPatience]);
    clearTimeout(patience);
  }

  /** Advances when somebody is done and the pace allows it; looks again when it will. */
  private schedule(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.pending === null || this.isPaused) return;
    const waitMs = this.speed === null ? 0 : STEP_MS / this.speed;
    const leftMs = this.steppedAtWallMs + waitMs - performance.now();
    if (leftMs <= 0) this.advance();
    else this.timer = setTimeout(() => this.schedule(), leftMs);
  }

  private advance(): StepOutcome {
    const outcome = this.input.advance();
    this.steppedAtWallMs = performance.now();
    this.pending?.settle();
    this.pending = null;
    return outcome;
  }
}

function makePending(): { readonly settled: Promise<void>; readonly settle: () => void } {
  let settle = () => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { settled, settle };
}
