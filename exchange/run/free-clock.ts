import { type EpochMs, epochMs } from '../../domain/values/index.js';
import type { ClockInput } from './lockstep-clock.js';
import { type ClockAction, type MarketClock, stepThrough } from './market-clock.js';
import { STEP_MS, type StepOutcome } from './trading-step.js';

/** Market time that runs by itself, `speed` market seconds a wall second, and can be paused. */
export class FreeClock implements MarketClock {
  readonly mode = 'free';
  isPaused = false;
  speed: number;
  private baseMarketMs: number;
  private baseWallMs = performance.now();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly input: ClockInput) {
    this.speed = input.speed ?? 1;
    this.baseMarketMs = Math.max(input.steps.current.atMs, input.lastStampedMs());
    this.schedule();
  }

  nowMs(): EpochMs {
    this.catchUp();
    return epochMs(Math.max(Math.floor(this.elapsedToMs()), this.input.lastStampedMs()));
  }

  stampMs(): EpochMs {
    return this.nowMs();
  }

  async control(action: ClockAction): Promise<void> {
    this.catchUp();
    stepThrough(action, () => this.advance());
    this.rebase(Math.max(this.elapsedToMs(), this.input.steps.current.atMs));
    if (action.action === 'pause') this.isPaused = true;
    if (action.action === 'resume') this.isPaused = false;
    if (action.action === 'speed') this.speed = action.speed ?? 1;
    this.schedule();
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
  }

  /** Where the running clock stands, were nothing in its way. */
  private elapsedToMs(): number {
    if (this.isPaused || this.hasEnded()) return this.baseMarketMs;
    return this.baseMarketMs + (performance.now() - this.baseWallMs) * this.speed;
  }

  private catchUp(): void {
    while (!this.hasEnded() && this.elapsedToMs() >= this.input.steps.current.atMs + STEP_MS) {
      this.advance();
    }
  }

  /** A night passes in no time: market time then goes on from the new day's first step. */
  private advance(): StepOutcome {
    const before = this.input.steps.current;
    const outcome = this.input.advance();
    const after = this.input.steps.current;
    const isNight = after.atMs - before.atMs > STEP_MS;
    if (isNight || after.phase === 'ended') this.rebase(after.atMs);
    return outcome;
  }

  private rebase(marketMs: number): void {
    this.baseMarketMs = marketMs;
    this.baseWallMs = performance.now();
  }

  private hasEnded(): boolean {
    return this.input.steps.current.phase === 'ended';
  }

  private schedule(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.isPaused || this.hasEnded()) return;
    const leftMs = (this.input.steps.current.atMs + STEP_MS - this.elapsedToMs()) / this.speed;
    this.timer = setTimeout(
      () => {
        this.catchUp();
        this.schedule();
      },
      Math.max(0, leftMs),
    );
  }
}
