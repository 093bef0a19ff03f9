const WINDOW_MS = 60_000;

export interface RateLimitState {
  readonly limit: number;
  readonly remaining: number;
  /** Wall clock: unix seconds at which the window ends. */
  readonly resetUnixSeconds: number;
  readonly isExceeded: boolean;
}

/** Requests a minute of wall time, in fixed windows, as the broker counts them. */
export class RateLimit {
  private windowStartMs = 0;
  private count = 0;

  constructor(private readonly perMinute: number) {}

  /** Counts a request that came in at a wall-clock instant. */
  note(atWallMs: number): RateLimitState {
    const windowStartMs = Math.floor(atWallMs / WINDOW_MS) * WINDOW_MS;
    if (windowStartMs !== this.windowStartMs) this.count = 0;
    this.windowStartMs = windowStartMs;
    this.count += 1;
    return {
      limit: this.perMinute,
      remaining: Math.max(0, this.perMinute - this.count),
      resetUnixSeconds: (windowStartMs + WINDOW_MS) / 1_000,
      isExceeded: this.count > this.perMinute,
    };
  }
}
