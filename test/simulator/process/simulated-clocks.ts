import { steadyWallClock } from '../../../activities/safety/steady-wall-clock.js';
import type { MarketClock, WallClock } from '../../../activities/world.js';
import { type EpochMs, epochMs } from '../../../domain/values/index.js';
import type { SimulatedExchange } from '../exchange/simulated-exchange.js';
import type { VirtualTime } from '../time/virtual-time.js';
import { never, type ProcessLife } from './process-life.js';

/** What a process calls a stall. */
export const STALL_MS_MAX = 10_000;
/** Far from market time: whoever compares the two is found out. */
const WALL_START_MS = Date.UTC(2026, 0, 5, 9);

/** The machine's wall clock: it may be stepped. */
export class MachineClock {
  readonly #time: VirtualTime;
  #steppedMs = 0;
  #latestMs = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  get wallMs(): number {
    return WALL_START_MS + Math.floor(this.#time.nowMs) + this.#steppedMs;
  }

  step(byMs: number): void {
    this.#steppedMs += byMs;
  }

  /** The latest that this clock, or one of a process that runs steadily by it, has shown. */
  get latestMs(): number {
    this.#latestMs = Math.max(this.#latestMs, this.wallMs);
    return this.#latestMs;
  }

  /** What a process of the machine reads from its own clock. */
  shown(atMs: EpochMs): EpochMs {
    this.#latestMs = Math.max(this.#latestMs, atMs);
    return atMs;
  }
}

export function wallClockOf(
  machine: MachineClock,
  time: VirtualTime,
  life: ProcessLife,
): WallClock {
  const bornAtMs = time.nowMs;
  const clock: WallClock = {
    nowMs: () => epochMs(machine.wallMs),
    monotonicMs: () => time.nowMs - bornAtMs,
    sleep: (ms, signal) => {
      if (!life.isAlive) return never();
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          timer.cancel();
          reject(new Error('aborted'));
        };
        const timer = time.after(ms, { owner: life, label: '' }, () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        });
        signal?.addEventListener('abort', stop, { once: true });
      });
    },
  };
  const steady = steadyWallClock(clock, STALL_MS_MAX);
  return { ...steady, nowMs: () => machine.shown(steady.nowMs()) };
}

/** The broker's time; what it last said is never ahead of it. */
export function marketClockOf(exchange: SimulatedExchange): MarketClock {
  return { nowMs: () => exchange.nowMs, observe: () => undefined };
}
