/** Both clocks at one instant, in milliseconds. */
export interface ClockReading {
  readonly wallMs: number;
  /** Never steps; on most systems it stands still while the machine sleeps. */
  readonly monotonicMs: number;
}

/** Why a process cannot be sure that what it knows and has decided is of now. */
export type StallKind =
  /** The event loop, the process or the whole machine stood still, and time went on. */
  | 'stood_still'
  /** Wall time went further than the process lived: the machine slept, or the clock was put on. */
  | 'slept'
  /** Wall time went back against the process's own. */
  | 'clock_stepped_back';

export interface StallLimits {
  /** How far apart two looks are meant to be. */
  readonly everyMs: number;
  /** More than this is a stall. */
  readonly gapMsMax: number;
}

/** What happened between two looks at the clocks, and how long. Null: nothing that matters. */
export function judgeGap(
  before: ClockReading,
  now: ClockReading,
  { everyMs, gapMsMax }: StallLimits,
): { readonly kind: StallKind; readonly gapMs: number } | null {
  const livedMs = now.monotonicMs - before.monotonicMs;
  const lateMs = livedMs - everyMs;
  if (lateMs > gapMsMax) return { kind: 'stood_still', gapMs: Math.round(lateMs) };
  const steppedMs = now.wallMs - before.wallMs - livedMs;
  if (steppedMs > gapMsMax) return { kind: 'slept', gapMs: Math.round(steppedMs) };
  if (-steppedMs > gapMsMax) {
    return { kind: 'clock_stepped_back', gapMs: Math.round(-steppedMs) };
  }
  return null;
}
