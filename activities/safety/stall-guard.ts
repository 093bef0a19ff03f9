import { type ClockReading, judgeGap, type StallKind } from '../../domain/safety/stall.js';
import { type EpochMs, epochMs } from '../../domain/values/index.js';
import type { MarketClock, WallClock } from '../world.js';

/** A stall that the process has found and not recovered from. */
export interface Stall {
  readonly kind: StallKind;
  readonly gapMs: number;
  /** Market time at which it was found: what was decided up to then is void. */
  readonly foundAtMs: EpochMs;
  readonly number: number;
}

/**
 * Watches that the process lives: asked at a steady beat, and once more in the tick of each send,
 * since the first thing that runs after a stall may be the send itself.
 */
export interface StallGuard {
  /** Why nothing may be sent now. Null: the process has lived without a gap. Synchronous. */
  objection(): string | null;
  /** Decisions up to this market instant were made before a stall: none of them is sent. */
  voidThroughMs(): EpochMs;
  /** The beat: the stall that is not recovered from, if there is one. */
  beat(): Stall | null;
  /** What `stall` may have hidden is in the books. A later stall stays. */
  recovered(stall: Stall): void;
}

export interface StallGuardOptions {
  readonly wallClock: Pick<WallClock, 'nowMs' | 'monotonicMs'>;
  readonly marketClock: Pick<MarketClock, 'nowMs'>;
  readonly everyMs: number;
  readonly gapMsMax: number;
}

export function createStallGuard(options: StallGuardOptions): StallGuard {
  const { wallClock, marketClock } = options;
  const read = (): ClockReading => ({
    wallMs: wallClock.nowMs(),
    monotonicMs: wallClock.monotonicMs(),
  });
  let last = read();
  let open: Stall | null = null;
  let found = 0;
  let voidThroughMs = epochMs(0);
  const look = (): void => {
    const now = read();
    const gap = judgeGap(last, now, options);
    if (gap === null) return;
    last = now;
    found += 1;
    voidThroughMs = epochMs(Math.max(voidThroughMs, marketClock.nowMs()));
    open = { ...gap, foundAtMs: voidThroughMs, number: found };
  };
  return {
    objection: () => {
      look();
      return open === null ? null : describeStall(open);
    },
    voidThroughMs: () => {
      look();
      return voidThroughMs;
    },
    beat: () => {
      look();
      last = read();
      return open;
    },
    recovered: (stall) => {
      if (open?.number === stall.number) open = null;
    },
  };
}

const WORDS: Readonly<Record<StallKind, string>> = {
  stood_still: 'the process stood still',
  slept: 'wall time ran ahead of the process',
  clock_stepped_back: 'the wall clock was put back',
};

export function describeStall({ kind, gapMs }: Stall): string {
  return `${WORDS[kind]} for ${(gapMs / 1_000).toFixed(1)} s: the books are repaired first`;
}
