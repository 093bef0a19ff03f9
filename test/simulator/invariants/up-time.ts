export interface UpTimeParts {
  /** By a clock that is never set. */
  readonly nowMs: () => number;
  /** Whether there is a process that has started in order. */
  readonly isUp: () => boolean;
}

/** Longer than this no process that is up writes nothing at all. */
const SILENCE_MS_MAX = 60_000;

/** How long there has been a process, counted at each look; the first after a start counts none. */
export class UpTime {
  readonly #parts: UpTimeParts;
  #upMs = 0;
  #lookedAtMs = 0;

  constructor(parts: UpTimeParts) {
    this.#parts = parts;
  }

  get ms(): number {
    return this.#upMs;
  }

  look(): void {
    const { nowMs, isUp } = this.#parts;
    const passedMs = nowMs() - this.#lookedAtMs;
    this.#lookedAtMs = nowMs();
    if (isUp()) this.#upMs += Math.min(passedMs, SILENCE_MS_MAX);
  }
}
