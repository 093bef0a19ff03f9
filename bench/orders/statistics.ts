/** A set of durations in milliseconds, as a person compares them. */
export interface Summary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Summarizes durations; the percentiles are values that occurred (nearest rank). */
export function summarize(durationsMs: readonly number[]): Summary {
  const sorted = [...durationsMs].sort((left, right) => left - right);
  const at = (share: number): number =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** The middle of some figures, where one of them may be an accident. */
export function median(values: readonly number[]): number {
  return summarize(values).p50Ms;
}
